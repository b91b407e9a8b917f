//! Calls: what of their arguments runs here, and what replaces them.

use super::closures::{called_closure, is_pool_function, is_pool_method, is_thread_scope, keeps};
use super::walk::Scan;
use crate::catalog::{OFFLOADERS, SPAWNERS, Shape};
use crate::macros::{self, Argument};
use crate::probes::Probed;
use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Token};

impl Scan<'_> {
    /// Visits an expression and, where it is a candidate, puts the probe into it. `as_is`: it is none.
    pub(super) fn visit_call(&mut self, expr: &mut Expr, as_is: bool) -> Option<Probed> {
        let future = std::mem::take(&mut self.future) || as_is;
        match expr {
            Expr::Call(call) => {
                let name = match &*call.func {
                    Expr::Path(path) => {
                        path.path.segments.last().map(|segment| segment.ident.unraw().to_string())
                    }
                    _ => None,
                };
                match name.is_none().then(|| called_closure(&mut call.func)) {
                    Some(Some(closure)) => self.visit_closure(closure),
                    Some(None) => self.visit_expr_mut(&mut call.func),
                    None => {}
                }
                let elsewhere = future || is_pool_function(call) || keeps(&call.func);
                // Its closure runs here; what that gives to the scope's `spawn` does not.
                let name = if is_thread_scope(&call.func) { None } else { name };
                let rows = if as_is { Vec::new() } else { self.candidates(call) };
                // Before they are visited: what is asked may have to be written once more.
                let asks = rows.iter().any(|row| !row.types().is_empty());
                let places = if asks { self.places(&call.args) } else { Vec::new() };
                let spawned = self.is_spawned(call);
                self.visit_args(&name.unwrap_or_default(), &mut call.args, future, elsewhere);
                if spawned {
                    self.spawned(call);
                }
                if rows.is_empty() { None } else { self.probes.function(call, &rows, &places) }
            }
            Expr::MethodCall(call) => {
                self.visit_expr_mut(&mut call.receiver);
                let name = call.method.unraw().to_string();
                let elsewhere = future || is_pool_method(call);
                self.visit_args(&name, &mut call.args, future, elsewhere);
                let yields = self.rows(&name).find(|row| matches!(row.shape, Shape::Yields { .. }));
                if let Some(replaced) =
                    yields.filter(|_| !as_is).and_then(|row| self.probes.yielding(call, row))
                {
                    *expr = replaced;
                    return None;
                }
                if as_is { None } else { self.method(call) }
            }
            // The base of an `.await` is no candidate; a closure given to it runs wherever its callee says.
            Expr::Await(awaited) => {
                self.visit_call(&mut awaited.base, true);
                None
            }
            Expr::Paren(paren) if as_is => self.visit_call(&mut paren.expr, true),
            Expr::Async(block) => {
                let by_reference = block.capture.is_none();
                self.inside(by_reference, |scan| scan.visit_block_mut(&mut block.block));
                None
            }
            // What makes a future is as good as one: a task polls it.
            Expr::Closure(closure)
                if closure.asyncness.is_some() || matches!(*closure.body, Expr::Async(_)) =>
            {
                self.visit_closure(closure);
                None
            }
            // Any other that is no argument is stored or returned: who knows where it runs.
            Expr::Closure(_) | Expr::Const(_) => None,
            Expr::Macro(mac) => {
                let beside = self.visit_known_macro(&mut mac.mac)?;
                (mac.attrs.is_empty() && !as_is)
                    .then(|| Probed::beside(beside, &mac.mac, self.probes.private))
            }
            Expr::Repeat(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                None
            }
            // In the place of an expression: `=> for entry in entries { .. }`. Clippy would show the braces as the loop.
            Expr::ForLoop(each) => {
                if let Some(ask) = self.visit_for(each).filter(|_| self.probes.guarded) {
                    let mut block = Group::new(Delimiter::Brace, quote!(#ask #each));
                    block.set_span(each.for_token.span);
                    *expr = Expr::Verbatim(block.into_token_stream());
                }
                None
            }
            other => {
                visit_mut::visit_expr_mut(self, other);
                None
            }
        }
    }

    /// The arguments of a well-known macro.
    pub(super) fn visit_known_macro(&mut self, mac: &mut syn::Macro) -> Option<TokenStream> {
        // Two closures need the scan, never at once.
        let span = mac.path.segments.last().map(|last| last.ident.span())?;
        let scan = std::cell::RefCell::new(self);
        macros::visit(
            mac,
            &mut |expr, argument| {
                let mut scan = scan.borrow_mut();
                match argument {
                    Argument::Value => scan.visit_expr_mut(expr),
                    Argument::Awaited => drop(scan.visit_call(expr, true)),
                    Argument::WrittenTo => {
                        scan.visit_expr_mut(expr);
                        return scan.written_to(expr, span);
                    }
                }
                None
            },
            &mut |pat| scan.borrow_mut().visit_pat_mut(pat),
        )
    }

    /// `elsewhere`: it is known where the closures among them run.
    fn visit_args(
        &mut self,
        callee: &str,
        args: &mut Punctuated<Expr, Token![,]>,
        awaited: bool,
        elsewhere: bool,
    ) {
        let project = self.probes.project;
        let off = OFFLOADERS.contains(&callee) || callee.starts_with("spawn_blocking");
        let elsewhere = elsewhere || off;
        let own = |index| project.is_some_and(|project| project.offloads(callee, index));
        for (index, arg) in args.iter_mut().enumerate() {
            match arg {
                // Whoever is handed it, the future that it makes is polled in a task.
                Expr::Closure(closure)
                    if awaited
                        && (!off || callee.starts_with("get_or_"))
                        && !own(index)
                        && matches!(&*closure.body, Expr::Async(_)) =>
                {
                    self.visit_closure(closure);
                }
                Expr::Closure(closure) if closure.asyncness.is_none() && (elsewhere || own(index)) => {}
                Expr::Closure(closure) => self.visit_closure(closure),
                // `timeout(limit, spawn(|| ..)).await`: the inner call may well return the future.
                Expr::Call(_) | Expr::MethodCall(_) if awaited => {
                    let outer = std::mem::replace(&mut self.future, true);
                    self.visit_expr_mut(arg);
                    self.future = outer;
                }
                arg => {
                    self.visit_expr_mut(arg);
                    if self.probes.guarded && SPAWNERS.contains(&callee) {
                        self.probes.spawned(arg);
                    }
                }
            }
        }
    }
}
