//! How a row and the texts of its types are written in code.

use crate::catalog::Row;
use proc_macro2::{Ident, Span, TokenStream};

/// The name of a row's type: `std_fs_write` for `std::fs::write`; with its kind where that depends on the receiver.
pub(crate) fn type_name(row: &Row, span: Span) -> Ident {
    let mut name = row.path.replace("::", "_");
    if row.is_io() {
        name = format!("{name}_{}", row.kind);
    }
    Ident::new(&name, span)
}

/// Generics as they can stand in any crate of a user's, also where `Sized` is no name.
pub(crate) fn absolute(generics: &str) -> String {
    generics.replace("?Sized", "?::core::marker::Sized")
}

/// Tokens out of a text of the catalogue.
pub(crate) fn parse(text: &str) -> TokenStream {
    text.parse().expect("the catalogue's texts are Rust (unit test)")
}

/// An impl's generics and type without names for lifetimes that are used once: rustc has a lint on those.
///
/// ```text
/// Input:  <'c>, Statement<'c>
/// Output: <>,   Statement<'_>
/// ```
pub(crate) fn unnamed_lifetimes(generics: &str, ty: &str) -> (syn::Generics, String) {
    let mut generics: syn::Generics = syn::parse_str(generics).unwrap_or_default();
    let mut ty = ty.to_owned();
    let params = std::mem::take(&mut generics.params);
    let named = params.into_iter().filter(|param| match param {
        syn::GenericParam::Lifetime(param) if param.bounds.is_empty() => {
            let name = param.lifetime.to_string();
            let once = ty.matches(&name).count() == 1;
            if once {
                ty = ty.replace(&name, "'_");
            }
            !once
        }
        _ => true,
    });
    generics.params = named.collect();
    (generics, ty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, WRAPPERS};
    use quote::ToTokens;

    #[test]
    fn no_lifetime_with_a_name_is_used_once() {
        let rows = catalog::rows().flat_map(|row| row.types().iter().copied());
        let wrappers = WRAPPERS.iter().map(|wrapper| (wrapper.generics, wrapper.ty));
        for (generics, ty) in rows.chain(wrappers) {
            let (generics, ty) = unnamed_lifetimes(generics, ty);
            for param in generics.lifetimes() {
                let name = param.lifetime.to_string();
                let whole = format!("{} {ty}", generics.to_token_stream());
                assert!(whole.matches(&name).count() > 2, "{whole}");
            }
        }
        let (generics, ty) = unnamed_lifetimes("<'c, T: ?Sized>", "Guard<'c, T>");
        assert_eq!(
            (generics.to_token_stream().to_string(), &*ty),
            ("< T : ? Sized >".into(), "Guard<'_, T>")
        );
    }
}
