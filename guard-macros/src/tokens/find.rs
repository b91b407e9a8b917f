//! The first name among tokens that is looked for, groups included.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// The first such name among the tokens.
pub(crate) fn find_ident(tokens: TokenStream, is_it: &dyn Fn(&Ident) -> bool) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_ident(group.stream(), is_it),
        TokenTree::Ident(ident) if is_it(&ident) => Some(ident.span()),
        _ => None,
    })
}
