//! Which receivers and arguments can be asked for their type, and how the probe may name them.

use super::walk::Scan;
use crate::expressions::{
    base, first_path, fixes_its_type, holds_its_argument, is_simple, is_standard_stream, passes_on,
};
use crate::macros;
use crate::probes::{Binding, Place, Root};
use crate::tokens::respan;
use proc_macro2::Span;
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Token, UnOp};

impl Scan<'_> {
    /// The arguments that can be asked for their type.
    pub(super) fn places(&self, args: &Punctuated<Expr, Token![,]>) -> Vec<Place> {
        let place = |(index, arg): (usize, &Expr)| {
            let mut expr = arg;
            while let Expr::Paren(syn::ExprParen { expr: inner, .. })
            | Expr::Group(syn::ExprGroup { expr: inner, .. })
            | Expr::Reference(syn::ExprReference { expr: inner, .. }) = expr
            {
                expr = inner;
            }
            let known = base(expr).is_some_and(|name| self.is_known(name));
            let binding = match self.root(expr)? {
                Root::Place(binding) if known && binding != Binding::BareCapture => binding,
                // `io::stdin()`, `File::open(path)?`: made once more, in a branch that never runs.
                Root::Value { .. } => {
                    let expr = if is_standard_stream(expr) { expr.clone() } else { self.made(expr)? };
                    return Some(Place { index, expr, binding: Binding::Method });
                }
                Root::Place(_) => return None,
            };
            Some(Place { index, expr: expr.clone(), binding })
        };
        args.iter().enumerate().filter_map(place).collect()
    }

    /// An expression that makes a value of a type that it fixes by itself, as it can be written once more: nothing that
    /// is awaited in it, no closure, and no error to convert.
    ///
    /// ```text
    /// Input:  BufReader::new(File::open(path).map_err(Failed)?)
    /// Output: BufReader::new(Result::unwrap_or_else(File::open(path), |_| never()))
    /// ```
    fn made(&self, expr: &Expr) -> Option<Expr> {
        let mut copy = expr.clone();
        match &mut copy {
            Expr::Path(_) => return base(expr).filter(|name| self.is_known(name)).map(|_| copy),
            Expr::Lit(_) => {}
            // A reference to what is made here would outlive it.
            Expr::Reference(inner) if base(&inner.expr).is_none() => return None,
            Expr::Paren(syn::ExprParen { expr: inner, .. })
            | Expr::Group(syn::ExprGroup { expr: inner, .. })
            | Expr::Reference(syn::ExprReference { expr: inner, .. })
            | Expr::Field(syn::ExprField { base: inner, .. })
            | Expr::Unary(syn::ExprUnary { expr: inner, op: UnOp::Deref(_), .. }) => {
                **inner = self.made(inner)?;
            }
            Expr::Try(inner) => match without_context(&inner.expr) {
                Some(result) => return Some(self.unwrapped(&self.made(result)?, expr.span())),
                None => *inner.expr = self.made(&inner.expr)?,
            },
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return None };
                let names: Vec<_> =
                    path.path.segments.iter().rev().map(|s| s.ident.unraw().to_string()).collect();
                let (name, owner) = (&*names[0], names.get(1).map_or("", |owner| owner.as_str()));
                if fixes_its_type(owner, name) {
                    return call.args.iter().all(is_simple).then_some(copy);
                }
                if !holds_its_argument(owner, name) {
                    return None;
                }
                for arg in &mut call.args {
                    *arg = self.made(arg)?;
                }
            }
            Expr::MethodCall(call) => {
                let name = call.method.unraw().to_string();
                if let ("expect" | "unwrap", Some(result)) = (&*name, without_context(&call.receiver)) {
                    return Some(self.unwrapped(&self.made(result)?, expr.span()));
                }
                let opens = || {
                    let path = first_path(&call.receiver)?;
                    path.path
                        .segments
                        .iter()
                        .any(|s| s.ident == "OpenOptions" || s.ident == "File")
                        .then_some(())
                };
                match &*name {
                    "open" => return (opens().is_some() && is_simple(expr)).then_some(copy),
                    "by_ref" | "lock" if base(&call.receiver).is_some() => {}
                    "expect" | "take" | "try_clone" | "unwrap" => {}
                    _ => return None,
                }
                if !call.args.iter().all(is_simple) {
                    return None;
                }
                if !is_standard_stream(&call.receiver) {
                    *call.receiver = self.made(&call.receiver)?;
                }
            }
            _ => return None,
        }
        Some(copy)
    }

    /// What a result holds.
    fn unwrapped(&self, result: &Expr, span: Span) -> Expr {
        let private = respan(self.probes.private.clone(), span);
        Expr::Verbatim(
            quote_spanned!(span=> ::core::result::Result::unwrap_or_else(#result, |_| #private::never())),
        )
    }

    fn is_known(&self, name: &Ident) -> bool {
        self.typed.holds(&name.unraw().to_string())
    }

    /// How a receiver can be asked for its type without evaluating it twice.
    pub(super) fn root(&self, receiver: &Expr) -> Option<Root> {
        if self.typed.is_open(receiver) {
            return None;
        }
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
                    if !local {
                        return Some(Root::Place(Binding::Method));
                    }
                    let ident = path.path.get_ident()?;
                    let binding = self.binding(ident, bare);
                    // The closure would capture the variable, where the call captures what that points to.
                    let captures_more = binding == Binding::BareCapture && self.typed.is_mutable(ident);
                    return (!captures_more).then_some(Root::Place(binding));
                }
                // No row has such a receiver, and a constant one is promoted to a static only where it stands.
                Expr::Array(_) | Expr::Repeat(_) | Expr::Struct(_) | Expr::Range(_) | Expr::Binary(_) => {
                    return None;
                }
                // A macro may stand for a place, which cannot be handed on.
                Expr::Macro(mac) if !macros::makes_value(&mac.mac) => return None,
                _ => return Some(Root::Value { bare }),
            }
        }
    }

    pub(super) fn is_bound(&self, ident: &Ident) -> bool {
        self.bound.contains(&ident.unraw().to_string())
    }

    fn binding(&self, ident: &Ident, bare: bool) -> Binding {
        let name = ident.unraw().to_string();
        match self.closure {
            Some(outside) if !self.bound[outside..].contains(&name) => {
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

/// `File::open(path).map_err(Failed)` without what is said about the error; none where nothing is.
fn without_context(expr: &Expr) -> Option<&Expr> {
    let Expr::MethodCall(call) = expr else { return None };
    let name = call.method.unraw().to_string();
    let speaks = passes_on(&name) && !matches!(&*name, "expect" | "unwrap");
    speaks.then(|| without_context(&call.receiver).unwrap_or(&call.receiver))
}
