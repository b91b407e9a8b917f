//! Looks into the arguments of well-known macros, and puts them back as they were where they do not parse.

use proc_macro2::{Group, TokenStream, TokenTree};
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
    /// `write!(to, "..", ..)`, which calls `to.write_fmt(..)`
    Write,
    /// `stream! { statements }`
    Body,
    /// `json!({ "key": value, .. })`
    Json,
}

const MACROS: &[(&str, Form)] = &[
    ("anyhow", Form::Values),
    ("assert", Form::Shown),
    ("assert_eq", Form::Shown),
    ("assert_ne", Form::Shown),
    ("debug_assert", Form::Shown),
    ("debug_assert_eq", Form::Shown),
    ("debug_assert_ne", Form::Shown),
    ("bail", Form::Values),
    ("dbg", Form::Shown),
    ("debug", Form::Values),
    ("debug_span", Form::Values),
    ("ensure", Form::Shown),
    ("eprint", Form::Values),
    ("eprintln", Form::Values),
    ("error", Form::Values),
    ("error_span", Form::Values),
    ("event", Form::Values),
    ("format", Form::Values),
    ("format_args", Form::Values),
    ("info", Form::Values),
    ("info_span", Form::Values),
    ("join", Form::Awaited),
    ("json", Form::Json),
    ("matches", Form::Matches),
    ("panic", Form::Values),
    ("pin", Form::Values),
    ("print", Form::Values),
    ("println", Form::Values),
    ("select", Form::Select),
    ("span", Form::Values),
    ("stream", Form::Body),
    ("todo", Form::Values),
    ("trace", Form::Values),
    ("trace_span", Form::Values),
    ("try_join", Form::Awaited),
    ("try_stream", Form::Body),
    ("unimplemented", Form::Values),
    ("unreachable", Form::Values),
    ("vec", Form::Values),
    ("warn", Form::Values),
    ("warn_span", Form::Values),
    ("write", Form::Write),
    ("writeln", Form::Write),
];

/// What is done with an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    Value,
    Awaited,
    /// What `write!` writes to.
    WrittenTo,
}

/// Does something with an argument; gives what has to go beside the macro.
pub(crate) type Visit<'a> = dyn FnMut(&mut Expr, Argument) -> Option<TokenStream> + 'a;

/// Whether a macro gives a value, as opposed to a place.
pub(crate) fn makes_value(mac: &Macro) -> bool {
    const VALUES: &[&str] = &["concat", "env", "format", "include_str", "vec"];
    mac.path.segments.last().is_some_and(|last| VALUES.iter().any(|known| last.ident == known))
}

/// Hands each expression of the macro's arguments to `visit`.
///
/// The result is what has to go beside the macro, in a branch that never runs: the probed copy of arguments whose text
/// the macro shows.
pub(crate) fn visit(
    mac: &mut Macro,
    visit: &mut Visit<'_>,
    bind: &mut dyn FnMut(&mut Pat),
) -> Option<TokenStream> {
    let name = mac.path.segments.last()?.ident.to_string();
    let (_, form) = MACROS.iter().find(|(known, _)| *known == name)?;
    let tokens = mac.tokens.clone();
    match form {
        Form::Values | Form::Awaited => {
            let argument = if *form == Form::Awaited { Argument::Awaited } else { Argument::Value };
            let mut args = parse_args.parse2(tokens).ok()?;
            args.args.iter_mut().for_each(|arg| visit_argument(&mut arg.expr, argument, visit));
            mac.tokens = args.to_token_stream();
            None
        }
        Form::Write => {
            let mut args = parse_args.parse2(tokens).ok()?;
            let mut exprs = args.args.iter_mut().map(|arg| &mut arg.expr);
            let beside = exprs.next().and_then(|to| visit(to, Argument::WrittenTo));
            exprs.for_each(|expr| visit_argument(expr, Argument::Value, visit));
            mac.tokens = args.to_token_stream();
            beside
        }
        Form::Json => {
            mac.tokens = (|input: ParseStream<'_>| json(input, visit)).parse2(tokens).ok()?;
            None
        }
        Form::Body => {
            let mut body: Expr = syn::parse2(quote!({ #tokens })).ok()?;
            visit(&mut body, Argument::Value);
            if let Expr::Block(syn::ExprBlock { block: syn::Block { stmts, .. }, .. }) = body {
                mac.tokens = quote!(#(#stmts)*);
            }
            None
        }
        Form::Shown => {
            let mut args = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens).ok()?;
            let shown = match &*name {
                "dbg" => args.len(),
                "assert" | "debug_assert" | "ensure" => 1,
                _ => 2,
            };
            // What is told where the condition does not hold is a value as any other.
            let first: TokenStream = args.pairs().take(shown).map(ToTokens::into_token_stream).collect();
            let first = mac.tokens.clone().into_iter().take(first.into_iter().count());
            args.iter_mut().skip(shown).for_each(|expr| visit_argument(expr, Argument::Value, visit));
            let message: TokenStream = args.pairs().skip(shown).map(ToTokens::into_token_stream).collect();
            mac.tokens = first.chain(message).collect();
            let mut copies: Vec<Expr> = args.into_iter().take(shown).collect();
            let before: Vec<_> = copies.iter().map(|expr| expr.to_token_stream().to_string()).collect();
            for expr in &mut copies {
                visit(expr, Argument::Value);
            }
            let after = copies.iter().map(|expr| expr.to_token_stream().to_string());
            if before.iter().cloned().eq(after) {
                return None;
            }
            let span = mac.path.span();
            Some(match &copies[..] {
                copies if name == "dbg" => quote_spanned!(span=> let _ = (#(#copies,)*);),
                // The user's own `ensure!` may take something else.
                [value] if name == "ensure" => quote_spanned!(span=> let _ = (#value,);),
                // A `&bool` will do; as part of a tuple, parentheses that the user wrote are not in vain.
                [condition] => {
                    quote_spanned!(span=> let _: bool = ::core::ops::Not::not((#condition,).0);)
                }
                copies => quote_spanned!(span=> let _ = #((#copies))==*;),
            })
        }
        Form::Matches => {
            let parse = |input: ParseStream<'_>| -> Result<(Expr, TokenStream)> {
                Ok((input.parse()?, input.parse()?))
            };
            let (mut value, mut rest) = parse.parse2(tokens).ok()?;
            visit(&mut value, Argument::Value);
            if let Ok((comma, mut pat, if_, mut guard, after)) = parse_guard.parse2(rest.clone()) {
                bind(&mut pat);
                visit(&mut guard, Argument::Value);
                rest = quote!(#comma #pat #if_ #guard #after);
            }
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
fn visit_argument(expr: &mut Expr, argument: Argument, visit: &mut Visit<'_>) {
    match expr {
        Expr::Assign(assign) => visit(&mut assign.right, argument),
        expr => visit(expr, argument),
    };
}

/// One value of `json!`, visited: an expression, or an object or array of values.
fn json(input: ParseStream<'_>, visit: &mut Visit<'_>) -> Result<TokenStream> {
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

/// `a, b, c`, `value; length`, `biased; a, b`.
struct Args {
    before: TokenStream,
    args: Punctuated<Arg, Token![,]>,
    after: TokenStream,
}

/// An argument, with what tracing's macros take before it: `target: value`, `name.part = %value`, `?value`.
struct Arg {
    before: TokenStream,
    expr: Expr,
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut before = TokenStream::new();
        if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let (name, colon): (syn::Ident, Token![:]) = (input.parse()?, input.parse()?);
            before = quote!(#name #colon);
        } else if field(&input.fork()).is_ok() {
            before = field(input)?;
        }
        if input.peek(Token![%]) || input.peek(Token![?]) {
            before.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Arg { before, expr: input.parse()? })
    }
}

/// `name.part =`, before a value that is shown by its `Display` or `Debug`.
fn field(input: ParseStream<'_>) -> Result<TokenStream> {
    let name = Punctuated::<syn::Ident, Token![.]>::parse_separated_nonempty(input)?;
    let eq: Token![=] = input.parse()?;
    if !input.peek(Token![%]) && !input.peek(Token![?]) {
        return Err(input.error("no sigil"));
    }
    Ok(quote!(#name #eq))
}

impl ToTokens for Arg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.before.clone());
        self.expr.to_tokens(tokens);
    }
}

fn parse_args(input: ParseStream<'_>) -> Result<Args> {
    let before = biased(input)?;
    let mut args = Args { before, args: Punctuated::new(), after: TokenStream::new() };
    while !input.is_empty() {
        args.args.push_value(input.parse()?);
        if input.peek(Token![;]) {
            args.after = input.parse()?;
            break;
        }
        if input.is_empty() {
            break;
        }
        args.args.push_punct(input.parse()?);
    }
    Ok(args)
}

/// `, pattern if guard` and perhaps a comma.
fn parse_guard(input: ParseStream<'_>) -> Result<(Token![,], Pat, Token![if], Expr, TokenStream)> {
    let (comma, pat) = (input.parse()?, Pat::parse_multi_with_leading_vert(input)?);
    Ok((comma, pat, input.parse()?, input.parse()?, input.parse()?))
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
        let Args { before, args, after } = self;
        tokens.extend(quote!(#before #args #after));
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
    fn visit(&mut self, visit: &mut Visit<'_>, bind: &mut dyn FnMut(&mut Pat)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed out of a macro with this call among its arguments.
    fn handed_out(name: &str, form: Form) -> Vec<String> {
        let name: syn::Ident = syn::parse_str(name).unwrap();
        let mut mac: Macro = match form {
            Form::Values | Form::Shown | Form::Awaited => syn::parse_quote!(#name!(a.call(), b)),
            Form::Matches => syn::parse_quote!(#name!(b, Some(_) if a.call())),
            Form::Select => syn::parse_quote!(#name! { x = future, if a.call() => b, else => c }),
            Form::Write => syn::parse_quote!(#name!(to, "{}", a.call())),
            Form::Json => syn::parse_quote!(#name!({ "a": [a.call(), null], (b): { "c": [] } })),
            Form::Body => syn::parse_quote!(#name! { let x = a.call(); yield x; }),
        };
        let (before, mut seen) = (mac.tokens.to_string(), Vec::new());
        let visit_one = &mut |expr: &mut Expr, _: Argument| {
            seen.push(expr.to_token_stream().to_string());
            None
        };
        visit(&mut mac, visit_one, &mut |_| {});
        let plain = |text: &str| text.replace([' ', ','], "");
        assert_eq!(plain(&mac.tokens.to_string()), plain(&before), "{name}! changed");
        seen
    }

    #[test]
    fn every_known_macro_hands_out_its_arguments_and_stays_as_it_was() {
        for (name, form) in MACROS {
            let seen = handed_out(name, *form);
            assert!(seen.iter().any(|text| text.contains("a . call ()")), "{name}!: {seen:?}");
        }
        assert_eq!(handed_out("unknown", Form::Values), [""; 0]);
    }

    #[test]
    fn the_fields_of_an_event_are_handed_out() {
        let tokens =
            quote!(target: "a", parent: &span, x.y = %a.call(), b = b.call(), ?c.call(), "{}", d.call());
        let mut mac: Macro = syn::parse_quote!(info!(#tokens));
        let mut seen = Vec::new();
        let mut note = |expr: &mut Expr, _: Argument| {
            seen.extend(matches!(expr, Expr::MethodCall(_)).then(|| expr.to_token_stream().to_string()));
            None
        };
        visit(&mut mac, &mut note, &mut |_| {});
        assert_eq!(seen, ["a . call ()", "b . call ()", "c . call ()", "d . call ()"]);
        assert_eq!(mac.tokens.to_string(), tokens.to_string());
    }

    #[test]
    fn what_an_assertion_shows_stays_as_it_was_and_its_message_is_probed_in_place() {
        let mut mac: Macro =
            syn::parse_quote!(assert!(a::<B, C>() && x.call(), "{} {y}", z.call(), y = z.call()));
        let mut probe = |expr: &mut Expr, _: Argument| {
            if expr.to_token_stream().to_string().contains("call") {
                *expr = syn::parse_quote!(probed);
            }
            None
        };
        let beside = visit(&mut mac, &mut probe, &mut |_| {}).unwrap().to_string();
        assert!(beside.contains("not ((probed ,) . 0)"), "{beside}");
        let expected = quote!(a::<B, C>() && x.call(), "{} {y}", probed, y = probed);
        assert_eq!(mac.tokens.to_string(), expected.to_string());
    }
}
