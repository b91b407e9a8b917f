//! What was annotated: an async fn, a fn that returns a future, or an item that holds such fns; refuses the rest by name.

use super::future::{Form, may_return_one, promises_more, returned};
use super::other_item::other_item;
use crate::expressions::goes_astray;
use crate::tokens::find_ident;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Block, Error, Expr, FnModifiers, Ident, Item, ItemFn, Result, Signature, Stmt, Token,
    Visibility, braced,
};

/// What the attribute can do with an item.
pub(crate) enum Target {
    /// An `async fn`.
    Async(Box<ItemFn>),
    /// A fn whose body ends in an `async` block, boxed or not, as async-trait makes it of a method.
    Returning(Box<ItemFn>),
    /// A fn that returns a future in another way.
    Future(Box<ItemFn>, Form),
    /// An impl block, a trait, an inline module: the fns inside are annotated.
    Inside(Box<Item>),
    /// A trait's method without a body, or a body that is still being typed, or that rustc refuses: there is nothing to guard.
    AsIs,
}

pub(crate) fn parse(item: TokenStream) -> Result<Target> {
    read.parse2(item)
}

fn read(input: ParseStream<'_>) -> Result<Target> {
    if let Some(item) = container(input) {
        drain(input)?;
        return Ok(item.map_or(Target::AsIs, |item| Target::Inside(Box::new(item))));
    }
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if let Some((span, what, hint)) = other_item(input) {
        drain(input)?;
        return Err(Error::new(
            span,
            format!("`#[no_block]` belongs on an `async fn`, and this is {what}{hint}"),
        ));
    }
    let sig: Signature = input.parse()?;
    if input.peek(Token![;]) {
        drain(input)?;
        return Ok(Target::AsIs);
    }
    let content;
    let brace_token = braced!(content in input);
    let body: TokenStream = content.parse()?;
    drain(input)?;
    let parts =
        |input: ParseStream<'_>| Ok((input.call(Attribute::parse_inner)?, input.call(Block::parse_within)?));
    let parsed = parts.parse2(body.clone()).or_else(|_| parts.parse2(ungrouped(body.clone())));
    let Ok((inner, stmts)) = parsed else { return Ok(Target::AsIs) };

    let attrs = attrs.into_iter().chain(inner).collect();
    let (modifiers, block) = (FnModifiers::default(), Box::new(Block { brace_token, stmts }));
    let mut item = Box::new(ItemFn { attrs, vis, modifiers, sig, block });
    if item.sig.asyncness.is_some() {
        let astray = goes_astray(&item.sig.output, &item.block);
        return Ok(if astray { Target::AsIs } else { Target::Async(item) });
    }
    let ends_in_block = item.sig.constness.is_none() && tail_block(&mut item.block).is_some();
    if ends_in_block && !returns_early(&item.block) {
        return Ok(Target::Returning(item));
    }
    if let Some(form) = returned(&item.sig).filter(|_| item.sig.constness.is_none()) {
        return Ok(Target::Future(item, form));
    }
    if ends_in_block {
        return Ok(Target::Returning(item));
    }
    if item.sig.constness.is_none() && may_return_one(&item.sig, &item.block) {
        return Ok(Target::Future(item, Form::Perhaps));
    }
    Err(not_async(&item.sig, body))
}

/// The tokens without the invisible groups around lifetimes, in which `macro_rules!` hands them on: syn takes no such
/// label.
fn ungrouped(tokens: TokenStream) -> TokenStream {
    let ungroup = |token| match token {
        TokenTree::Group(group) => {
            let inner = group.stream();
            let is_lifetime = || matches!(inner.clone().into_iter().next(), Some(TokenTree::Punct(quote)) if quote.as_char() == '\'');
            if group.delimiter() == Delimiter::None && is_lifetime() {
                return inner;
            }
            let mut inner = Group::new(group.delimiter(), ungrouped(inner));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        token => TokenStream::from(token),
    };
    tokens.into_iter().map(ungroup).collect()
}

/// Whether another future than the one at its end may be returned.
fn returns_early(block: &Block) -> bool {
    let before = block.stmts.len().saturating_sub(1);
    let tokens: TokenStream = block.stmts[..before].iter().map(ToTokens::to_token_stream).collect();
    find_ident(tokens, &|ident| ident == "return").is_some()
}

/// The `async` block that a body ends in: `async move { .. }`, `Box::pin(async move { .. })`, `async move { .. }.boxed()`.
pub(super) fn tail_block(block: &mut Block) -> Option<&mut Expr> {
    let Some(Stmt::Expr(tail, None)) = block.stmts.last_mut() else { return None };
    match tail {
        Expr::Async(_) => Some(tail),
        Expr::Call(call) if call.args.len() == 1 => {
            let Expr::Path(path) = &*call.func else { return None };
            if path.path.segments.last()?.ident != "pin" {
                return None;
            }
            call.args.first_mut().filter(|arg| matches!(arg, Expr::Async(_)))
        }
        Expr::MethodCall(call) if ["boxed", "boxed_local"].iter().any(|name| call.method == name) => {
            Some(&mut *call.receiver).filter(|receiver| matches!(receiver, Expr::Async(_)))
        }
        _ => None,
    }
}

fn not_async(sig: &Signature, body: TokenStream) -> Error {
    let name = sig.ident.unraw();
    let message = if sig.constness.is_some() {
        format!("`#[no_block]` belongs on an `async fn`, and `{name}` is a `const fn`, which cannot block")
    } else if body.to_string().starts_with("let body = async")
        && find_ident(body, &|ident| ident == "block_on").is_some()
    {
        format!(
            "`#[no_block]` belongs on an `async fn`, and `{name}` has been made a sync fn by the attribute above: write \
             `#[no_block]` above that one"
        )
    } else if promises_more(sig) {
        format!(
            "`#[no_block]` cannot guard the future of `{name}`, which promises more than `Send`, `Sync` and `Unpin`: annotate \
             the async fn that awaits it"
        )
    } else {
        format!(
            "`#[no_block]` belongs on an `async fn`, and `{name}` is a sync fn: annotate the async fn that calls it, \
             which covers all that is called below it"
        )
    };
    Error::new(sig.fn_token.span, message)
}

/// An item that holds functions. None inside where it does not parse (yet).
fn container(input: ParseStream<'_>) -> Option<Option<Item>> {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer).ok()?;
    ahead.parse::<Visibility>().ok()?;
    ahead.parse::<Option<Token![unsafe]>>().ok()?;
    let inline = ahead.peek(Token![mod]) && ahead.peek2(Ident::peek_any) && ahead.peek3(syn::token::Brace);
    let holds = inline || ahead.peek(Token![impl]) || ahead.peek(Token![trait]);
    holds.then(|| input.fork().parse().ok())
}

/// Leaves nothing behind that the parser could complain of.
fn drain(input: ParseStream<'_>) -> Result<()> {
    input.parse::<TokenStream>().map(drop)
}
