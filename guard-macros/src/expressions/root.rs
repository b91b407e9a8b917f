//! What a place goes back to: its variable, or the value that it is a part of.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Ident};

/// The variable that a place goes back to.
pub(crate) fn base(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Expr::Field(field) => base(&field.base),
        Expr::Index(index) => base(&index.expr),
        Expr::Unary(unary) => base(&unary.expr),
        Expr::Paren(paren) => base(&paren.expr),
        _ => None,
    }
}

/// Whether a place is a variable, or a part of one that no value of another names.
pub(crate) fn moves_nothing(place: &Expr) -> bool {
    match place {
        Expr::Path(_) => true,
        Expr::Field(field) => moves_nothing(&field.base),
        Expr::Paren(paren) => moves_nothing(&paren.expr),
        Expr::Unary(unary) => moves_nothing(&unary.expr),
        Expr::Index(index) => moves_nothing(&index.expr) && matches!(*index.index, Expr::Lit(_)),
        _ => false,
    }
}

/// The expression with the value that it goes back to replaced.
pub(crate) fn with_root(expr: &Expr, replace: &mut dyn FnMut(&Expr) -> TokenStream) -> TokenStream {
    let mut copy = expr.clone();
    match &mut copy {
        Expr::Paren(syn::ExprParen { expr: base, .. })
        | Expr::Group(syn::ExprGroup { expr: base, .. })
        | Expr::Field(syn::ExprField { base, .. })
        | Expr::Index(syn::ExprIndex { expr: base, .. })
        | Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr: base, .. }) => {
            **base = Expr::Verbatim(with_root(base, replace));
            copy.into_token_stream()
        }
        _ => replace(expr),
    }
}
