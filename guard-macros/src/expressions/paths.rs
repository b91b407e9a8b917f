//! Paths within expressions: the one that a chain of calls begins with, and whose a called one is.

use syn::{Expr, Ident};

/// The path that a chain of calls begins with.
pub(crate) fn first_path(expr: &Expr) -> Option<&syn::ExprPath> {
    match expr {
        Expr::Call(call) => first_path(&call.func),
        Expr::MethodCall(call) => first_path(&call.receiver),
        Expr::Path(path) => Some(path),
        _ => None,
    }
}

/// What stands before the last name of a path: a module, a trait, a type (`<File>::open`).
pub(crate) fn owner(path: &syn::ExprPath) -> Option<&Ident> {
    let before = path.path.segments.iter().rev().nth(1);
    before.map(|segment| &segment.ident).or_else(|| match &*path.qself.as_ref()?.ty {
        syn::Type::Path(ty) => ty.path.segments.last().map(|last| &last.ident),
        _ => None,
    })
}
