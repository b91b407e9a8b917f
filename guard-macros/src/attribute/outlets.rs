//! Where the values of a body come out: its tail, and what it returns before.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Item, Macro, Stmt};

/// Hands over each expression whose value a body gives. Those in macros are not seen, and one that only diverges has none.
pub(super) fn each(body: &mut Block, found: &mut dyn FnMut(&mut Expr)) {
    Returns { found }.visit_block_mut(body);
    let Some(last) = body.stmts.last_mut() else { return };
    if let Stmt::Macro(mac) = last {
        if mac.semi_token.is_none() && mac.attrs.is_empty() {
            let mac = syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() };
            *last = Stmt::Expr(Expr::Macro(mac), None);
        }
    }
    if let Stmt::Expr(tail, None) = last {
        if gives_a_value(tail) {
            found(tail);
        }
    }
}

struct Returns<'a> {
    found: &'a mut dyn FnMut(&mut Expr),
}

impl VisitMut for Returns<'_> {
    fn visit_expr_return_mut(&mut self, expr: &mut syn::ExprReturn) {
        visit_mut::visit_expr_return_mut(self, expr);
        if let Some(value) = expr.expr.as_deref_mut().filter(|value| gives_a_value(value)) {
            (self.found)(value);
        }
    }

    // These return for themselves.
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

fn gives_a_value(expr: &Expr) -> bool {
    let diverges = |mac: &Macro| {
        const DIVERGE: &[&str] = &["bail", "panic", "todo", "unimplemented", "unreachable"];
        mac.path.segments.last().is_some_and(|last| DIVERGE.iter().any(|name| last.ident == name))
    };
    match expr {
        Expr::Return(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => false,
        Expr::Macro(mac) => !diverges(&mac.mac),
        _ => true,
    }
}
