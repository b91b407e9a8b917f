//! What a body does with its parameters: which it mentions, which it may give another value.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprBinary, Macro, Type};

/// The names of a body that may be given another value.
#[derive(Default)]
pub(super) struct Uses {
    /// In `name = ..`, `name.field += ..`, `(name, _) = ..`.
    assigned: HashSet<String>,
    /// Among the tokens of a macro, which may do anything with them.
    in_macros: HashSet<String>,
}

impl Uses {
    /// Of the body as it was written.
    pub(super) fn of(body: &Block) -> Self {
        let mut uses = Uses::default();
        uses.visit_block(body);
        uses
    }

    /// Whether the variable may be given another value. `mutable`: it may.
    pub(super) fn may_assign(&self, name: &str, mutable: bool) -> bool {
        self.assigned.contains(name) || mutable && self.in_macros.contains(name)
    }
}

impl Visit<'_> for Uses {
    fn visit_expr_assign(&mut self, assign: &syn::ExprAssign) {
        idents(assign.left.to_token_stream(), &mut |ident| {
            self.assigned.insert(ident.to_string());
        });
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &ExprBinary) {
        if assigns(&binary.op) {
            idents(binary.left.to_token_stream(), &mut |ident| {
                self.assigned.insert(ident.to_string());
            });
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_macro(&mut self, mac: &Macro) {
        idents(mac.tokens.clone(), &mut |ident| {
            self.in_macros.insert(ident.to_string());
        });
        assigned_in(mac.tokens.clone(), &mut self.assigned);
    }

    fn visit_item(&mut self, _: &syn::Item) {}
}

/// `+=` and its kin.
fn assigns(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// What an expression gives another value: the left side of `=`, `+=` and their kin.
pub(super) fn assigned_place(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Assign(assign) => Some(&assign.left),
        Expr::Binary(binary) if assigns(&binary.op) => Some(&binary.left),
        _ => None,
    }
}

fn idents(tokens: TokenStream, found: &mut dyn FnMut(&Ident)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Ident(ident) => found(&ident),
            _ => {}
        }
    }
}

/// `name =`, `name +=` in a macro's tokens.
fn assigned_in(tokens: TokenStream, names: &mut HashSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let punct = |at: usize| match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => assigned_in(group.stream(), names),
            TokenTree::Ident(ident) => {
                let after = match punct(at + 1) {
                    Some('+' | '-' | '*' | '/' | '%' | '^' | '&' | '|') => at + 2,
                    _ => at + 1,
                };
                if punct(after) == Some('=') && !matches!(punct(after + 1), Some('=' | '>')) {
                    names.insert(ident.to_string());
                }
            }
            _ => {}
        }
    }
}

/// Whether the tokens hold the name of a variable, also as an inline argument of a format string. A method, a field or a
/// part of a path that is called so is another thing: the lint on unused variables would be lost to it.
pub(super) fn mentions(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is = |at: Option<usize>, char| matches!(at.and_then(|at| tokens.get(at)), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) if ident == name => {
            let (before, further, after) = (i.checked_sub(1), i.checked_sub(2), Some(i + 1));
            // `..name` is a range.
            let is_part = is(before, '.') && !is(further, '.') || is(before, ':') && is(further, ':');
            !is_part && !is(before, '\'') && !is(after, ':')
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
        TokenTree::Literal(literal) => {
            literal.to_string().contains(&format!("{{{}", name.trim_start_matches("r#")))
        }
    })
}

/// Whether dropping a value of the type does nothing, by its look: a reference, a number.
pub(super) fn is_dropped_for_nothing(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32",
        "u64", "u8", "usize",
    ];
    match ty {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => true,
        Type::Paren(paren) => is_dropped_for_nothing(&paren.elem),
        Type::Group(group) => is_dropped_for_nothing(&group.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_dropped_for_nothing),
        Type::Array(array) => is_dropped_for_nothing(&array.elem),
        Type::Path(path) => {
            path.path.get_ident().is_some_and(|ident| PLAIN.iter().any(|plain| ident == plain))
        }
        _ => false,
    }
}
