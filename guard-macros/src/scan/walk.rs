//! The walk itself: statement by statement, with the names that are bound where it is.

use super::cfg_test::is_for_tests;
use super::iterators::Iterators;
use super::kept;
use crate::expressions::{Bound, Typed};
use crate::probes::{Probed, Probes};
use proc_macro2::TokenStream;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Signature, Stmt};

/// Replaces the candidates of a body.
pub(crate) fn scan(sig: &Signature, body: &mut Block, probes: &Probes<'_>) {
    Scan::of(sig, body, probes).visit_block_mut(body);
    probes.bring_via(body, sig.ident.span());
}

/// Replaces the candidates of an `async` block that a fn returns.
pub(crate) fn scan_block(sig: &Signature, block: &mut syn::ExprAsync, probes: &Probes<'_>) {
    let by_reference = block.capture.is_none();
    let mut scan = Scan::of(sig, &block.block, probes);
    scan.inside(by_reference, |scan| scan.visit_block_mut(&mut block.block));
    probes.bring_via(&mut block.block, sig.ident.span());
}

pub(super) struct Scan<'a> {
    pub(super) probes: &'a Probes<'a>,
    /// The names that patterns have bound so far, in blocks around this place.
    pub(super) bound: Vec<String>,
    pub(super) typed: Typed,
    pub(super) iterators: Iterators,
    /// Inside a closure or `async` block that captures by reference: how many of these names it found.
    pub(super) closure: Option<usize>,
    /// The next call is an argument of one that is awaited.
    pub(super) future: bool,
    /// Nobody takes the value of the next block.
    dropped: bool,
    /// What ends the call that such a block ended in: it comes behind the block.
    left: Option<Stmt>,
}

impl<'a> Scan<'a> {
    /// Before the walk through the body of a fn, or an `async` block of it.
    fn of(sig: &Signature, body: &Block, probes: &'a Probes<'a>) -> Self {
        let mut bound = Bound::default();
        bound.visit_signature(sig);
        let (typed, iterators) = (Typed::of(sig, body), Iterators::of(sig, body));
        let bound = bound.0.into_iter().collect();
        Scan { probes, bound, typed, iterators, closure: None, future: false, dropped: false, left: None }
    }

    pub(super) fn visit_closure(&mut self, closure: &mut syn::ExprClosure) {
        let by_reference = closure.capture.is_none();
        self.inside(by_reference, |scan| {
            closure.inputs.iter_mut().for_each(|input| scan.visit_pat_mut(input));
            scan.visit_expr_mut(&mut closure.body);
        });
    }

    /// Visits what a closure or `async` block holds.
    pub(super) fn inside(&mut self, by_reference: bool, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.closure, by_reference.then_some(self.bound.len()));
        self.scoped(visit);
        self.closure = outer;
    }

    /// Visits what sees its own names alone.
    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        visit(self);
        self.bound.truncate(outside);
    }
}

impl VisitMut for Scan<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let outside = self.bound.len();
        let stmts = std::mem::take(&mut block.stmts);
        let called_here = kept::called_here(&stmts);
        let (dropped, last) = (std::mem::take(&mut self.dropped), stmts.len().saturating_sub(1));
        for (at, stmt) in stmts.into_iter().enumerate() {
            if is_for_tests(&stmt) {
                block.stmts.push(stmt);
                continue;
            }
            match stmt {
                Stmt::Expr(mut expr, Some(semi)) => {
                    let spawner = self.spawner(&expr);
                    self.dropped = matches!(expr, Expr::Block(_) | Expr::Unsafe(_));
                    let probed = self.visit_call(&mut expr, false);
                    match (spawner, probed) {
                        // That it starts no process is known, or the hooks see it.
                        (Some(spawner), _) => block.stmts.push(self.spawned_by(spawner, expr, semi)),
                        (None, Some(probed)) => block.stmts.extend(probed.into_stmts(expr, semi)),
                        (None, None) => block.stmts.push(Stmt::Expr(expr, Some(semi))),
                    }
                    self.dropped = false;
                    block.stmts.extend(self.left.take());
                }
                // Its value is dropped with that of the block: so it keeps the lints on unused results.
                Stmt::Expr(mut tail @ (Expr::Call(_) | Expr::MethodCall(_)), None)
                    if dropped && at == last =>
                {
                    let probed = self.visit_call(&mut tail, false);
                    let (ask, leave) = probed.map(Probed::into_parts).unwrap_or_default();
                    block.stmts.extend(ask.into_iter().chain([Stmt::Expr(tail, None)]));
                    self.left = leave;
                }
                Stmt::Expr(mut tail @ (Expr::Block(_) | Expr::Unsafe(_)), None) if dropped && at == last => {
                    self.dropped = true;
                    self.visit_expr_mut(&mut tail);
                    self.dropped = false;
                    block.stmts.push(Stmt::Expr(tail, None));
                }
                Stmt::Expr(Expr::ForLoop(mut each), semi) => {
                    let ask = self.visit_for(&mut each);
                    block.stmts.extend(ask.map(|ask| Stmt::Expr(Expr::Verbatim(ask), None)));
                    block.stmts.push(Stmt::Expr(Expr::ForLoop(each), semi));
                }
                Stmt::Local(mut local) => {
                    if let Some(init) = &mut local.init {
                        match &mut *init.expr {
                            Expr::Closure(closure) if called_here.contains(&at) => {
                                self.visit_closure(closure)
                            }
                            init => self.visit_expr_mut(init),
                        }
                        if let Some((_, diverge)) = &mut init.diverge {
                            self.visit_expr_mut(diverge);
                        }
                    }
                    self.visit_pat_mut(&mut local.pat);
                    block.stmts.push(Stmt::Local(local));
                }
                Stmt::Macro(mut mac) => {
                    if let Some(beside) =
                        self.visit_known_macro(&mut mac.mac).filter(|_| mac.attrs.is_empty())
                    {
                        block.stmts.push(Probed::beside(beside, &mac.mac, self.probes.private).into_stmt());
                    }
                    block.stmts.push(Stmt::Macro(mac));
                }
                mut other => {
                    self.visit_stmt_mut(&mut other);
                    block.stmts.push(other);
                }
            }
        }
        self.bound.truncate(outside);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        // An attribute on an expression that is no statement would have to move with it.
        let attributed = match expr {
            Expr::Call(call) => !call.attrs.is_empty(),
            Expr::MethodCall(call) => !call.attrs.is_empty(),
            _ => false,
        };
        if let Some(probed) = self.visit_call(expr, attributed) {
            let call = std::mem::replace(expr, Expr::Verbatim(TokenStream::new()));
            *expr = probed.into_expr(call, self.probes.private);
        }
    }

    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        // The guard of an arm is evaluated, and sees what the arm binds.
        if let Pat::Guard(guarded) = pat {
            self.visit_pat_mut(&mut guarded.pat);
            return self.visit_expr_mut(&mut guarded.guard);
        }
        let mut names = Bound::default();
        names.visit_pat(pat);
        self.bound.extend(names.0);
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        self.scoped(|scan| visit_mut::visit_arm_mut(scan, arm));
    }

    fn visit_expr_if_mut(&mut self, expr: &mut syn::ExprIf) {
        self.scoped(|scan| visit_mut::visit_expr_if_mut(scan, expr));
    }

    fn visit_expr_while_mut(&mut self, expr: &mut syn::ExprWhile) {
        self.scoped(|scan| visit_mut::visit_expr_while_mut(scan, expr));
    }

    fn visit_expr_for_loop_mut(&mut self, expr: &mut syn::ExprForLoop) {
        self.scoped(|scan| visit_mut::visit_expr_for_loop_mut(scan, expr));
    }

    // Nothing in these runs in this poll.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_path_mut(&mut self, _: &mut syn::Path) {}
    fn visit_macro_mut(&mut self, _: &mut syn::Macro) {}
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
    fn visit_angle_bracketed_generic_arguments_mut(&mut self, _: &mut syn::AngleBracketedGenericArguments) {}
}
