//! The two fns that come of one: the async one with plain parameters, which hands over the call of the sync one.

use super::options::Options;
use crate::tokens::{find_ident, respan};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{Attribute, FnArg, GenericParam, Ident, ItemFn, Meta, Pat, Token};

pub(super) fn both(mut function: ItemFn, options: Options, private: &TokenStream) -> TokenStream {
    let span = function.sig.ident.span();
    let private = respan(private.clone(), span);
    let name = function.sig.ident.clone();
    let (sync, in_impl) =
        options.sync.unwrap_or_else(|| (format_ident!("{}_blocking", name.unraw(), span = span), false));

    // The async fn has plain names for its parameters; the patterns stay with the sync one.
    let mut sig = function.sig.clone();
    sig.constness = None;
    sig.asyncness = Some(Token![async](span));
    let mut values: Vec<TokenStream> = Vec::new();
    for (i, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                receiver.mutability = None;
                let (cfg, this) = (receiver.attrs.iter().filter(|attr| is_cfg(attr)), &receiver.self_token);
                values.push(quote!(#(#cfg)* #this));
            }
            FnArg::Typed(arg) => {
                let plain = match &*arg.pat {
                    Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => pat.ident.clone(),
                    other => format_ident!("__offload_{i}", span = first_span(other)),
                };
                let cfg = arg.attrs.iter().filter(|attr| is_cfg(attr));
                values.push(quote!(#(#cfg)* #plain));
                *arg.pat = syn::parse_quote!(#plain);
            }
        }
    }

    // A generic argument cannot have a `cfg`: then all of them are inferred.
    let with_cfg = |param: &GenericParam| match param {
        GenericParam::Type(param) => param.attrs.iter().any(is_cfg),
        GenericParam::Const(param) => param.attrs.iter().any(is_cfg),
        GenericParam::Lifetime(_) => false,
    };
    let inferred = sig.generics.params.iter().any(with_cfg);
    let generics: Vec<TokenStream> = sig
        .generics
        .params
        .iter()
        .filter(|_| !inferred)
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_token_stream()),
            GenericParam::Const(param) => Some(param.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let turbofish = (!generics.is_empty()).then(|| quote_spanned!(span=> ::<#(#generics),*>));
    let associated = in_impl || function.sig.receiver().is_some() || mentions_self(&function);
    let scope = associated.then(|| quote_spanned!(span=> Self::));
    let path = quote_spanned!(span=> #scope #sync #turbofish);
    let call = match &values[..] {
        // A closure around it would be redundant, which clippy says of the user's code.
        [] => path,
        values => quote_spanned!(span=> move || #path (#(#values),*)),
    };

    let output = match &sig.output {
        syn::ReturnType::Default => quote_spanned!(span=> ()),
        syn::ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let fails = options.pool.is_some() || options.deadline.is_some();
    // A clone is a handle: a pool in a field of `self` could not be borrowed while the closure takes `self`.
    let pool = match options.pool {
        Some(pool) => quote_spanned!(span=> (#pool).clone()),
        None => quote_spanned!(span=> #private::default_pool()),
    };
    let run = match (fails, options.deadline) {
        (false, _) => quote_spanned!(span=> #private::offload(#call).await),
        (true, None) => quote_spanned!(span=> #pool.run(#call).await),
        (true, Some(within)) => quote_spanned!(span=> #pool.run_with_deadline(#within, #call).await),
    };
    if fails {
        let result = quote_spanned!(span=> ::core::result::Result<#output, #private::OffloadError>);
        sig.output = syn::parse_quote!(-> #result);
    }

    let shared: Vec<Attribute> =
        function.attrs.iter().filter(|attr| belongs_to_both(attr)).map(not_expected).collect();
    let deprecated = shared.iter().any(|attr| attr.path().is_ident("deprecated"));
    // The call of the sync fn is not the user's.
    let excused = deprecated.then(|| quote_spanned!(span=> #[allow(deprecated)]));
    let documented = shared.iter().any(|attr| attr.path().is_ident("doc")).then(|| {
        let text = format!("\nThe blocking form of `{}`.", name.unraw());
        quote_spanned!(span=> #[doc = ""] #[doc = #text])
    });
    function.sig.ident = sync;
    let vis = &function.vis;
    quote! {
        #(#shared)*
        #excused
        #vis #sig { #run }

        #documented
        #function
    }
}

/// What says something about the call. All else (`inline`, `instrument`, `blocking`) is about the body.
fn belongs_to_both(attr: &Attribute) -> bool {
    const NAMES: [&str; 10] =
        ["doc", "cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid", "deprecated", "must_use"];
    NAMES.iter().any(|name| attr.path().is_ident(name))
}

/// Whether what stands behind it may be left out.
fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

/// `expect` as `allow`: what is expected may be in the body alone, which the async fn does not have.
fn not_expected(attr: &Attribute) -> Attribute {
    let mut attr = attr.clone();
    if let Meta::List(list) = &mut attr.meta {
        if list.path.is_ident("expect") {
            list.path = Ident::new("allow", first_span(&list.path)).into();
        }
    }
    attr
}

/// Whether the fn is surely in an impl or a trait.
fn mentions_self(function: &ItemFn) -> bool {
    struct Mentions(bool);
    impl Visit<'_> for Mentions {
        fn visit_ident(&mut self, ident: &Ident) {
            self.0 |= ident == "Self";
        }
        fn visit_macro(&mut self, call: &syn::Macro) {
            self.0 |= find_ident(call.tokens.clone(), &|ident| ident == "Self").is_some();
        }
        fn visit_item(&mut self, _: &syn::Item) {}
    }
    let mut mentions = Mentions(false);
    mentions.visit_item_fn(function);
    mentions.0
}

fn first_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}
