//! The function below `main` or `test`: read as far as it parses, checked, and put on the runtime.

use super::options::{Args, Entry};
use crate::attribute::{other_item, return_type};
use crate::project::{site, track};
use crate::tokens::respan;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Signature, Token, Visibility, braced};

/// The annotated function. Its body stays as it is, also where it does not parse yet.
pub(super) struct Function {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: TokenStream,
    braces: Span,
}

impl Function {
    pub(super) fn read(input: ParseStream<'_>) -> syn::Result<Function> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if let Some((span, what)) = not_a_function(input) {
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(
                span,
                format!("this attribute belongs on an `async fn`, and this is {what}"),
            ));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let message = "this attribute belongs on an `async fn` with a body";
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(sig.ident.span(), message));
        }
        let content;
        let braces = braced!(content in input).span.join();
        for mut attr in content.call(Attribute::parse_inner)? {
            attr.style = syn::AttrStyle::Outer;
            attrs.push(attr);
        }
        Ok(Function { attrs, vis, sig, body: content.parse()?, braces })
    }

    /// Whether it is one that can be made into what the attribute promises.
    pub(super) fn check(self, entry: Entry) -> syn::Result<Function> {
        let (attribute, name) = (entry.attribute(), self.sig.ident.unraw());
        if self.sig.asyncness.is_none() {
            let message = format!("`{attribute}` belongs on an `async fn`, and `{name}` is a sync fn");
            return Err(syn::Error::new(self.sig.fn_token.span, message));
        }
        if let Some(second) = self.attrs.iter().find(|attr| entry == Entry::Test && is_test(attr)) {
            let message = format!("`{attribute}` makes a test by itself: leave this attribute out");
            return Err(syn::Error::new_spanned(second, message));
        }
        Ok(self)
    }

    /// Whether somebody will call it as it is.
    pub(super) fn check_call(&self, entry: Entry) -> syn::Result<()> {
        let name = self.sig.ident.unraw();
        match self.sig.inputs.first() {
            Some(input) if entry == Entry::Test || name == "main" => {
                let message = format!("`{name}` takes parameters, and nothing calls it with any");
                Err(syn::Error::new_spanned(input, message))
            }
            _ => Ok(()),
        }
    }

    /// ```text
    /// Input:  #[guard_runtime::main] async fn main() -> R { body }
    /// Output: fn main() -> R {
    ///             let body = async { if false { return __private::fake::<R>(); } body };
    ///             let runtime = Builder::new_multi_thread().enable_all().build().expect(..);
    ///             #[cfg(debug_assertions)]
    ///             return __private::block_on_to_end(runtime, body, SITE);
    ///             #[cfg(not(debug_assertions))]
    ///             return runtime.block_on(body);
    ///         }
    /// ```
    pub(super) fn expand(mut self, entry: Entry, args: &Args, private: &TokenStream) -> TokenStream {
        self.sig.asyncness = None;
        let span = self.sig.ident.span();
        let is_end = entry == Entry::Test || self.sig.ident == "main";
        let run = Ident::new(if is_end { "block_on_to_end" } else { "block_on" }, span);
        let private = &respan(private.clone(), span);
        let project = args.project;
        let (site, track) = (site(project, private, span, false), track(project, span));
        let builder = args.builder(entry, private, span);
        let test = (entry == Entry::Test).then(|| quote_spanned!(span=> #[::core::prelude::v1::test]));
        // Gives the block its type, so that inference and the places of errors are those of an ordinary function.
        let typed = return_type(&self.sig.output, span)
            .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

        let always = cfg!(feature = "always");
        let off = cfg!(no_block_build_off);
        // Without a cfg where there is no choice.
        let (debug, release) = match always || off {
            true => (quote!(), quote!()),
            false => (
                quote_spanned!(span=> #[cfg(debug_assertions)]),
                quote_spanned!(span=> #[cfg(not(debug_assertions))]),
            ),
        };
        let guarded =
            (!off).then(|| quote_spanned!(span=> #debug return #private::#run(runtime, body, #site);));
        let bare = (!always || off).then(|| quote_spanned!(span=> #release return runtime.block_on(body);));
        let Function { attrs, vis, sig, body, braces } = self;
        let body = quote_spanned!(braces=> { #typed #body });
        quote_spanned! {span=>
            #(#attrs)* #test #vis #sig {
                #track
                let body = async #body;
                #[allow(clippy::expect_used, clippy::diverging_sub_expression, clippy::needless_return)]
                {
                    let runtime = #builder;
                    #guarded
                    #bare
                }
            }
        }
    }

    /// A function of the same name and type, for code that uses it: an async `main` would be a second error, and so
    /// would one with parameters.
    pub(super) fn without_body(mut self) -> TokenStream {
        self.sig.asyncness = None;
        if self.sig.ident == "main" {
            self.sig.inputs.clear();
        }
        let Function { attrs, vis, sig, .. } = self;
        quote!(#(#attrs)* #[allow(unused_variables)] #vis #sig { ::core::unimplemented!() })
    }
}

fn not_a_function(input: ParseStream<'_>) -> Option<(Span, &'static str)> {
    for (is, what) in [
        (input.peek(Token![mod]), "a module"),
        (input.peek(Token![impl]), "an impl block"),
        (input.peek(Token![trait]), "a trait"),
    ] {
        if is {
            return Some((input.span(), what));
        }
    }
    other_item(input).map(|(span, what, _)| (span, what))
}

/// `#[test]`, also by its full path.
fn is_test(attr: &Attribute) -> bool {
    let path = attr.path();
    let full = || path.segments.first().is_some_and(|first| first.ident == "core" || first.ident == "std");
    path.segments.last().is_some_and(|last| last.ident == "test") && (path.segments.len() == 1 || full())
}
