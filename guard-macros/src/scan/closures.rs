//! Closures that are arguments: whether their callee runs them here, elsewhere, or keeps them.

use crate::catalog::{POOL_METHODS, POOL_TYPES, PoolMethod};
use crate::expressions::owner;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, Ident, Token};

/// `pool.map(items, |item| ..)`, which no iterator has.
pub(super) fn is_pool_method(call: &ExprMethodCall) -> bool {
    let is_static = || match &*call.receiver {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
        }),
        _ => false,
    };
    let hands_over =
        |method: &PoolMethod| takes(method, &call.args) && !(method.not_on_a_static && is_static());
    POOL_METHODS.iter().filter(|method| call.method == method.name).any(hands_over)
}

/// `Pool::map(&pool, items, |item| ..)`
pub(super) fn is_pool_function(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else { return false };
    let mut from_the_end = path.path.segments.iter().rev();
    let (Some(name), Some(owner)) = (from_the_end.next(), from_the_end.next()) else { return false };
    POOL_TYPES.iter().any(|pool| owner.ident == pool)
        && POOL_METHODS.iter().any(|method| name.ident == method.name)
}

/// Whether the arguments are as this method has them.
fn takes(method: &PoolMethod, args: &Punctuated<Expr, Token![,]>) -> bool {
    let fits = |last: &Expr| matches!(last, Expr::Closure(last) if last.inputs.len() == method.parameters);
    args.len() == method.arguments && args.last().is_some_and(fits)
}

/// Whether a callee makes a value, which keeps the closure that it is given: `Box::new(|| ..)`, `Some(|| ..)`.
pub(super) fn keeps(callee: &Expr) -> bool {
    let Expr::Path(path) = callee else { return false };
    let is_upper = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
    path.path
        .segments
        .last()
        .is_some_and(|last| is_upper(&last.ident) || last.ident == "new" && owner(path).is_some_and(is_upper))
}

/// `thread::scope(|scope| ..)`, of std's or crossbeam's.
pub(super) fn is_thread_scope(callee: &Expr) -> bool {
    let Expr::Path(path) = callee else { return false };
    let mut from_the_end = path.path.segments.iter().rev();
    let (Some(name), Some(owner)) = (from_the_end.next(), from_the_end.next()) else { return false };
    name.ident == "scope" && ["thread", "crossbeam"].iter().any(|known| owner.ident == known)
}

/// `(|| value)`, where it is called at once.
pub(super) fn called_closure(callee: &mut Expr) -> Option<&mut syn::ExprClosure> {
    match callee {
        Expr::Paren(paren) => called_closure(&mut paren.expr),
        Expr::Closure(closure) if closure.asyncness.is_none() => Some(closure),
        _ => None,
    }
}
