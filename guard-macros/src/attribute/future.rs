//! Fns that return a future: how, and what it gives.

use syn::punctuated::Punctuated;
use syn::{Block, Expr, ReturnType, Signature, Stmt, Type, TypeParamBound};

/// How a fn returns its future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `impl Future<Output = T>`
    Opaque,
    /// `Pin<Box<dyn Future<Output = T>>>`, under that name or as futures' `BoxFuture`
    Boxed,
    /// A type that may be one, by its name or by what the body ends in: `Self::Future`, an alias
    Perhaps,
    /// The same inside of an impl block, a trait or a module that was annotated
    PerhapsInside,
}

pub(super) fn returned(sig: &Signature) -> Option<Form> {
    let ReturnType::Type(_, ty) = &sig.output else { return None };
    match &**ty {
        // What else is promised of it, our future may not keep.
        Type::ImplTrait(opaque) => {
            let kept = |bound: &TypeParamBound| match bound {
                TypeParamBound::Trait(bound) => {
                    let last = bound.path.segments.last();
                    last.is_some_and(|last| {
                        ["Send", "Sync", "Unpin", "Future"].iter().any(|kept| last.ident == kept)
                    })
                }
                _ => true,
            };
            (opaque.bounds.iter().any(is_future) && opaque.bounds.iter().all(kept)).then_some(Form::Opaque)
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let boxed = match last.ident.to_string().as_str() {
                "BoxFuture" | "LocalBoxFuture" => true,
                "Pin" => {
                    let inner = argument(last).and_then(|inner| match inner {
                        Type::Path(path) => path.path.segments.last().filter(|last| last.ident == "Box"),
                        _ => None,
                    });
                    matches!(inner.and_then(argument), Some(Type::TraitObject(dynamic)) if dynamic.bounds.iter().any(is_future))
                }
                _ => false,
            };
            boxed.then_some(Form::Boxed)
        }
        _ => None,
    }
}

/// Whether a fn may return a boxed future whose type is not written here: `Self::Future`, an alias.
pub(super) fn may_return_one(sig: &Signature, body: &Block) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let Type::Path(path) = &**ty else { return false };
    let named = path.path.segments.last().is_some_and(|last| last.ident.to_string().contains("Fut"));
    let boxes = || match body.stmts.last() {
        Some(Stmt::Expr(Expr::MethodCall(call), None)) => {
            ["boxed", "boxed_local"].iter().any(|name| call.method == name)
        }
        Some(Stmt::Expr(Expr::Call(call), None)) => match &*call.func {
            Expr::Path(path) => {
                path.path.segments.len() > 1
                    && path.path.segments.last().is_some_and(|last| last.ident == "pin")
            }
            _ => false,
        },
        _ => false,
    };
    named || boxes()
}

/// What the future gives that a fn returns, where the fn's type says so.
pub(super) fn future_output(sig: &Signature) -> Option<Type> {
    let ReturnType::Type(_, ty) = &sig.output else { return None };
    match &**ty {
        Type::ImplTrait(opaque) => output_of(&opaque.bounds),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match argument(last)? {
                // `Pin<Box<dyn Future<Output = T>>>`
                Type::Path(inner) if last.ident == "Pin" => match argument(inner.path.segments.last()?)? {
                    Type::TraitObject(dynamic) => output_of(&dynamic.bounds),
                    _ => None,
                },
                ty => (last.ident == "BoxFuture" || last.ident == "LocalBoxFuture").then(|| ty.clone()),
            }
        }
        _ => None,
    }
}

/// `T` of `Future<Output = T> + ..`
fn output_of<P>(bounds: &Punctuated<TypeParamBound, P>) -> Option<Type> {
    let future = bounds.iter().find(|bound| is_future(bound))?;
    let TypeParamBound::Trait(bound) = future else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
        _ => None,
    })
}

fn is_future(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|last| last.ident == "Future")
}

/// The first type of a path such as `Pin<T>`, `BoxFuture<'a, T>`.
fn argument(segment: &syn::PathSegment) -> Option<&Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// `impl Future + Clone`, which `returned` has refused.
pub(super) fn promises_more(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    matches!(&**ty, Type::ImplTrait(opaque) if opaque.bounds.iter().any(is_future))
}
