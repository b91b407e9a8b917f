//! Which variables of a body have a type that is known where they are bound, whatever comes after.

use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Block, Expr, FnArg, Pat, Signature, Type};

/// Functions and methods whose result has a type that they fix by themselves.
const CONSTRUCTORS: &[&str] = &[
    "accept",
    "as_mut",
    "as_ref",
    "by_ref",
    "connect",
    "connect_timeout",
    "create",
    "create_new",
    "establish",
    "finish",
    "into_iter",
    "into_std",
    "lock",
    "new",
    "open",
    "options",
    "read_dir",
    "read_dir_utf8",
    "stderr",
    "stdin",
    "stdout",
    "take",
    "tempfile",
    "try_clone",
    "with_capacity",
];

/// Methods whose result holds what the receiver does.
pub(crate) const PASSES_ON: &[&str] =
    &["context", "expect", "map_err", "unwrap", "with_context", "wrap_err", "wrap_err_with"];

/// The names that a signature and a body bind to values of a known type, everywhere where they bind them.
#[derive(Default)]
pub(crate) struct Typed {
    names: HashMap<String, bool>,
    /// Of the pattern that is being visited.
    known: bool,
}

impl Typed {
    pub(crate) fn of(sig: &Signature, body: &Block) -> Self {
        let mut typed = Typed::default();
        typed.visit_signature(sig);
        typed.visit_block(body);
        typed
    }

    /// Whether a variable's type is known.
    pub(crate) fn holds(&self, name: &str) -> bool {
        name == "self" || self.names.get(name).is_some_and(|known| *known)
    }

    fn bind(&mut self, pat: &Pat, known: bool) {
        let outer = std::mem::replace(&mut self.known, known);
        self.visit_pat(pat);
        self.known = outer;
    }
}

impl Visit<'_> for Typed {
    fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
        let known = self.known;
        *self.names.entry(pat.ident.unraw().to_string()).or_insert(known) &= known;
        visit::visit_pat_ident(self, pat);
    }

    fn visit_pat_type(&mut self, pat: &syn::PatType) {
        self.bind(&pat.pat, is_written(&pat.ty));
    }

    fn visit_fn_arg(&mut self, arg: &FnArg) {
        if let FnArg::Typed(arg) = arg {
            self.bind(&arg.pat, true);
        }
    }

    fn visit_local(&mut self, local: &syn::Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        let known = local.init.as_ref().is_some_and(|init| is_constructed(&init.expr));
        self.bind(&local.pat, known);
    }

    fn visit_expr_let(&mut self, expr: &syn::ExprLet) {
        self.visit_expr(&expr.expr);
        self.bind(&expr.pat, is_constructed(&expr.expr));
    }

    fn visit_expr_match(&mut self, expr: &syn::ExprMatch) {
        self.visit_expr(&expr.expr);
        let known = is_constructed(&expr.expr);
        for arm in &expr.arms {
            self.bind(&arm.pat, known);
            if let Some((_, guard)) = &arm.guard {
                self.visit_expr(guard);
            }
            self.visit_expr(&arm.body);
        }
    }

    fn visit_item(&mut self, _: &syn::Item) {}
}

/// Whether a type holds no `_`.
fn is_written(ty: &Type) -> bool {
    struct Written(bool);
    impl Visit<'_> for Written {
        fn visit_type_infer(&mut self, _: &syn::TypeInfer) {
            self.0 = false;
        }
    }
    let mut written = Written(true);
    written.visit_type(ty);
    written.0
}

fn is_constructed(expr: &Expr) -> bool {
    match expr {
        Expr::Try(inner) => is_constructed(&inner.expr),
        Expr::Await(inner) => is_constructed(&inner.base),
        Expr::Paren(inner) => is_constructed(&inner.expr),
        Expr::Struct(_) => true,
        Expr::Macro(mac) => mac.mac.path.segments.last().is_some_and(|last| last.ident == "format"),
        Expr::Reference(inner) => is_constructed(&inner.expr),
        Expr::MethodCall(call) => {
            let name = call.method.unraw().to_string();
            if PASSES_ON.contains(&&*name) {
                return is_constructed(&call.receiver);
            }
            CONSTRUCTORS.contains(&&*name)
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.qself.is_none() => {
                let names: Vec<_> =
                    path.path.segments.iter().rev().map(|s| s.ident.unraw().to_string()).collect();
                let generic = |owner: &String| owner == "Default" || owner.len() == 1;
                CONSTRUCTORS.contains(&&*names[0]) && !names.get(1).is_some_and(generic)
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_where_every_binding_of_it_is() {
        let function: syn::ItemFn = syn::parse_quote! {
            async fn f(path: &Path, (a, b): (A, B)) {
                let mut file = File::open(path).with_context(|| "a")?;
                let text = Default::default();
                let parsed: Vec<_> = x.collect();
                let written: Vec<u8> = x.collect();
                let formatted = format!("{x}");
                let a = text.parse()?;
                if let Ok(found) = File::open(path).await {}
                match fs::read_dir(path) { Ok(entries) => {} Err(_) => {} }
                match text { Some(inner) => {} _ => {} }
                let closure = |given, typed: &u8| given;
            }
        };
        let typed = Typed::of(&function.sig, &function.block);
        for name in ["path", "b", "file", "written", "formatted", "found", "entries", "typed", "self"] {
            assert!(typed.holds(name), "{name}");
        }
        for name in ["a", "text", "parsed", "closure", "given", "inner", "other"] {
            assert!(!typed.holds(name), "{name}");
        }
    }
}
