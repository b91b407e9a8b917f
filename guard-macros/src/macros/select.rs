//! The branches of `select!`.

use super::argument::{Argument, Visit};
use super::arguments::biased;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Pat, Result, Token};

pub(super) struct Branches {
    before: TokenStream,
    branches: Vec<Branch>,
}

struct Branch {
    /// None for `else`, `complete` and `default`, which are in `keyword`.
    future: Option<(Pat, Token![=], Expr)>,
    keyword: TokenStream,
    condition: Option<(Token![,], Token![if], Expr)>,
    arrow: Token![=>],
    handler: Expr,
    comma: Option<Token![,]>,
}

impl Parse for Branches {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let before = biased(input)?;
        let mut branches = Vec::new();
        while !input.is_empty() {
            branches.push(input.parse()?);
        }
        Ok(Branches { before, branches })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let (mut future, mut keyword, mut condition) = (None, TokenStream::new(), None);
        if input.peek2(Token![=>]) {
            keyword = input.parse::<proc_macro2::TokenTree>()?.into();
        } else {
            future = Some((Pat::parse_multi_with_leading_vert(input)?, input.parse()?, input.parse()?));
            if input.peek(Token![,]) && input.peek2(Token![if]) {
                condition = Some((input.parse()?, input.parse()?, input.parse()?));
            }
        }
        let arrow = input.parse()?;
        // As in a match: after a block the comma may be missing.
        let handler =
            if input.peek(syn::token::Brace) { Expr::Block(input.parse()?) } else { input.parse()? };
        let comma = input.parse()?;
        Ok(Branch { future, keyword, condition, arrow, handler, comma })
    }
}

impl Branches {
    pub(super) fn visit(&mut self, visit: &mut Visit<'_>, bind: &mut dyn FnMut(&mut Pat)) {
        for branch in &mut self.branches {
            if let Some((pat, _, future)) = &mut branch.future {
                visit(future, Argument::Awaited);
                bind(pat);
            }
            if let Some((_, _, condition)) = &mut branch.condition {
                visit(condition, Argument::Value);
            }
            visit(&mut branch.handler, Argument::Value);
        }
    }
}

impl ToTokens for Branches {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.before.clone());
        for Branch { future, keyword, condition, arrow, handler, comma } in &self.branches {
            tokens.extend(keyword.clone());
            if let Some((pat, eq, future)) = future {
                tokens.extend(quote!(#pat #eq #future));
            }
            if let Some((comma, if_, condition)) = condition {
                tokens.extend(quote!(#comma #if_ #condition));
            }
            tokens.extend(quote!(#arrow #handler #comma));
        }
    }
}
