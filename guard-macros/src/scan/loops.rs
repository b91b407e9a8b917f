//! What a loop, or a chain of an iterator's methods, goes through.

use super::iterators::{adapts, consumes};
use super::walk::Scan;
use crate::expressions::{base, first_path};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall};

impl Scan<'_> {
    /// Visits a `for`, and asks what it goes through.
    pub(super) fn visit_for(&mut self, each: &mut syn::ExprForLoop) -> Option<TokenStream> {
        let path = first_path(&each.expr).cloned();
        self.visit_expr_for_loop_mut(each);
        // What stands before the loop would have to be configured as the loop is.
        if each.attrs.is_empty() { self.iterated(&mut each.expr, path.as_ref()) } else { None }
    }

    /// What a `for` goes through, asked as the receiver of `into_iter`; what is no variable, only where its path names
    /// such a type: lints read the expression of a loop.
    fn iterated(&self, expr: &mut Expr, path: Option<&syn::ExprPath>) -> Option<TokenStream> {
        if let Some(ask) = self.chained(expr) {
            return Some(ask);
        }
        let rows: Vec<_> = self.rows("into_iter").collect();
        let args = Punctuated::from_iter([expr.clone()]);
        let places = self.places(&args);
        if !places.is_empty() {
            return self.probes.method_taking(&rows, &places, expr.span());
        }
        let is_row = rows.iter().any(|row| {
            path.is_some_and(|path| path.path.segments.iter().any(|segment| segment.ident == row.owner()))
        });
        if is_row { self.as_receiver(expr, "into_iter", expr.span()) } else { None }
    }

    /// `entries.flatten().count()`, where `entries` may be an iterator that blocks: its variable is asked.
    pub(super) fn consumed(&self, call: &ExprMethodCall) -> Option<TokenStream> {
        // Of a variable, `next` is a row of its own.
        let takes_directly = call.method == "next" && is_variable(&call.receiver);
        if takes_directly || !consumes(&call.method.unraw().to_string()) {
            return None;
        }
        match &*call.receiver {
            receiver if is_variable(receiver) => self.variable(receiver),
            receiver => self.chained(receiver),
        }
    }

    /// The variable at the beginning of a chain of adaptors, asked as the receiver of `into_iter`.
    fn chained(&self, expr: &Expr) -> Option<TokenStream> {
        match expr {
            Expr::Paren(paren) => self.chained(&paren.expr),
            Expr::MethodCall(call) if adapts(&call.method.unraw().to_string()) => {
                if is_variable(&call.receiver) {
                    // It is asked for itself.
                    let asked = call.method == "into_iter";
                    if asked { None } else { self.variable(&call.receiver) }
                } else {
                    self.chained(&call.receiver)
                }
            }
            _ => None,
        }
    }

    fn variable(&self, expr: &Expr) -> Option<TokenStream> {
        let name = base(expr)?;
        let known = self.iterators.holds(&name.unraw().to_string());
        if known { self.as_receiver(&mut expr.clone(), "into_iter", name.span()) } else { None }
    }
}

fn is_variable(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.get_ident().is_some())
}
