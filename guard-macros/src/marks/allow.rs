//! `allow_blocking!`: an expression in which blocking is meant, and which awaits nothing.

use crate::rustc::private;
use crate::tokens::find_ident;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// ```text
/// Input:  allow_blocking!("why", expr)
/// Output: match __private::allow("why") { _no_block_guard => expr }
/// ```
pub(crate) fn allow_blocking(input: TokenStream) -> syn::Result<TokenStream> {
    let parse = |input: syn::parse::ParseStream<'_>| {
        let reason: syn::LitStr = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "expected a reason first: `allow_blocking!(\"why\", expression)`")
        })?;
        if input.is_empty() || input.peek(syn::Token![,]) && input.peek2(syn::parse::End) {
            let message = "expected an expression after the reason: `allow_blocking!(\"why\", expression)`";
            return Err(syn::Error::new(reason.span(), message));
        }
        input.parse::<syn::Token![,]>()?;
        let expr: Expr = input.parse()?;
        input.parse::<Option<syn::Token![,]>>()?;
        Ok((reason, expr))
    };
    let (reason, expr) = syn::parse::Parser::parse2(parse, input)?;
    if let Some(span) = find_await(&expr) {
        return Err(syn::Error::new(
            span,
            "`.await` inside `allow_blocking!`: other tasks would run allowed meanwhile; write \
             `.allow_blocking(\"reason\")` on the future, which is entered for each poll of it alone",
        ));
    }
    let private = private(None)?;
    // A match arm drops the guard at its end, on every way out, and the expression's value moves out first.
    Ok(quote!(match #private::allow(#reason) { _no_block_guard => #expr }))
}

/// The first `.await` of an expression that this poll would reach.
fn find_await(expr: &Expr) -> Option<Span> {
    struct Awaits(Option<Span>);
    impl Visit<'_> for Awaits {
        fn visit_expr_await(&mut self, awaited: &syn::ExprAwait) {
            self.0.get_or_insert(awaited.await_token.span);
            visit::visit_expr_await(self, awaited);
        }
        fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
        fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
            if closure.asyncness.is_none() {
                visit::visit_expr_closure(self, closure);
            }
        }
        fn visit_item(&mut self, _: &syn::Item) {}
        fn visit_macro(&mut self, mac: &syn::Macro) {
            let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let awaits = matches!(name.as_str(), "join" | "try_join" | "select");
            let hidden =
                find_ident(mac.tokens.clone(), &|ident| ident == "await").or(awaits.then(|| mac.path.span()));
            self.0 = self.0.or(hidden);
        }
    }
    let mut awaits = Awaits(None);
    awaits.visit_expr(expr);
    awaits.0
}
