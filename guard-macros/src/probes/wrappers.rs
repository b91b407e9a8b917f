//! Receivers that lead to a blocking type through another crate's wrapper: a guard of parking_lot's, `once_cell`'s `Lazy`.
//!
//! guard-runtime knows std's wrappers alone. For those of other crates the expansion of a function brings one local tag
//! around any other, and impls for it, once; the rows stay as they are.

use super::body::Probes;
use super::tags::visible_crate;
use crate::catalog::{WRAPPERS, Wrapper};
use crate::rows::{absolute, parse, unnamed_lifetimes};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use std::sync::OnceLock;
use syn::{Block, Item, Stmt};

impl Probes<'_> {
    /// The tag that looks through wrappers; none where no crate has any.
    pub(super) fn via(&self, tag: &TokenStream, span: Span) -> Option<TokenStream> {
        static NONE: OnceLock<bool> = OnceLock::new();
        if *NONE.get_or_init(|| wrappers().next().is_none()) {
            return None;
        }
        self.looks_through.set(true);
        let name = Ident::new("NoBlockVia", span);
        Some(quote_spanned!(span=> #name(::core::marker::PhantomData::<#tag>)))
    }

    /// Puts the local tag at the beginning of a body that uses it.
    ///
    /// ```text
    /// struct NoBlockVia<T>(PhantomData<T>);
    /// const _: () = { use stub::parking_lot::*; const _: () = { use ::parking_lot::*;
    ///     impl<R: ?Sized, T> Receiver<NoBlockVia<T>> for MutexGuard<'_, R> where R: Receiver<T> { .. }
    /// }; };
    /// ```
    pub(crate) fn bring_via(&self, body: &mut Block, span: Span) {
        if !self.looks_through.take() {
            return;
        }
        let name = Ident::new("NoBlockVia", span);
        let impls = wrappers().map(|(own, wrapper)| self.impl_through(&own, wrapper, &name, span));
        let items = quote_spanned!(span=>
            struct #name<T>(::core::marker::PhantomData<T>);
            #(#impls)*
        );
        body.stmts.insert(0, Stmt::Item(Item::Verbatim(items)));
    }

    fn impl_through(&self, own: &TokenStream, wrapper: &Wrapper, name: &Ident, span: Span) -> TokenStream {
        let private = self.private;
        let (mut generics, ty) = unnamed_lifetimes(&absolute(wrapper.generics), wrapper.ty);
        generics.params.push(syn::parse_quote!(NoBlockT));
        let (ty, inner) = (parse(&ty), parse(wrapper.inner));
        // As with rows: where the crate lacks the type, the stub's stands in.
        let stub = Ident::new(wrapper.krate, Span::call_site());
        let imports = [quote!(use #private::blocking::stub::#stub::*;), quote!(use #own::*;)];
        let [stub, own] = imports;
        quote_spanned!(span=> const _: () = { #stub const _: () = { #own
            impl #generics #private::Receiver<#name<NoBlockT>> for #ty
            where
                #inner: #private::Receiver<NoBlockT>,
            {
                type Row = <#inner as #private::Receiver<NoBlockT>>::Row;
            }
        }; };)
    }
}

/// The wrappers of crates that are there, with the crate's path.
fn wrappers() -> impl Iterator<Item = (TokenStream, &'static Wrapper)> {
    WRAPPERS.iter().filter_map(|wrapper| Some((visible_crate(wrapper.krate)?, wrapper)))
}
