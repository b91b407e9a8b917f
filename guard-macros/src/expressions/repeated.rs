//! Expressions that may be written a second time, in a branch that never runs.

use syn::Expr;

/// Whether an expression may stand a second time in a branch that never runs.
pub(crate) fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_simple(&field.base),
        Expr::Unary(unary) => is_simple(&unary.expr),
        Expr::Binary(binary) => is_simple(&binary.left) && is_simple(&binary.right),
        Expr::Paren(paren) => is_simple(&paren.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && is_simple(&reference.expr),
        Expr::Cast(cast) => is_simple(&cast.expr),
        Expr::Index(index) => is_simple(&index.expr) && is_simple(&index.index),
        Expr::MethodCall(call) => is_simple(&call.receiver) && call.args.iter().all(is_simple),
        Expr::Call(call) => is_simple(&call.func) && call.args.iter().all(is_simple),
        _ => false,
    }
}

/// Whether an expression is one of the standard streams, or the lock of one: no call in it has arguments.
pub(crate) fn is_standard_stream(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return false };
            let name = path.path.segments.last().map(|last| &last.ident);
            call.args.is_empty()
                && name.is_some_and(|name| ["stderr", "stdin", "stdout"].iter().any(|known| name == known))
        }
        Expr::MethodCall(call) => {
            call.method == "lock" && call.args.is_empty() && is_standard_stream(&call.receiver)
        }
        _ => false,
    }
}
