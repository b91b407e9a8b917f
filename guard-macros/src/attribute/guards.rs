//! The body guarded: what each kind of target becomes.

use super::blocks::scan_blocks;
use super::outlets;
use super::output::return_type;
use super::parameters;
use super::receiver;
use super::target::tail_block;
use crate::expressions::{expect, types_closures};
use crate::probes::Probes;
use crate::scan::scan;
use crate::tokens::respan;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, ItemFn, ReturnType};

/// ```text
/// Input:  async fn f(a: A, _: B) -> R { body }
/// Output: async fn f(a: A, __no_block_1: B) -> R {
///             __private::guarded(async move { let _ = &__no_block_1; let _ = &a; if false { return fake::<R>(); } body }, SITE).await
///         }
/// ```
///
/// The fake return gives the block its type, so that inference and the places of errors stay as they were.
pub(super) fn guard_async(function: &mut ItemFn, probes: &Probes<'_>) {
    let span = function.sig.ident.span();
    if !expect_closures(function) {
        return scan(&function.sig, &mut function.block, &probes.silent());
    }
    // Of the body as it was written, and before the signature loses patterns.
    let sig = function.sig.clone();
    let captures = parameters::capture(function, span);
    receiver::use_after_assignments(function);
    scan(&sig, &mut function.block, probes);
    let private = respan(probes.private.clone(), span);
    let typed = return_type(&function.sig.output, span)
        .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

    let Block { brace_token, stmts } = &*function.block;
    let mut body = TokenStream::new();
    brace_token.surround(&mut body, |body| body.extend(quote!(#captures #typed #(#stmts)*)));
    let site = probes.site(span);
    let inner: Expr = Expr::Verbatim(quote_spanned!(span=> #private::guarded(async move #body, #site).await));
    function.block.stmts = vec![syn::Stmt::Expr(inner, None)];
}

/// The closures that a body returns take their types from the fn's, and an `async` block in between hides that from rustc.
/// False where they cannot be written into them: then the fn has to do without a guard.
fn expect_closures(function: &mut ItemFn) -> bool {
    let ReturnType::Type(_, ty) = &function.sig.output else { return true };
    let mut all = true;
    if types_closures(ty) {
        outlets::each(&mut function.block, &mut |value| all &= expect(ty, value));
    }
    all
}

/// ```text
/// Input:  fn f(&self) -> Pin<Box<dyn Future<Output = R> + Send + '_>> { Box::pin(async move { body }) }
/// Output: fn f(&self) -> Pin<Box<dyn Future<Output = R> + Send + '_>> {
///             Box::pin(__private::guarded(async move { body }, SITE))
///         }
/// ```
pub(super) fn guard_returning(function: &mut ItemFn, probes: &Probes<'_>) {
    let span = function.sig.ident.span();
    let private = respan(probes.private.clone(), span);
    scan_blocks(function, false, probes);
    let Some(tail) = tail_block(&mut function.block) else { return };
    let site = probes.site(span);
    *tail = Expr::Verbatim(quote_spanned!(span=> #private::guarded(#tail, #site)));
}

/// ```text
/// Input:  fn f(a: A) -> impl Future<Output = R> { body }
/// Output: fn f(a: A) -> impl Future<Output = R> { __private::guarded(__private::once(move || body), SITE) }
/// ```
pub(super) fn guard_opaque(function: &mut ItemFn, probes: &Probes<'_>) {
    scan_blocks(function, false, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    let body = &function.block;
    let guarded = quote_spanned!(span=> #private::guarded(#private::once(move || #body), #site));
    function.block.stmts = vec![syn::Stmt::Expr(Expr::Verbatim(guarded), None)];
}

/// ```text
/// Input:  fn f(a: A) -> BoxFuture<'_, R> { if a.ready() { return now(); } later(a) }
/// Output: fn f(a: A) -> BoxFuture<'_, R> { if a.ready() { return returned(now(), SITE, |b| verdict); } returned(later(a), SITE, ..) }
/// ```
///
/// The type is not written a second time: its name may ask for bounds that the fn's own type does not need. rustc says
/// whether it is a boxed future.
pub(super) fn guard_boxed(function: &mut ItemFn, probes: &Probes<'_>) {
    guard_returned(function, probes, "told");
}

/// The same of a fn that was annotated itself: that it returns no future at all is told as well.
pub(super) fn guard_perhaps(function: &mut ItemFn, probes: &Probes<'_>) {
    guard_returned(function, probes, "asked");
}

fn guard_returned(function: &mut ItemFn, probes: &Probes<'_>, verdict: &str) {
    scan_blocks(function, false, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    // Where the warning is to stand.
    let verdict = Ident::new(verdict, span);
    outlets::each(&mut function.block, &mut |value| {
        *value = Expr::Verbatim(quote_spanned!(span=> #private::returned(#value, #site, |__no_block_b| {
            use #private::ClassifyReturn as _;
            #private::return_of(__no_block_b).no_block_return().#verdict()
        })));
    });
}
