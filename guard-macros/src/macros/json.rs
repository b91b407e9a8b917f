//! The values of `json!`, at any depth.

use super::argument::{Argument, Visit};
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Result, Token};

/// One value of `json!`, visited: an expression, or an object or array of values.
pub(super) fn json(input: ParseStream<'_>, visit: &mut Visit<'_>) -> Result<TokenStream> {
    let value = if input.peek(syn::token::Brace) && !input.peek2(Token![.]) {
        json_group(&input.parse()?, true, visit)?
    } else if input.peek(syn::token::Bracket) && !input.peek2(Token![.]) {
        json_group(&input.parse()?, false, visit)?
    } else {
        let mut value: Expr = input.parse()?;
        visit(&mut value, Argument::Value);
        value.into_token_stream()
    };
    Ok(value)
}

fn json_group(group: &Group, keyed: bool, visit: &mut Visit<'_>) -> Result<TokenStream> {
    let parse = |input: ParseStream<'_>| {
        let mut values = TokenStream::new();
        while !input.is_empty() {
            if keyed {
                let (key, colon): (TokenTree, Token![:]) = (input.parse()?, input.parse()?);
                values.extend(quote!(#key #colon));
            }
            values.extend(json(input, visit)?);
            values.extend(input.parse::<Option<Token![,]>>()?.into_token_stream());
        }
        Ok(values)
    };
    let mut visited = Group::new(group.delimiter(), parse.parse2(group.stream())?);
    visited.set_span(group.span());
    Ok(visited.into_token_stream())
}
