//! Patterns: the names that they bind, and the guard of an arm.

use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, Pat};

/// The pattern of an arm, and its guard: `pattern if guard`.
pub(crate) fn guarded(pat: &Pat) -> (&Pat, Option<&Expr>) {
    match pat {
        Pat::Guard(guarded) => (&guarded.pat, Some(&guarded.guard)),
        pat => (pat, None),
    }
}

/// The names that patterns bind.
#[derive(Default)]
pub(crate) struct Bound(pub(crate) HashSet<String>);

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
