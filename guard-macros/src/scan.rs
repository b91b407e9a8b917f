//! Walks a body and finds candidates by name; what replaces them is `probe.rs`'s business.
//!
//! It stops where the code does not run in this poll: at nested items, constants, closures handed to an offloader or
//! merely stored. A call that is awaited directly is no candidate: it returned a future.

mod kept;
mod loops;
mod places;
mod spawns;

use crate::around::Probed;
use crate::catalog::{OFFLOADERS, Row, SPAWNERS, Shape, rows_named};
use crate::macros::{self, Argument};
use crate::probe::Probes;
use crate::syntax::{
    Bound, at_once, called_closure, is_address, is_for_tests, is_pool_function, is_pool_method, is_promoted,
    is_thread_scope, keeps, owner,
};
use crate::typed::Typed;
use loops::Iterators;
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote};
use std::cell::Cell;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprCall, ExprMethodCall, Ident, Pat, Signature, Stmt, Token};

/// Replaces the candidates of a body.
pub(crate) fn scan(sig: &Signature, body: &mut Block, probes: &Probes<'_>) {
    let mut bound = Bound::default();
    bound.visit_signature(sig);
    let (typed, iterators) = (Typed::of(sig, body), Iterators::of(sig, body));
    let mut scan =
        Scan { probes, bound: bound.0.into_iter().collect(), typed, iterators, closure: None, future: false };
    scan.visit_block_mut(body);
    probes.bring_via(body, sig.ident.span());
}

/// Replaces the candidates of an `async` block that a fn returns.
pub(crate) fn scan_block(sig: &Signature, block: &mut syn::ExprAsync, probes: &Probes<'_>) {
    let mut bound = Bound::default();
    bound.visit_signature(sig);
    let (typed, iterators) = (Typed::of(sig, &block.block), Iterators::of(sig, &block.block));
    let mut scan =
        Scan { probes, bound: bound.0.into_iter().collect(), typed, iterators, closure: None, future: false };
    let by_reference = block.capture.is_none();
    scan.inside(by_reference, |scan| scan.visit_block_mut(&mut block.block));
    probes.bring_via(&mut block.block, sig.ident.span());
}

struct Scan<'a> {
    probes: &'a Probes<'a>,
    /// The names that patterns have bound so far, in blocks around this place.
    bound: Vec<String>,
    typed: Typed,
    iterators: Iterators,
    /// Inside a closure or `async` block that captures by reference: how many of these names it found.
    closure: Option<usize>,
    /// The next call is an argument of one that is awaited.
    future: bool,
}

impl VisitMut for Scan<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let outside = self.bound.len();
        let stmts = std::mem::take(&mut block.stmts);
        let called_here = kept::called_here(&stmts);
        for (at, stmt) in stmts.into_iter().enumerate() {
            if is_for_tests(&stmt) {
                block.stmts.push(stmt);
                continue;
            }
            match stmt {
                Stmt::Expr(mut expr, Some(semi)) => {
                    let spawner = self.spawner(&expr);
                    let probed = self.visit_call(&mut expr, false);
                    match (spawner, probed) {
                        // That it starts no process is known, or the hooks see it.
                        (Some(spawner), _) => block.stmts.push(self.spawned_by(spawner, expr, semi)),
                        (None, Some(probed)) => block.stmts.extend(probed.into_stmts(expr, semi)),
                        (None, None) => block.stmts.push(Stmt::Expr(expr, Some(semi))),
                    }
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

impl Scan<'_> {
    /// Visits an expression and, where it is a candidate, puts the probe into it. `as_is`: it is none.
    fn visit_call(&mut self, expr: &mut Expr, as_is: bool) -> Option<Probed> {
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
    fn visit_known_macro(&mut self, mac: &mut syn::Macro) -> Option<TokenStream> {
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

    /// What `write!` writes to, asked as the receiver of `write_fmt`.
    fn written_to(&self, to: &mut Expr, span: Span) -> Option<TokenStream> {
        self.as_receiver(to, "write_fmt", span)
    }

    /// An expression whose method is called where nobody sees it.
    fn as_receiver(&self, to: &mut Expr, method: &str, span: Span) -> Option<TokenStream> {
        let rows: Vec<_> = self.rows(method).collect();
        let root = self.root(to)?;
        let method = Ident::new(method, span);
        let mut call = ExprMethodCall {
            attrs: Vec::new(),
            receiver: Box::new(to.clone()),
            dot_token: syn::Token![.](span),
            method,
            turbofish: None,
            paren_token: syn::token::Paren(span),
            args: Punctuated::new(),
        };
        // The call cannot be announced from here: the hooks see it.
        let looks_through = Cell::default();
        let probes =
            Probes { args: self.probes.args, private: self.probes.private, guarded: false, looks_through };
        let probed = probes.method(&mut call, &rows, root)?;
        self.probes.looks_through.set(self.probes.looks_through.get() || probes.looks_through.get());
        *to = *call.receiver;
        probed.ask
    }

    /// `elsewhere`: it is known where the closures among them run.
    fn visit_args(
        &mut self,
        callee: &str,
        args: &mut Punctuated<Expr, Token![,]>,
        awaited: bool,
        elsewhere: bool,
    ) {
        let project = self.probes.args.project;
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

    fn visit_closure(&mut self, closure: &mut syn::ExprClosure) {
        let by_reference = closure.capture.is_none();
        self.inside(by_reference, |scan| {
            closure.inputs.iter_mut().for_each(|input| scan.visit_pat_mut(input));
            scan.visit_expr_mut(&mut closure.body);
        });
    }

    /// Visits what a closure or `async` block holds.
    fn inside(&mut self, by_reference: bool, visit: impl FnOnce(&mut Self)) {
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

    /// The rows of a name: the catalogue's, and the project's own.
    fn rows<'n>(&self, name: &'n str) -> impl Iterator<Item = &'static Row> + use<'n> {
        let own = self.probes.args.project.map_or(&[][..], |project| &project.rows);
        rows_named(name).iter().copied().chain(own.iter().filter(move |row| row.name() == name))
    }

    /// The rows that a function call may be of.
    fn candidates(&self, call: &ExprCall) -> Vec<&'static Row> {
        let Expr::Path(path) = &*call.func else { return Vec::new() };
        let Some(last) = path.path.segments.last() else { return Vec::new() };
        let name = last.ident.unraw().to_string();
        let single = path.qself.is_none() && path.path.segments.len() == 1;
        if single && self.bound.contains(&name)
            || name == "to_socket_addrs" && call.args.iter().all(is_address)
        {
            return Vec::new();
        }
        let owner = owner(path).map(|owner| owner.unraw().to_string());
        let is_candidate = |row: &&Row| match row.shape {
            // The user's type arguments need not fit another function; and almost anything has a `new`.
            Shape::Function { arguments } if arguments.starts_with("::") || name == "new" => {
                owner.as_deref().is_none_or(|owner| owner == row.owner())
            }
            Shape::Function { .. } | Shape::FunctionTaking { .. } => true,
            Shape::Method { .. } => row.is_by_path() && owner.as_deref() == Some(row.owner()),
            Shape::MethodTaking { .. } | Shape::Yields { .. } => false,
        };
        let at_once = at_once(&call.args);
        self.rows(&name).filter(is_candidate).filter(|row| !(at_once && row.may_return_at_once())).collect()
    }

    fn method(&self, call: &mut ExprMethodCall) -> Option<Probed> {
        let name = call.method.unraw().to_string();
        let at_once = at_once(&call.args);
        let rows: Vec<_> = self.rows(&name).filter(|row| !(at_once && row.may_return_at_once())).collect();
        if rows.is_empty() && !loops::consumes(&name) {
            return None;
        }
        let (taking, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| matches!(row.shape, Shape::MethodTaking { .. }));
        let span = call.method.span();
        let taking = if taking.is_empty() {
            None
        } else {
            self.probes.method_taking(&taking, &self.places(&call.args), span)
        };
        let taking = taking.or_else(|| self.consumed(call));
        let rows: Vec<_> = rows.into_iter().filter(|row| matches!(row.shape, Shape::Method { .. })).collect();
        // Only where it stands is a constant promoted to a static; what an address is made of borrows nothing.
        let is_name = name == "to_socket_addrs" && !is_address(&call.receiver);
        let asked =
            !rows.is_empty() && (is_name || name != "to_socket_addrs" && !is_promoted(&call.receiver));
        let root = if asked { self.root(&call.receiver) } else { None };
        let probed = root.and_then(|root| self.probes.method(call, &rows, root));
        match (taking, probed) {
            (Some(taking), probed) => Some(Probed::with_ask(probed, taking, call)),
            (None, probed) => probed,
        }
    }
}

#[cfg(test)]
mod tests;
