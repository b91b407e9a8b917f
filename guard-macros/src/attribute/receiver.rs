//! A `mut self` that is captured: rustc never tells of a value that `self` is given and nobody reads, but it does of any
//! that is captured. So behind each such value stands a use of `self`, which is none: `let _ = self;`.
//!
//! A parameter becomes a variable of the block (`parameters.rs`), which `self` cannot.

use super::uses::{assigned_place, mentions};
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, FnArg, Item, ItemFn, Macro, Stmt};

/// ```text
/// Input:  self.open = false;
/// Output: self.open = false; let _ = self;
/// ```
pub(super) fn use_after_assignments(function: &mut ItemFn) {
    let Some(FnArg::Receiver(receiver)) = function.sig.inputs.first() else { return };
    if receiver.mutability.is_some() {
        let name = Ident::from(receiver.self_token);
        Assignments { name }.visit_block_mut(&mut function.block);
    }
}

struct Assignments {
    name: Ident,
}

impl Assignments {
    /// Where it cannot be reached, rustc says nothing of another crate's tokens.
    fn mention(&self) -> Stmt {
        let name = &self.name;
        Stmt::Expr(Expr::Verbatim(quote_spanned!(Span::call_site()=> let _ = #name;)), None)
    }

    fn assigns(&self, expr: &Expr) -> bool {
        assigned_place(expr).is_some_and(|place| mentions(place.to_token_stream(), &self.name.to_string()))
    }

    /// Whether a statement gives it a value, or hands it to a macro that may.
    fn is_changed_by(&self, stmt: &Stmt) -> bool {
        struct Finds<'a>(&'a Assignments, bool);
        impl Visit<'_> for Finds<'_> {
            fn visit_expr(&mut self, expr: &Expr) {
                self.1 |= self.0.assigns(expr);
                visit::visit_expr(self, expr);
            }
            fn visit_macro(&mut self, mac: &Macro) {
                self.1 |= mentions(mac.tokens.clone(), &self.0.name.to_string());
            }
            fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
            fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
            fn visit_item(&mut self, _: &Item) {}
        }
        let mut finds = Finds(self, false);
        finds.visit_stmt(stmt);
        finds.1
    }
}

impl VisitMut for Assignments {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        let last = stmts.len().saturating_sub(1);
        for (at, mut stmt) in stmts.into_iter().enumerate() {
            let changes = self.is_changed_by(&stmt);
            match &mut stmt {
                Stmt::Expr(expr, semi) if self.assigns(expr) => {
                    visit_mut::visit_expr_mut(self, expr);
                    // At the end of the block: as an expression it is worth as little.
                    semi.get_or_insert(syn::Token![;](self.name.span()));
                }
                stmt => self.visit_stmt_mut(stmt),
            }
            let is_value = at == last
                && matches!(
                    &stmt,
                    Stmt::Expr(_, None) | Stmt::Macro(syn::StmtMacro { semi_token: None, .. })
                );
            block.stmts.push(stmt);
            if changes && !is_value {
                block.stmts.push(self.mention());
            }
        }
    }

    /// The arm of a match, the handler of a `select!`.
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if self.assigns(expr) {
            let mention = self.mention();
            *expr = syn::parse_quote!({ #expr; #mention });
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        let is_select = mac.path.segments.last().is_some_and(|last| last.ident == "select");
        if is_select && mentions(mac.tokens.clone(), &self.name.to_string()) {
            crate::macros::visit(
                mac,
                &mut |expr, _| {
                    self.visit_expr_mut(expr);
                    None
                },
                &mut |_| {},
            );
        }
    }

    // What captures it tells of its own values, in any fn.
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
