//! Receivers that rustc promotes to statics where they stand, and only there.

use syn::ext::IdentExt;
use syn::{Expr, ExprCall};

/// Whether a receiver is a constant that borrowing makes a static, and that nothing else would keep alive.
pub(super) fn is_promoted(receiver: &Expr) -> bool {
    fn is_made_of_constants(expr: &Expr) -> bool {
        match expr {
            Expr::Lit(_) => true,
            Expr::Path(path) => is_upper(&path.path),
            Expr::Paren(paren) => is_made_of_constants(&paren.expr),
            Expr::Reference(reference) => is_made_of_constants(&reference.expr),
            Expr::Unary(unary) => {
                !matches!(unary.op, syn::UnOp::Deref(_)) && is_made_of_constants(&unary.expr)
            }
            Expr::Array(array) => array.elems.iter().all(is_made_of_constants),
            Expr::Tuple(tuple) => tuple.elems.iter().all(is_made_of_constants),
            Expr::Call(call) => makes(call),
            _ => false,
        }
    }
    /// `Some(..)`, no function.
    fn makes(call: &ExprCall) -> bool {
        matches!(&*call.func, Expr::Path(path) if is_upper(&path.path))
            && call.args.iter().all(is_made_of_constants)
    }
    /// A constant or a constructor, no variable.
    fn is_upper(path: &syn::Path) -> bool {
        let last = path.segments.last().map(|last| last.ident.unraw().to_string());
        last.is_some_and(|name| name.starts_with(char::is_uppercase))
    }
    match receiver {
        Expr::Paren(paren) => is_promoted(&paren.expr),
        Expr::Field(field) => is_promoted(&field.base),
        Expr::Reference(reference) => {
            !matches!(*reference.expr, Expr::Path(_)) && is_made_of_constants(&reference.expr)
        }
        // Text is a static wherever it stands.
        Expr::Lit(lit) => !matches!(lit.lit, syn::Lit::Str(_) | syn::Lit::ByteStr(_) | syn::Lit::CStr(_)),
        Expr::Tuple(_) => is_made_of_constants(receiver),
        Expr::Call(call) => makes(call),
        _ => false,
    }
}
