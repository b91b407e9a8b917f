//! What an `impl Fn(&A) -> R` in a fn's type says of the closures that it returns: their types, which rustc hands down to the
//! tail of a fn, and not into a block around it.

use crate::tokens::respan;
use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, Lifetime, ParenthesizedGenericArguments, Pat, PatType, PathArguments, ReturnType, Stmt, Token,
    Type, TypeParamBound,
};

/// Writes the expected types into the closures of an expression that gives a value of this type. False where one of them
/// cannot be written down.
///
/// ```text
/// Input:  (impl Fn(&User) -> bool, u8)     (move |u| u.admin, 1)
/// Output:                                  (move |u: &User| -> bool { u.admin }, 1)
/// ```
///
/// Of an `Ok(|u| ..)` rustc hands nothing down, either.
pub(crate) fn expect(ty: &Type, expr: &mut Expr) -> bool {
    match (ty, expr) {
        (ty, Expr::Paren(inner)) => expect(ty, &mut inner.expr),
        (ty, Expr::Group(inner)) => expect(ty, &mut inner.expr),
        (ty, Expr::Block(inner)) => of_block(ty, &mut inner.block),
        (ty, Expr::Unsafe(inner)) => of_block(ty, &mut inner.block),
        (ty, Expr::If(inner)) => {
            let then = of_block(ty, &mut inner.then_branch);
            inner.else_branch.as_mut().is_none_or(|(_, other)| expect(ty, other)) && then
        }
        (ty, Expr::Match(inner)) => inner.arms.iter_mut().all(|arm| expect(ty, &mut arm.body)),
        (Type::Paren(ty), expr) => expect(&ty.elem, expr),
        (Type::Tuple(types), Expr::Tuple(values)) => {
            types.elems.iter().zip(&mut values.elems).all(|(ty, value)| expect(ty, value))
        }
        (Type::ImplTrait(opaque), Expr::Closure(closure)) => opaque.bounds.iter().all(|bound| match bound {
            TypeParamBound::Trait(bound) => match bound.path.segments.last().map(|last| &last.arguments) {
                Some(PathArguments::Parenthesized(signature)) => of_closure(signature, closure),
                _ => true,
            },
            _ => true,
        }),
        _ => true,
    }
}

fn of_block(ty: &Type, block: &mut syn::Block) -> bool {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(tail, None)) => expect(ty, tail),
        _ => true,
    }
}

fn of_closure(signature: &ParenthesizedGenericArguments, closure: &mut syn::ExprClosure) -> bool {
    if signature.inputs.len() != closure.inputs.len() {
        return true;
    }
    let untyped = closure.inputs.iter().any(|input| !matches!(input, Pat::Type(_)));
    let opaque = |ty: &Type| has(ty, |found| found.opaque);
    // What the closure borrows of its argument and gives back, its own types cannot say.
    let lends = matches!(&signature.output, ReturnType::Type(_, ty) if has(ty, |found| found.elided));
    if lends && untyped && signature.inputs.iter().any(|input| has(&input.ty, |found| found.elided)) {
        return false;
    }
    for (input, argument) in closure.inputs.iter_mut().zip(&signature.inputs) {
        if matches!(input, Pat::Type(_)) || opaque(&argument.ty) {
            continue;
        }
        let colon_token = Token![:](input.span());
        let (pat, ty) = (Box::new(input.clone()), Box::new(own_names(&argument.ty)));
        *input = Pat::Type(PatType { attrs: Vec::new(), pat, colon_token, ty });
    }
    if let (ReturnType::Type(_, ty), ReturnType::Default) = (&signature.output, &closure.output) {
        if !opaque(ty) && !lends && closure.asyncness.is_none() && !has(ty, |found| found.named) {
            // Where the closure's head ends: rustc points to the whole of it.
            let end = closure.inputs_end.span;
            let (arrow, ty) = (Token![->](end), respan(ty.to_token_stream(), end));
            closure.output = syn::parse_quote!(#arrow #ty);
            if !matches!(&*closure.body, Expr::Block(_)) {
                let body = &closure.body;
                let span = body.span();
                let mut block = Group::new(Delimiter::Brace, quote_spanned!(span=> #body));
                block.set_span(span);
                let parsed: syn::Result<Expr> =
                    syn::parse2(TokenStream::from(proc_macro2::TokenTree::Group(block)));
                if let Ok(block) = parsed {
                    *closure.body = block;
                }
            }
        }
    }
    true
}

#[derive(Default)]
struct Found {
    opaque: bool,
    /// `&T`, `'_`
    elided: bool,
    /// A lifetime with a name, which may be one of `for<'a> Fn(&'a T)`.
    named: bool,
}

impl Visit<'_> for Found {
    fn visit_type_impl_trait(&mut self, _: &syn::TypeImplTrait) {
        self.opaque = true;
    }
    fn visit_type_reference(&mut self, reference: &syn::TypeReference) {
        self.elided |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }
    fn visit_lifetime(&mut self, lifetime: &Lifetime) {
        self.elided |= lifetime.ident == "_";
        self.named |= lifetime.ident != "_" && lifetime.ident != "static";
    }
}

fn has(ty: &Type, what: impl Fn(&Found) -> bool) -> bool {
    let mut found = Found::default();
    found.visit_type(ty);
    what(&found)
}

/// The type as a closure may name it: a lifetime that `for<'a>` binds has no name there.
fn own_names(ty: &Type) -> Type {
    struct Unnamed;
    impl VisitMut for Unnamed {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = proc_macro2::Ident::new("_", lifetime.ident.span());
            }
        }
    }
    let mut ty = ty.clone();
    visit_mut::visit_type_mut(&mut Unnamed, &mut ty);
    ty
}

/// Whether a type holds an `impl Fn(..)`, by which closures are typed.
pub(crate) fn types_closures(ty: &Type) -> bool {
    let text = ty.to_token_stream();
    has(ty, |found| found.opaque)
        && ["Fn", "FnMut", "FnOnce", "AsyncFn", "AsyncFnMut", "AsyncFnOnce"]
            .iter()
            .any(|name| crate::tokens::find_ident(text.clone(), &|ident| ident == name).is_some())
}
