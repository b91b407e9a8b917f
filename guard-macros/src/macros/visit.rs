//! Looks into the arguments of well-known macros, and puts them back as they were where they do not parse.

use super::argument::{Argument, Visit, visit_argument};
use super::arguments::{parse_args, parse_guard};
use super::form::{Form, MACROS};
use super::json::json;
use super::select::Branches;
use crate::rustc::{is_known_for_macros, is_own_macro};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Macro, Pat, Result, Token};

/// Hands each expression of the macro's arguments to `visit`.
///
/// The result is what has to go beside the macro, in a branch that never runs: the probed copy of arguments whose text
/// the macro shows.
pub(crate) fn visit(
    mac: &mut Macro,
    visit: &mut Visit<'_>,
    bind: &mut dyn FnMut(&mut Pat),
) -> Option<TokenStream> {
    let name = known_name(&mac.path)?;
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

/// The name of a macro that is taken for the well-known one: below a crate that is known for it, or by itself, unless the
/// user's crate has one of its own.
fn known_name(path: &syn::Path) -> Option<String> {
    let name = path.segments.last()?.ident.to_string();
    let is_known = match path.segments.first() {
        Some(first) if path.segments.len() > 1 => is_known_for_macros(&first.ident.to_string()),
        _ => !is_own_macro(&name),
    };
    is_known.then_some(name)
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
