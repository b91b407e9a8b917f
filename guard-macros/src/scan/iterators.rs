//! Iterators that may block: what gives one, what takes its items, and which variables hold one.

use crate::expressions::{Bound, guarded};
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{Block, Expr, FnArg, Pat, Signature, Type};

/// Methods that take the next item, or all of them.
const CONSUMERS: &[&str] = &[
    "all",
    "any",
    "collect",
    "count",
    "extend",
    "find",
    "find_map",
    "fold",
    "for_each",
    "last",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "next",
    "nth",
    "partition",
    "position",
    "product",
    "reduce",
    "sum",
    "try_fold",
    "try_for_each",
    "unzip",
];

/// Methods that make another iterator of one, which takes nothing yet.
const ADAPTORS: &[&str] = &[
    "by_ref",
    "chain",
    "cloned",
    "copied",
    "enumerate",
    "filter",
    "filter_entry",
    "filter_map",
    "flat_map",
    "flatten",
    "fuse",
    "inspect",
    "into_iter",
    "map",
    "map_while",
    "peekable",
    "skip",
    "skip_while",
    "step_by",
    "take",
    "take_while",
    "zip",
];

/// What gives an iterator that may block; whether it does, its type says.
const ITERATORS: &[&str] = &["into_iter", "read_dir", "read_dir_utf8"];

/// How a type is called that may be such an iterator.
const ITERATOR_TYPES: &[&str] = &["IntoIter", "ReadDir", "ReadDirUtf8"];

/// Whether a method takes items of an iterator.
pub(super) fn consumes(method: &str) -> bool {
    CONSUMERS.contains(&method)
}

/// Whether a method makes another iterator of one, which takes nothing yet.
pub(super) fn adapts(method: &str) -> bool {
    ADAPTORS.contains(&method)
}

/// The names that a signature and a body bind to what may be such an iterator.
#[derive(Default)]
pub(super) struct Iterators(HashSet<String>);

impl Iterators {
    pub(super) fn of(sig: &Signature, body: &Block) -> Self {
        let mut iterators = Iterators::default();
        iterators.visit_signature(sig);
        iterators.visit_block(body);
        iterators
    }

    /// Whether a variable may be such an iterator.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    fn bind(&mut self, pat: &Pat, is_iterator: bool) {
        let mut names = Bound::default();
        if is_iterator {
            names.visit_pat(pat);
        }
        self.0.extend(names.0);
    }
}

impl Visit<'_> for Iterators {
    fn visit_fn_arg(&mut self, arg: &FnArg) {
        if let FnArg::Typed(arg) = arg {
            self.bind(&arg.pat, is_iterator_type(&arg.ty));
        }
    }

    fn visit_local(&mut self, local: &syn::Local) {
        let made = local.init.as_ref().is_some_and(|init| makes_iterator(&init.expr));
        let named = matches!(&local.pat, Pat::Type(typed) if is_iterator_type(&typed.ty));
        self.bind(&local.pat, made || named);
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, expr: &syn::ExprLet) {
        self.bind(&expr.pat, makes_iterator(&expr.expr));
        visit::visit_expr_let(self, expr);
    }

    fn visit_expr_match(&mut self, expr: &syn::ExprMatch) {
        let made = makes_iterator(&expr.expr);
        expr.arms.iter().for_each(|arm| self.bind(guarded(&arm.pat).0, made));
        visit::visit_expr_match(self, expr);
    }

    fn visit_item(&mut self, _: &syn::Item) {}
}

fn is_iterator_type(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_iterator_type(&reference.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| ITERATOR_TYPES.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// Whether one of the calls in a chain gives such an iterator: `fs::read_dir(path).map_err(Failed)?`.
fn makes_iterator(expr: &Expr) -> bool {
    let names_one = |name: &syn::Ident| ITERATORS.iter().any(|known| name == known);
    match expr {
        Expr::Try(inner) => makes_iterator(&inner.expr),
        Expr::Paren(inner) => makes_iterator(&inner.expr),
        Expr::MethodCall(call) => names_one(&call.method) || makes_iterator(&call.receiver),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().is_some_and(|last| names_one(&last.ident)),
            _ => false,
        },
        Expr::Match(inner) => makes_iterator(&inner.expr),
        _ => false,
    }
}
