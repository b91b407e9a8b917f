//! Which variables of a body have a type that is known where they are bound, whatever comes after.

use super::constructors::{is_constructor, is_settled_later, passes_on, takes_on};
use super::patterns::guarded;
use super::root::base;
use std::collections::{HashMap, HashSet};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Block, Expr, FnArg, Ident, Pat, Signature, Type};

/// What is known of a type without a look at what comes after; the least of a name that is bound twice.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Now,
    /// Known to the compiler, or not: its tokens do not tell.
    #[default]
    Unclear,
    /// Settled by its use.
    Later,
    /// Of a wrapper whose inside is settled by its use: it can have methods called on it before that.
    LaterInside,
}

/// The names that a signature and a body bind, and what is known of their types.
#[derive(Default)]
pub(crate) struct Typed {
    names: HashMap<String, Known>,
    /// The names of references by which something may be changed.
    mutable: HashSet<String>,
    /// Of the pattern that is being visited.
    known: Known,
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
        name == "self" || self.names.get(name) == Some(&Known::Now)
    }

    /// Whether a variable is a `&mut`.
    pub(crate) fn is_mutable(&self, name: &Ident) -> bool {
        self.mutable.contains(&name.unraw().to_string())
    }

    /// Whether the type of what a method is called on may have parts that are not known yet: asked for, they would be
    /// taken for what they turn out not to be.
    pub(crate) fn is_open(&self, receiver: &Expr) -> bool {
        self.settled(receiver) == Known::LaterInside
    }

    fn is_constructed(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Try(inner) => self.is_constructed(&inner.expr),
            Expr::Await(inner) => self.is_constructed(&inner.base),
            Expr::Paren(inner) => self.is_constructed(&inner.expr),
            Expr::Struct(_) => true,
            Expr::Macro(mac) => mac.mac.path.segments.last().is_some_and(|last| last.ident == "format"),
            Expr::Reference(inner) => self.is_constructed(&inner.expr),
            // Parts of what is known, and that under another name.
            Expr::Field(inner) => self.is_constructed(&inner.base),
            Expr::Index(inner) => self.is_constructed(&inner.expr),
            Expr::Path(path) => {
                path.path.get_ident().is_some_and(|name| self.holds(&name.unraw().to_string()))
            }
            Expr::MethodCall(call) => {
                let name = call.method.unraw().to_string();
                if passes_on(&name) {
                    return self.is_constructed(&call.receiver);
                }
                is_constructor(&name) || takes_on(&name) && self.settled(&call.receiver) == Known::Now
            }
            Expr::Call(call) => {
                let names = called(call);
                if names.get(1).is_some_and(|owner| owner.starts_with(char::is_uppercase) && !is_type(owner))
                {
                    return false;
                }
                let is = |known: fn(&str) -> bool| names.first().is_some_and(|name| known(name));
                let wraps = || call.args.iter().all(|arg| self.settled(arg) == Known::Now);
                is(is_constructor) || is(takes_on) && wraps()
            }
            _ => false,
        }
    }

    /// What comes after an expression may settle its type.
    fn settled(&self, expr: &Expr) -> Known {
        let all = |exprs: &mut dyn Iterator<Item = &Expr>| {
            exprs.map(|expr| self.settled(expr)).max().unwrap_or(Known::Now)
        };
        let inside = |known: Known| if known == Known::Later { Known::LaterInside } else { known };
        match expr {
            Expr::Try(inner) => self.settled(&inner.expr),
            Expr::Await(inner) => self.settled(&inner.base),
            Expr::Paren(inner) => self.settled(&inner.expr),
            Expr::Reference(inner) => self.settled(&inner.expr),
            Expr::Unary(inner) => self.settled(&inner.expr),
            Expr::Field(field) => self.settled(&field.base),
            Expr::Index(index) => self.settled(&index.expr),
            Expr::Tuple(tuple) => inside(all(&mut tuple.elems.iter())),
            Expr::Array(array) => inside(all(&mut array.elems.iter())),
            Expr::Path(path) if path.path.is_ident("None") => Known::LaterInside,
            Expr::Path(path) => {
                let name = path.path.get_ident().map(|name| name.unraw().to_string());
                name.and_then(|name| self.names.get(&name).copied()).unwrap_or(Known::Now)
            }
            Expr::MethodCall(call) => {
                let name = call.method.unraw().to_string();
                if call.turbofish.is_none() && is_settled_later(&name) {
                    return Known::Later;
                }
                self.settled(&call.receiver)
            }
            Expr::Call(call) => {
                let names = called(call);
                let later = |name: &String| is_settled_later(name) || name.starts_with("from_");
                if names.first().is_some_and(later) && !names.get(1).is_some_and(|owner| is_type(owner)) {
                    return Known::Later;
                }
                inside(all(&mut call.args.iter()))
            }
            _ => Known::Now,
        }
    }

    /// What a variable is known to be that is given this value.
    fn known(&self, value: &Expr) -> Known {
        // `let file = &mut *file;`, `let file = file?;`
        let passes_on = named(value).is_some_and(|name| self.holds(&name.unraw().to_string()));
        if passes_on || self.is_constructed(value) {
            Known::Now
        } else {
            self.settled(value).max(Known::Unclear)
        }
    }

    fn note_mutable(&mut self, pat: &Pat, is_mutable: bool) {
        if let (Pat::Ident(pat), true) = (pat, is_mutable) {
            self.mutable.insert(pat.ident.unraw().to_string());
        }
    }

    fn bind(&mut self, pat: &Pat, known: Known) {
        let outer = std::mem::replace(&mut self.known, known);
        self.visit_pat(pat);
        self.known = outer;
    }
}

impl Visit<'_> for Typed {
    fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
        let known = self.known;
        let name = self.names.entry(pat.ident.unraw().to_string()).or_insert(known);
        *name = known.max(*name);
        visit::visit_pat_ident(self, pat);
    }

    fn visit_pat_type(&mut self, pat: &syn::PatType) {
        let known = if is_written(&pat.ty) { Known::Now } else { Known::Unclear };
        self.bind(&pat.pat, known);
        self.note_mutable(&pat.pat, is_mutable(&pat.ty));
    }

    fn visit_fn_arg(&mut self, arg: &FnArg) {
        if let FnArg::Typed(arg) = arg {
            self.bind(&arg.pat, Known::Now);
            self.note_mutable(&arg.pat, is_mutable(&arg.ty));
        }
    }

    fn visit_local(&mut self, local: &syn::Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        let known = local.init.as_ref().map_or(Known::Unclear, |init| self.known(&init.expr));
        let is_mutable =
            |init: &syn::LocalInit| matches!(&*init.expr, Expr::Reference(made) if made.mutability.is_some());
        self.note_mutable(&local.pat, local.init.as_ref().is_some_and(is_mutable));
        self.bind(&local.pat, known);
    }

    fn visit_expr_let(&mut self, expr: &syn::ExprLet) {
        self.visit_expr(&expr.expr);
        self.bind(&expr.pat, self.known(&expr.expr));
    }

    fn visit_expr_match(&mut self, expr: &syn::ExprMatch) {
        self.visit_expr(&expr.expr);
        let known = self.known(&expr.expr);
        for arm in &expr.arms {
            let (pat, guard) = guarded(&arm.pat);
            self.bind(pat, known);
            guard.into_iter().for_each(|guard| self.visit_expr(guard));
            self.visit_expr(&arm.body);
        }
    }

    fn visit_expr_for_loop(&mut self, each: &syn::ExprForLoop) {
        self.visit_expr(&each.expr);
        let known = self.settled(&each.expr);
        self.bind(&each.pat, known);
        self.visit_block(&each.body);
    }

    fn visit_item(&mut self, _: &syn::Item) {}
}

/// The variable that a value is, or is a part of, or points to.
fn named(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Try(inner) => named(&inner.expr),
        Expr::Reference(inner) => named(&inner.expr),
        expr => base(expr),
    }
}

/// The names of a called path, the last one first.
fn called(call: &syn::ExprCall) -> Vec<String> {
    match &*call.func {
        Expr::Path(path) if path.qself.is_none() => {
            path.path.segments.iter().rev().map(|segment| segment.ident.unraw().to_string()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the owner of an associated function is a type, and no trait or type parameter.
fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && name.len() > 1
        && !["Default", "From", "FromIterator", "FromStr", "TryFrom"].contains(&name)
}

/// Whether a type is a `&mut`.
fn is_mutable(ty: &Type) -> bool {
    matches!(ty, Type::Reference(ty) if ty.mutability.is_some())
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
                let file = &mut *file;
                let found = found?;
                let boxed = Box::new(Default::default());
                let buffered = BufWriter::new(text);
                let read = BufReader::new(open(path)?);
                let owned = BufReader::new(File::from(descriptor));
                let made = BufReader::new(T::from(descriptor));
                let taken = file.take(10);
                let both = Box::new((1, parsed));
                for each in listener.incoming() { let one = BufReader::new(each?); }
                for last in x.iter().collect() {}
            }
        };
        let typed = Typed::of(&function.sig, &function.block);
        for name in ["boxed", "buffered"] {
            assert!(typed.is_open(&syn::parse_str(name).unwrap()), "{name}");
        }
        for name in ["file", "text", "given", "found", "self.x", "open(path)", "x.clone()"] {
            assert!(!typed.is_open(&syn::parse_str(name).unwrap()), "{name}");
        }
        for name in [
            "path",
            "b",
            "file",
            "written",
            "formatted",
            "found",
            "entries",
            "typed",
            "self",
            "read",
            "taken",
            "one",
        ] {
            assert!(typed.holds(name), "{name}");
        }
        for name in [
            "a", "text", "parsed", "closure", "given", "inner", "other", "boxed", "made", "buffered", "both",
            "last",
        ] {
            assert!(!typed.holds(name), "{name}");
        }
    }
}
