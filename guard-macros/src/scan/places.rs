//! Which receivers and arguments can be asked for their type, and how the probe may name them.

use super::Scan;
use crate::arguments::Place;
use crate::macros;
use crate::probe::{Binding, Root};
use crate::syntax::{base, is_constant, is_simple};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
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
            let known = base(expr).is_some_and(|name| self.typed.holds(&name.unraw().to_string()));
            let binding = match self.root(expr)? {
                Root::Place(binding) if known && binding != Binding::BareCapture => binding,
                // `io::stdin()`, `io::stdin().lock()`: made once more, in a branch that never runs.
                Root::Value { .. } if is_constant(expr) => Binding::Method,
                _ => return None,
            };
            Some(Place { index, expr: expr.clone(), binding })
        };
        args.iter().enumerate().filter_map(place).collect()
    }

    /// How a receiver can be asked for its type without evaluating it twice.
    pub(super) fn root(&self, receiver: &Expr) -> Option<Root> {
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
                Expr::Macro(mac) if !macros::makes_value(&mac.mac) => return None,
                _ => return Some(Root::Value { bare }),
            }
        }
    }

    pub(super) fn is_bound(&self, ident: &Ident) -> bool {
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
