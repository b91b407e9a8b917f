//! All that is wrong with a use of a macro, told at once, and the item behind it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

/// The errors so far, if any.
#[derive(Default)]
pub(crate) struct Errors(pub(crate) Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: String) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn at_tokens(&mut self, tokens: &dyn ToTokens, message: String) {
        self.push(syn::Error::new_spanned(tokens.to_token_stream(), message));
    }
}

/// The item behind the error, as it was.
pub(crate) fn or_item(result: syn::Result<TokenStream>, item: TokenStream) -> TokenStream {
    result.unwrap_or_else(|error| {
        let error = error.into_compile_error();
        quote!(#error #item)
    })
}
