//! One argument of a macro: what is done with it.

use proc_macro2::TokenStream;
use syn::Expr;

/// What is done with an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    Value,
    Awaited,
    /// What `write!` writes to.
    WrittenTo,
}

/// Does something with an argument; gives what has to go beside the macro.
pub(super) type Visit<'a> = dyn FnMut(&mut Expr, Argument) -> Option<TokenStream> + 'a;

/// `name = value` is an argument of a format string, no assignment.
pub(super) fn visit_argument(expr: &mut Expr, argument: Argument, visit: &mut Visit<'_>) {
    match expr {
        Expr::Assign(assign) => visit(&mut assign.right, argument),
        expr => visit(expr, argument),
    };
}
