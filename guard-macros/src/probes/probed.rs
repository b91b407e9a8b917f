//! What goes around a probed call, in the place of an expression or as statements of its own.

use crate::tokens::{find_ident, respan};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Stmt};

/// A probed call's surroundings.
pub(crate) struct Probed {
    /// Before the call.
    pub(crate) ask: Option<TokenStream>,
    /// After it.
    pub(super) leave: Option<TokenStream>,
    pub(super) ends: Ends,
}

impl Probed {
    /// Statements that never run, beside a macro.
    pub(crate) fn beside(stmts: TokenStream, mac: &syn::Macro, private: &TokenStream) -> Self {
        let ends = Ends::of(&mac.path, mac.delimiter.span().close());
        // Moves in a branch that does not come back do not count.
        let private = respan(private.clone(), ends.first);
        let ask = quote_spanned!(ends.first=> if false { #stmts #private::never() });
        Probed { ask: Some(ask), leave: None, ends }
    }

    /// One more question before a call.
    pub(crate) fn with_ask(probed: Option<Self>, more: TokenStream, call: &syn::ExprMethodCall) -> Self {
        let ends = Ends::of(&call.receiver, call.paren_token.span.close());
        let Probed { ask, leave, ends } = probed.unwrap_or(Probed { ask: None, leave: None, ends });
        // In one block, so that what asks stays one expression.
        let ask = ask.map_or(more.clone(), |ask| quote_spanned!(ends.first=> { #more #ask }));
        Probed { ask: Some(ask), leave, ends }
    }

    /// The probe alone, as a statement.
    pub(crate) fn into_stmt(self) -> Stmt {
        Stmt::Expr(Expr::Verbatim(self.ask.unwrap_or_default()), None)
    }

    /// In the place of an expression: `(ask, call, leave).1`.
    ///
    /// A tuple keeps from its parts what type is expected of it, by which `Box::new(x)` becomes a `Box<dyn Trait>`. A
    /// function tells them, but errors would speak of it: it stands where there are such arguments.
    pub(crate) fn into_expr(self, call: Expr, private: &TokenStream) -> Expr {
        let Probed { ask, leave, ends } = self;
        let leave = match (&ask, leave, &call) {
            (None, None, _) => return call,
            (None, Some(leave), Expr::Call(inner)) if coerces(&inner.args) => {
                let private = respan(private.clone(), ends.first);
                return Expr::Verbatim(quote_spanned!(ends.first=> #private::first(#call, #leave)));
            }
            (_, leave, _) => leave,
        };
        let index = syn::Index { index: u32::from(ask.is_some()), span: ends.last };
        let (ask, leave) = (ask.into_iter(), leave.into_iter());
        let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#ask,)* #call, #(#leave)*));
        group.set_span(ends.first);
        let dot = syn::Token![.](ends.last);
        Expr::Verbatim(quote!(#group #dot #index))
    }

    /// What comes before the call, and what ends it, as statements: `unsafe { ask; call } leave;`
    pub(crate) fn into_parts(self) -> (Option<Stmt>, Option<Stmt>) {
        let Probed { ask, leave, ends } = self;
        let semi = syn::Token![;](ends.last);
        // Without `leave`, what asks is an `if`: no semicolon ends that.
        let ask_semi = leave.is_some().then_some(semi);
        let ask = ask.map(|ask| Stmt::Expr(Expr::Verbatim(ask), ask_semi));
        (ask, leave.map(|leave| Stmt::Expr(Expr::Verbatim(leave), Some(semi))))
    }

    /// As statements of their own: so the call keeps the lints on unused results.
    pub(crate) fn into_stmts(self, mut call: Expr, semi: syn::Token![;]) -> Vec<Stmt> {
        let Probed { ask, leave, ends } = self;
        if ask.is_none() && leave.is_none() {
            return vec![Stmt::Expr(call, Some(semi))];
        }
        // What allows, expects or configures is meant for the probe as well; what formats or lints by a tool is not.
        let moves = |attr: &syn::Attribute| attr.path().get_ident().is_some();
        let attrs: Vec<_> = match &mut call {
            Expr::Call(syn::ExprCall { attrs, .. }) | Expr::MethodCall(syn::ExprMethodCall { attrs, .. }) => {
                let (moved, kept) = std::mem::take(attrs).into_iter().partition(moves);
                *attrs = kept;
                moved
            }
            _ => Vec::new(),
        };
        let semi_at = syn::Token![;](ends.last);
        let stmt = |tokens| Stmt::Expr(Expr::Verbatim(tokens), Some(semi_at));
        // Without `leave`, what asks is an `if`: no semicolon ends that.
        let ask =
            ask.map(|ask| if leave.is_some() { stmt(ask) } else { Stmt::Expr(Expr::Verbatim(ask), None) });
        let stmts: Vec<_> =
            ask.into_iter().chain([Stmt::Expr(call, Some(semi))]).chain(leave.map(stmt)).collect();
        if attrs.is_empty() {
            return stmts;
        }
        let mut group = Group::new(Delimiter::Brace, quote!(#(#stmts)*));
        group.set_span(ends.first);
        vec![Stmt::Expr(Expr::Verbatim(quote!(#(#attrs)* #group)), None)]
    }
}

/// Whether arguments hold what may become a pointer to another type.
fn coerces(args: &impl ToTokens) -> bool {
    let points = |ident: &Ident| ["Arc", "Box", "Rc"].iter().any(|pointer| ident == pointer);
    find_ident(args.to_token_stream(), &points).is_some()
}

/// The spans of a call's first and last token.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) first: Span,
    pub(super) last: Span,
}

impl Ends {
    /// Of a call that begins with this callee, receiver or path. Its attributes come before that.
    pub(super) fn of(first: &dyn ToTokens, last: Span) -> Self {
        let first = first.to_token_stream().into_iter().next().map_or(last, |token| match token {
            TokenTree::Group(group) => group.span_open(),
            other => other.span(),
        });
        Ends { first, last }
    }
}
