//! The same tokens at another place.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The tokens of a path from one token's place to another's.
pub(crate) fn respan_path(path: TokenStream, first: Span, last: Span) -> TokenStream {
    let mut tokens: Vec<_> = respan(path, first).into_iter().collect();
    if let Some(token) = tokens.last_mut() {
        token.set_span(last);
    }
    tokens.into_iter().collect()
}

/// The same tokens at another place.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut inner = Group::new(group.delimiter(), respan(group.stream(), span));
                inner.set_span(span);
                return TokenTree::Group(inner);
            }
            token.set_span(span);
            token
        })
        .collect()
}
