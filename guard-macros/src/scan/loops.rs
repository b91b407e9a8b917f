//! What a loop, or a chain of an iterator's methods, goes through.

use super::Scan;
use crate::syntax::{base, first_path, guarded};
use proc_macro2::TokenStream;
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, ExprMethodCall, FnArg, Pat, Signature, Type};

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

impl Scan<'_> {
    /// Visits a `for`, and asks what it goes through.
    pub(super) fn visit_for(&mut self, each: &mut syn::ExprForLoop) -> Option<TokenStream> {
        let path = first_path(&each.expr).cloned();
        self.visit_expr_for_loop_mut(each);
        // What stands before the loop would have to be configured as the loop is.
        if each.attrs.is_empty() { self.iterated(&mut each.expr, path.as_ref()) } else { None }
    }

    /// What a `for` goes through, asked as the receiver of `into_iter`; what is no variable, only where its path names
    /// such a type: lints read the expression of a loop.
    fn iterated(&self, expr: &mut Expr, path: Option<&syn::ExprPath>) -> Option<TokenStream> {
        if let Some(ask) = self.chained(expr) {
            return Some(ask);
        }
        let rows: Vec<_> = self.rows("into_iter").collect();
        let args = Punctuated::from_iter([expr.clone()]);
        let places = self.places(&args);
        if !places.is_empty() {
            return self.probes.method_taking(&rows, &places, expr.span());
        }
        let is_row = rows.iter().any(|row| {
            path.is_some_and(|path| path.path.segments.iter().any(|segment| segment.ident == row.owner()))
        });
        if is_row { self.as_receiver(expr, "into_iter", expr.span()) } else { None }
    }

    /// `entries.flatten().count()`, where `entries` may be an iterator that blocks: its variable is asked.
    pub(super) fn consumed(&self, call: &ExprMethodCall) -> Option<TokenStream> {
        // Of a variable, `next` is a row of its own.
        let takes_directly = call.method == "next" && is_variable(&call.receiver);
        if takes_directly || !consumes(&call.method.unraw().to_string()) {
            return None;
        }
        match &*call.receiver {
            receiver if is_variable(receiver) => self.variable(receiver),
            receiver => self.chained(receiver),
        }
    }

    /// The variable at the beginning of a chain of adaptors, asked as the receiver of `into_iter`.
    fn chained(&self, expr: &Expr) -> Option<TokenStream> {
        match expr {
            Expr::Paren(paren) => self.chained(&paren.expr),
            Expr::MethodCall(call) if ADAPTORS.contains(&&*call.method.unraw().to_string()) => {
                if is_variable(&call.receiver) {
                    // It is asked for itself.
                    let asked = call.method == "into_iter";
                    if asked { None } else { self.variable(&call.receiver) }
                } else {
                    self.chained(&call.receiver)
                }
            }
            _ => None,
        }
    }

    fn variable(&self, expr: &Expr) -> Option<TokenStream> {
        let name = base(expr)?;
        let known = self.iterators.0.contains(&name.unraw().to_string());
        if known { self.as_receiver(&mut expr.clone(), "into_iter", name.span()) } else { None }
    }
}

fn is_variable(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.get_ident().is_some())
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

    fn bind(&mut self, pat: &Pat, is_iterator: bool) {
        struct Names<'a>(&'a mut HashSet<String>);
        impl Visit<'_> for Names<'_> {
            fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
                self.0.insert(pat.ident.unraw().to_string());
                visit::visit_pat_ident(self, pat);
            }
        }
        if is_iterator {
            Names(&mut self.0).visit_pat(pat);
        }
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
