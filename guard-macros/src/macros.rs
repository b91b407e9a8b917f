//! Looks into the arguments of well-known macros, and puts them back as they were where they do not parse.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Macro, Pat, Result, Token};

/// How a macro treats its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Evaluates them, once each and in place.
    Values,
    /// Evaluates them and shows their text in a panic, which must stay the user's.
    Shown,
    /// Awaits them.
    Awaited,
    /// `matches!(value, pattern)`
    Matches,
    /// `select! { pattern = future, if condition => handler, .. }`
    Select,
}

const MACROS: &[(&str, Form)] = &[
    ("assert", Form::Shown),
    ("assert_eq", Form::Shown),
    ("assert_ne", Form::Shown),
    ("debug_assert", Form::Shown),
    ("debug_assert_eq", Form::Shown),
    ("debug_assert_ne", Form::Shown),
    ("eprint", Form::Values),
    ("eprintln", Form::Values),
    ("format", Form::Values),
    ("format_args", Form::Values),
    ("join", Form::Awaited),
    ("matches", Form::Matches),
    ("panic", Form::Values),
    ("print", Form::Values),
    ("println", Form::Values),
    ("select", Form::Select),
    ("try_join", Form::Awaited),
    ("unreachable", Form::Values),
    ("vec", Form::Values),
    ("write", Form::Values),
    ("writeln", Form::Values),
];

/// What is done with an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    Value,
    Awaited,
}

/// Hands each expression of the macro's arguments to `visit`.
///
/// The result is what has to go beside the macro, in a branch that never runs: the probed copy of arguments whose text
/// the macro shows.
pub(crate) fn visit(
    mac: &mut Macro,
    visit: &mut dyn FnMut(&mut Expr, Argument),
    bind: &mut dyn FnMut(&mut Pat),
) -> Option<TokenStream> {
    let name = mac.path.segments.last()?.ident.to_string();
    let (_, form) = MACROS.iter().find(|(known, _)| *known == name)?;
    let tokens = mac.tokens.clone();
    match form {
        Form::Values | Form::Awaited => {
            let argument = if *form == Form::Awaited { Argument::Awaited } else { Argument::Value };
            let mut args = parse_args.parse2(tokens).ok()?;
            args.exprs.iter_mut().for_each(|expr| visit_argument(expr, argument, visit));
            mac.tokens = args.to_token_stream();
            None
        }
        Form::Shown => {
            let mut args = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens).ok()?;
            let shown = if name.ends_with("assert") { 1 } else { 2 };
            let copies: Vec<_> = args.iter_mut().take(shown).collect();
            let before: Vec<_> = copies.iter().map(|expr| expr.to_token_stream().to_string()).collect();
            let mut copies: Vec<Expr> = copies.into_iter().map(|expr| expr.clone()).collect();
            copies.iter_mut().for_each(|expr| visit(expr, Argument::Value));
            let after = copies.iter().map(|expr| expr.to_token_stream().to_string());
            if before.iter().cloned().eq(after) {
                return None;
            }
            let span = mac.path.span();
            Some(match &copies[..] {
                [condition] => quote_spanned!(span=> let _: bool = #condition;),
                copies => quote_spanned!(span=> let _ = #((#copies))==*;),
            })
        }
        Form::Matches => {
            let parse = |input: ParseStream<'_>| -> Result<(Expr, TokenStream)> {
                Ok((input.parse()?, input.parse()?))
            };
            let (mut value, rest) = parse.parse2(tokens).ok()?;
            visit(&mut value, Argument::Value);
            mac.tokens = quote!(#value #rest);
            None
        }
        Form::Select => {
            let mut branches = Branches::parse.parse2(tokens).ok()?;
            branches.visit(visit, bind);
            mac.tokens = branches.to_token_stream();
            None
        }
    }
}

/// `name = value` is an argument of a format string, no assignment.
fn visit_argument(expr: &mut Expr, argument: Argument, visit: &mut dyn FnMut(&mut Expr, Argument)) {
    match expr {
        Expr::Assign(assign) => visit(&mut assign.right, argument),
        expr => visit(expr, argument),
    }
}

/// `a, b, c`, `value; length`, `biased; a, b`.
struct Args {
    before: TokenStream,
    exprs: Punctuated<Expr, Token![,]>,
    after: TokenStream,
}

fn parse_args(input: ParseStream<'_>) -> Result<Args> {
    let before = biased(input)?;
    let mut args = Args { before, exprs: Punctuated::new(), after: TokenStream::new() };
    while !input.is_empty() {
        args.exprs.push_value(input.parse()?);
        if input.peek(Token![;]) {
            args.after = input.parse()?;
            break;
        }
        if input.is_empty() {
            break;
        }
        args.exprs.push_punct(input.parse()?);
    }
    Ok(args)
}

/// `biased;`, as the first thing in tokio's macros.
fn biased(input: ParseStream<'_>) -> Result<TokenStream> {
    if input.peek(syn::Ident) && input.peek2(Token![;]) && input.fork().parse::<syn::Ident>()? == "biased" {
        let (word, semi): (syn::Ident, Token![;]) = (input.parse()?, input.parse()?);
        return Ok(quote!(#word #semi));
    }
    Ok(TokenStream::new())
}

impl ToTokens for Args {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Args { before, exprs, after } = self;
        tokens.extend(quote!(#before #exprs #after));
    }
}

struct Branches {
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
    fn visit(&mut self, visit: &mut dyn FnMut(&mut Expr, Argument), bind: &mut dyn FnMut(&mut Pat)) {
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
