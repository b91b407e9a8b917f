//! The type of what a fn gives, as a fake return in its body may name it.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{ReturnType, Type, parse_quote_spanned};

/// The type for the fake return, inferred where it is opaque; none where it says nothing, or nothing returns.
pub(crate) fn return_type(output: &ReturnType, span: Span) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) => inferred((**ty).clone()),
        ReturnType::Default => Some(parse_quote_spanned!(span=> ())),
    }
}

pub(super) fn inferred(mut ty: Type) -> Option<Type> {
    struct Infer(bool);
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            self.0 |= matches!(ty, Type::Never(_) | Type::Macro(_));
            if let Type::ImplTrait(opaque) = ty {
                let underscore_token = syn::Token![_](opaque.impl_token.span);
                *ty = Type::Infer(syn::TypeInfer { attrs: Vec::new(), underscore_token });
            }
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let mut infer = Infer(false);
    infer.visit_type_mut(&mut ty);
    (!infer.0 && !matches!(ty, Type::Infer(_))).then_some(ty)
}
