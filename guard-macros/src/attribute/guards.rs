//! The body guarded: what each kind of target becomes.

use super::blocks::scan_blocks;
use super::output::return_type;
use super::parameters;
use super::target::tail_block;
use crate::probes::Probes;
use crate::scan::scan;
use crate::tokens::respan;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Block, Expr, ItemFn};

/// ```text
/// Input:  async fn f(a: A, _: B) -> R { body }
/// Output: async fn f(a: A, __no_block_1: B) -> R {
///             __private::guarded(async move { let _ = &__no_block_1; let _ = &a; if false { return fake::<R>(); } body }, SITE).await
///         }
/// ```
///
/// The fake return gives the block its type, so that inference and the places of errors stay as they were.
pub(super) fn guard_async(function: &mut ItemFn, probes: &Probes<'_>) {
    scan(&function.sig, &mut function.block, probes);
    let span = function.sig.ident.span();
    let private = respan(probes.private.clone(), span);
    let captures = parameters::capture(function, span);
    let typed = return_type(&function.sig.output, span)
        .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

    let Block { brace_token, stmts } = &*function.block;
    let mut body = TokenStream::new();
    brace_token.surround(&mut body, |body| body.extend(quote!(#captures #typed #(#stmts)*)));
    let site = probes.site(span);
    let inner: Expr = Expr::Verbatim(quote_spanned!(span=> #private::guarded(async move #body, #site).await));
    function.block.stmts = vec![syn::Stmt::Expr(inner, None)];
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
/// Input:  fn f(a: A) -> BoxFuture<'_, R> { body }
/// Output: fn f(a: A) -> BoxFuture<'_, R> { Box::pin(__private::guarded(__private::once(move || -> BoxFuture<'_, R> { body }), SITE)) }
/// ```
pub(super) fn guard_boxed(function: &mut ItemFn, probes: &Probes<'_>) {
    scan_blocks(function, false, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    let body = &function.block;
    let output = return_type(&function.sig.output, span).map(|ty| quote_spanned!(span=> -> #ty));
    let guarded = quote_spanned!(span=> #private::std::boxed::Box::pin(#private::guarded(#private::once(move || #output #body), #site)));
    function.block.stmts = vec![syn::Stmt::Expr(Expr::Verbatim(guarded), None)];
}
