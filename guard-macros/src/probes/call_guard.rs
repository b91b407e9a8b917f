//! The call guard: how a call is announced to the run time, and where it cannot be.

use super::body::Probes;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, Token};

/// How a call is announced to the run time.
#[derive(Clone, Copy)]
pub(super) enum Enter {
    /// What hooks see below it is this call.
    Call,
    /// Its arguments call other functions: what hooks see may be theirs.
    Around,
}

/// What is handed through a function of guard-runtime's, which announces the call on the way.
#[derive(Clone, Copy)]
pub(super) enum Handed {
    /// Nothing: it is announced before.
    Nothing,
    Callee,
    /// A callee whose arguments have verdicts of their own.
    CalleeBy,
    Value,
}

impl Handed {
    /// The function of `guard_runtime::__private` that does it.
    pub(super) fn function(self, enter: Option<Enter>) -> &'static str {
        match (enter, self) {
            (Some(Enter::Call), Handed::Nothing) => "enter",
            (Some(Enter::Call), Handed::Callee) => "enter_callee",
            (Some(Enter::Call), Handed::CalleeBy) => "enter_callee_by",
            (Some(Enter::Call), Handed::Value) => "enter_value",
            (Some(Enter::Around), Handed::Nothing) => "enter_around",
            (Some(Enter::Around), Handed::Callee) => "enter_around_callee",
            (Some(Enter::Around), Handed::CalleeBy) => "enter_around_callee_by",
            (Some(Enter::Around), Handed::Value) => "enter_around_value",
            (None, Handed::Nothing) => "ask",
            (None, Handed::Callee) => "callee",
            (None, Handed::CalleeBy) => "callee_by",
            (None, Handed::Value) => "value",
        }
    }
}

impl Probes<'_> {
    /// How the call is announced to the run time, where it can be.
    pub(super) fn enter(&self, args: &Punctuated<Expr, Token![,]>) -> Option<Enter> {
        let enters = self.guarded && !may_leave(args);
        enters.then(|| if calls_others(args.iter()) { Enter::Around } else { Enter::Call })
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
