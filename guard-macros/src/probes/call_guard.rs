//! The call guard: how a call is announced to the run time, and where it cannot be.

use super::body::Probes;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, Token};

impl Probes<'_> {
    /// How the call is announced to the run time: the prefix of the function that does it.
    pub(super) fn enter(&self, args: &Punctuated<Expr, Token![,]>) -> Option<&'static str> {
        let enters = self.guarded && !may_leave(args);
        enters.then(|| if calls_others(args.iter()) { "enter_around_" } else { "enter_" })
    }

    pub(super) fn leave(&self, enters: bool, span: Span) -> Option<TokenStream> {
        let private = self.private(span);
        enters.then(|| quote_spanned!(span=> #private::leave()))
    }
}

/// Whether control can leave the arguments: then nothing may be entered before them.
fn may_leave(args: &impl ToTokens) -> bool {
    fn leaves(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => leaves(group.stream()),
            TokenTree::Ident(ident) => {
                ["await", "return", "break", "continue", "yield"].iter().any(|keyword| ident == keyword)
            }
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Literal(_) => false,
        })
    }
    leaves(args.to_token_stream())
}

/// Whether the arguments call anything of the user's: the call guard would give that this call's name.
fn calls_others<'a>(args: impl Iterator<Item = &'a Expr>) -> bool {
    struct Calls(bool);
    impl Visit<'_> for Calls {
        fn visit_expr_call(&mut self, call: &ExprCall) {
            let constructs =
                match &*call.func {
                    // `Some(..)`, `Duration::from_millis(..)`
                    Expr::Path(path) => path.path.segments.iter().rev().take(2).any(|segment| {
                        segment.ident.to_string().starts_with(|first: char| first.is_uppercase())
                    }),
                    _ => false,
                };
            self.0 |= !constructs;
            visit::visit_expr_call(self, call);
        }

        fn visit_expr_method_call(&mut self, _: &ExprMethodCall) {
            self.0 = true;
        }

        fn visit_expr(&mut self, expr: &Expr) {
            // What was replaced before, and blocks that may hold anything.
            self.0 |= matches!(expr, Expr::Verbatim(_) | Expr::Block(_) | Expr::Unsafe(_) | Expr::Index(_));
            visit::visit_expr(self, expr);
        }

        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}

        fn visit_macro(&mut self, mac: &syn::Macro) {
            self.0 |= !mac.path.is_ident("format");
        }
    }
    let mut calls = Calls(false);
    args.for_each(|arg| calls.visit_expr(arg));
    calls.0
}
