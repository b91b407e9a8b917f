//! What stands in for parameters in a copy of the body that never runs.

use crate::tokens::find_ident;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Lifetime, ParenthesizedGenericArguments, PatType, TraitBound, Type, TypeFnPtr};

/// Variables for a copy of the body, which never runs, in the place of the parameters: what that does with them, lints
/// would take for the body's own use. Those whose type has no name are captured.
pub(super) fn stand_ins<'i>(
    inputs: impl IntoIterator<Item = &'i FnArg>,
    private: &TokenStream,
) -> TokenStream {
    let stand_in = |input: &FnArg| {
        let FnArg::Typed(PatType { attrs, pat, ty, .. }) = input else { return None };
        let has_name = find_ident(ty.to_token_stream(), &|ident| ident == "impl").is_none();
        let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        let ty = unnamed(ty);
        has_name.then(|| quote!(#(#cfgs)* let #pat: #ty = #private::fake();))
    };
    inputs.into_iter().filter_map(stand_in).collect()
}

/// A type without its names of lifetimes: a lint counts how often they are used. Within the type of a function, `'_` would
/// be another lifetime.
pub(super) fn unnamed(ty: &Type) -> Type {
    struct Unnamed;
    impl VisitMut for Unnamed {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
        // It may bind some itself.
        fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
            if bound.lifetimes.is_none() {
                visit_mut::visit_trait_bound_mut(self, bound);
            }
        }
    }
    let mut ty = ty.clone();
    Unnamed.visit_type_mut(&mut ty);
    ty
}
