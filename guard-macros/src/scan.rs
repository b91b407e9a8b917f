//! Walks a body and finds candidates by name; what replaces them is `probe.rs`'s business.
//!
//! It stops where the code does not run in this poll: at nested items, constants, closures handed to an offloader or
//! merely stored. A call that is awaited directly is no candidate: it returned a future.

use crate::around::Probed;
use crate::catalog::{OFFLOADERS, POOL_METHODS, POOL_TYPES, PoolMethod, Row, SPAWNERS, rows};
use crate::macros::{self, Argument};
use crate::probe::{Binding, Probes, Root};
use crate::rows::is_method;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprCall, ExprMethodCall, FnArg, Ident, Pat, Signature, Stmt, Token, UnOp};

/// Replaces the candidates of a body.
pub(crate) fn scan(sig: &Signature, body: &mut Block, probes: &Probes<'_>) {
    let mut bound = Bound::default();
    bound.visit_signature(sig);
    bound.visit_block(body);
    let mut scan = Scan { probes, bound: bound.0, closure: None, future: false };
    scan.visit_block_mut(body);
}

/// Replaces the candidates of an `async` block that a fn returns.
pub(crate) fn scan_block(sig: &Signature, block: &mut syn::ExprAsync, probes: &Probes<'_>) {
    let mut bound = Bound::default();
    bound.visit_signature(sig);
    bound.visit_block(&block.block);
    let mut scan = Scan { probes, bound: bound.0, closure: None, future: false };
    let by_reference = block.capture.is_none();
    scan.inside(by_reference, |scan| scan.visit_block_mut(&mut block.block));
}

struct Scan<'a> {
    probes: &'a Probes<'a>,
    /// Every name that a pattern of this function binds.
    bound: HashSet<String>,
    /// Inside a closure or `async` block that captures by reference: the names that were bound inside it so far.
    closure: Option<HashSet<String>>,
    /// The next call is an argument of one that is awaited.
    future: bool,
}

impl VisitMut for Scan<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        for stmt in stmts {
            match stmt {
                Stmt::Expr(mut expr, Some(semi)) => match self.visit_call(&mut expr, false) {
                    Some(probed) => block.stmts.extend(probed.into_stmts(expr, semi)),
                    None => block.stmts.push(Stmt::Expr(expr, Some(semi))),
                },
                Stmt::Local(mut local) => {
                    if let Some(init) = &mut local.init {
                        self.visit_expr_mut(&mut init.expr);
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
                        block.stmts.push(Probed::beside(beside, &mac.mac).into_stmt());
                    }
                    block.stmts.push(Stmt::Macro(mac));
                }
                mut other => {
                    self.visit_stmt_mut(&mut other);
                    block.stmts.push(other);
                }
            }
        }
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
            *expr = probed.into_expr(call);
        }
    }

    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        if let Some(inside) = &mut self.closure {
            let mut names = Bound::default();
            names.visit_pat(pat);
            inside.extend(names.0);
        }
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
                if name.is_none() {
                    self.visit_expr_mut(&mut call.func);
                }
                let elsewhere = future || is_pool_function(call);
                self.visit_args(&name.unwrap_or_default(), &mut call.args, future, elsewhere);
                if as_is { None } else { self.function(call) }
            }
            Expr::MethodCall(call) => {
                self.visit_expr_mut(&mut call.receiver);
                let elsewhere = future || is_pool_method(call);
                self.visit_args(&call.method.unraw().to_string(), &mut call.args, future, elsewhere);
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
            // A closure that is no argument is stored or returned: who knows where it runs.
            Expr::Closure(_) | Expr::Const(_) => None,
            Expr::Macro(mac) => {
                let beside = self.visit_known_macro(&mut mac.mac)?;
                (mac.attrs.is_empty() && !as_is).then(|| Probed::beside(beside, &mac.mac))
            }
            Expr::Repeat(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
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
        let scan = std::cell::RefCell::new(self);
        macros::visit(
            mac,
            &mut |expr, argument| match argument {
                Argument::Value => scan.borrow_mut().visit_expr_mut(expr),
                Argument::Awaited => drop(scan.borrow_mut().visit_call(expr, true)),
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
        let project = self.probes.args.project;
        let elsewhere = elsewhere || OFFLOADERS.contains(&callee) || callee.starts_with("spawn_blocking");
        let own = |index| project.is_some_and(|project| project.offloads(callee, index));
        for (index, arg) in args.iter_mut().enumerate() {
            match arg {
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
        let outer = std::mem::replace(&mut self.closure, by_reference.then(HashSet::new));
        visit(self);
        self.closure = outer;
    }

    /// The rows of a name: the catalogue's, and the project's own.
    fn rows<'n>(&self, name: &'n str) -> impl Iterator<Item = &'static Row> + use<'n> {
        let own = self.probes.args.project.map_or(&[][..], |project| &project.rows);
        rows().chain(own).filter(move |row| row.name() == name)
    }

    fn function(&self, call: &mut ExprCall) -> Option<Probed> {
        let Expr::Path(path) = &*call.func else { return None };
        let name = path.path.segments.last()?.ident.unraw().to_string();
        let single = path.qself.is_none() && path.path.segments.len() == 1;
        if single && self.bound.contains(&name) {
            return None;
        }
        let rows: Vec<_> = self.rows(&name).filter(|row| !is_method(row)).collect();
        self.probes.function(call, &rows)
    }

    fn method(&self, call: &mut ExprMethodCall) -> Option<Probed> {
        let name = call.method.unraw().to_string();
        let rows: Vec<_> = self.rows(&name).filter(|row| is_method(row)).collect();
        if rows.is_empty() {
            return None;
        }
        let root = self.root(&call.receiver)?;
        self.probes.method(call, &rows, root)
    }

    /// How a receiver can be asked for its type without evaluating it twice.
    fn root(&self, receiver: &Expr) -> Option<Root> {
        let mut base = receiver;
        let mut bare = true;
        loop {
            match base {
                Expr::Paren(paren) => base = &paren.expr,
                Expr::Group(group) => base = &group.expr,
                Expr::Field(field) => {
                    base = &field.base;
                    bare = false;
                }
                Expr::Index(index) if is_simple(&index.index) => {
                    base = &index.expr;
                    bare = false;
                }
                Expr::Index(_) => return None,
                Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                    base = &unary.expr;
                    bare = false;
                }
                Expr::Path(path) => {
                    let local = path.qself.is_none()
                        && path.path.get_ident().is_some_and(|ident| ident == "self" || self.is_bound(ident));
                    return Some(Root::Place(if local {
                        self.binding(path.path.get_ident()?, bare)
                    } else {
                        Binding::Method
                    }));
                }
                // No row has such a receiver, and a constant one is promoted to a static only where it stands.
                Expr::Array(_) | Expr::Repeat(_) | Expr::Struct(_) | Expr::Range(_) | Expr::Binary(_) => {
                    return None;
                }
                // A macro may stand for a place, which cannot be handed on.
                Expr::Macro(_) => return None,
                _ => return Some(Root::Value { bare }),
            }
        }
    }

    fn is_bound(&self, ident: &Ident) -> bool {
        self.bound.contains(&ident.unraw().to_string())
    }

    fn binding(&self, ident: &Ident, bare: bool) -> Binding {
        match &self.closure {
            Some(inside) if !inside.contains(&ident.unraw().to_string()) => {
                if bare {
                    Binding::BareCapture
                } else {
                    Binding::Method
                }
            }
            _ => Binding::Raw,
        }
    }
}

/// `pool.map(items, |item| ..)`, which no iterator has.
fn is_pool_method(call: &ExprMethodCall) -> bool {
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
fn is_pool_function(call: &ExprCall) -> bool {
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

/// Whether an expression may stand a second time in a branch that never runs.
fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_simple(&field.base),
        Expr::Unary(unary) => is_simple(&unary.expr),
        Expr::Binary(binary) => is_simple(&binary.left) && is_simple(&binary.right),
        Expr::Paren(paren) => is_simple(&paren.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && is_simple(&reference.expr),
        Expr::Cast(cast) => is_simple(&cast.expr),
        Expr::Index(index) => is_simple(&index.expr) && is_simple(&index.index),
        Expr::MethodCall(call) => is_simple(&call.receiver) && call.args.iter().all(is_simple),
        _ => false,
    }
}

/// Whether control can leave the arguments: then nothing may be entered before them.
pub(crate) fn may_leave(args: &impl ToTokens) -> bool {
    fn leaves(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => leaves(group.stream()),
            TokenTree::Ident(ident) => {
                ["await", "return", "break", "continue", "yield"].iter().any(|keyword| ident == keyword)
            }
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Literal(_) => false,
        })
    }
    leaves(args.to_token_stream())
}

/// The first `.await` of an expression that this poll would reach.
pub(crate) fn find_await(expr: &Expr) -> Option<Span> {
    struct Awaits(Option<Span>);
    impl Visit<'_> for Awaits {
        fn visit_expr_await(&mut self, awaited: &syn::ExprAwait) {
            self.0.get_or_insert(awaited.await_token.span);
            visit::visit_expr_await(self, awaited);
        }
        fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
        fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
            if closure.asyncness.is_none() {
                visit::visit_expr_closure(self, closure);
            }
        }
        fn visit_item(&mut self, _: &syn::Item) {}
        fn visit_macro(&mut self, mac: &syn::Macro) {
            let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let awaits = matches!(name.as_str(), "join" | "try_join" | "select");
            let hidden = find_ident(mac.tokens.clone(), "await").or(awaits.then(|| mac.path.span()));
            self.0 = self.0.or(hidden);
        }
    }
    let mut awaits = Awaits(None);
    awaits.visit_expr(expr);
    awaits.0
}

fn find_ident(tokens: TokenStream, name: &str) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_ident(group.stream(), name),
        TokenTree::Ident(ident) if ident == name => Some(ident.span()),
        _ => None,
    })
}

/// The names that patterns bind.
#[derive(Default)]
struct Bound(HashSet<String>);

impl Visit<'_> for Bound {
    fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
        self.0.insert(pat.ident.unraw().to_string());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_fn_arg(&mut self, arg: &FnArg) {
        if let FnArg::Typed(arg) = arg {
            self.visit_pat(&arg.pat);
        }
    }
}
