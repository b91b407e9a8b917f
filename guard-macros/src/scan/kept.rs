//! Closures that are kept in a variable and do nothing but be called in the block that keeps them: they run here.

use crate::tokens::find_ident;
use quote::ToTokens;
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{Expr, Ident, Local, Pat, Stmt};

/// Which of a block's statements keep such a closure.
pub(super) fn called_here(stmts: &[Stmt]) -> HashSet<usize> {
    let is_called_here = |(at, stmt): (usize, &Stmt)| {
        let Stmt::Local(local) = stmt else { return None };
        let name = keeps(local)?;
        let mut uses = Uses { name, calls: 0, others: 0 };
        stmts[at + 1..].iter().for_each(|stmt| uses.visit_stmt(stmt));
        (uses.calls > 0 && uses.others == 0).then_some(at)
    };
    stmts.iter().enumerate().filter_map(is_called_here).collect()
}

/// The name of `let name = |x| ..;`.
fn keeps(local: &Local) -> Option<&Ident> {
    let (Pat::Ident(pat), Some(init)) = (&local.pat, &local.init) else { return None };
    match &*init.expr {
        Expr::Closure(closure) if closure.asyncness.is_none() => Some(&pat.ident),
        _ => None,
    }
}

struct Uses<'a> {
    name: &'a Ident,
    calls: usize,
    /// Where it is handed on, captured, or hidden by another one of its name.
    others: usize,
}

impl Visit<'_> for Uses<'_> {
    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        if matches!(&*call.func, Expr::Path(path) if path.path.is_ident(self.name)) {
            self.calls += 1;
            call.args.iter().for_each(|arg| self.visit_expr(arg));
        } else {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_ident(&mut self, ident: &Ident) {
        self.others += usize::from(ident == self.name);
    }

    fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
        self.others += usize::from(self.is_in(closure));
    }

    fn visit_macro(&mut self, mac: &syn::Macro) {
        self.others += usize::from(self.is_in(&mac.tokens));
    }

    fn visit_item(&mut self, _: &syn::Item) {}
}

impl Uses<'_> {
    fn is_in(&self, tokens: &impl ToTokens) -> bool {
        find_ident(tokens.to_token_stream(), &|ident| ident == self.name).is_some()
    }
}
