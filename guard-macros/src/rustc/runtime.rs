//! Where guard-runtime is: under the name that rustc was told, or where `crate = ..` says.

use super::externs::{Lookup, lookup};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;

/// The path of `guard_runtime::__private`.
pub(crate) fn private(krate: Option<&Path>) -> syn::Result<TokenStream> {
    if let Some(krate) = krate {
        return Ok(quote!(#krate::__private));
    }
    let name = match lookup("guard_runtime") {
        Lookup::Named(name) => Ident::new(&name, Span::call_site()),
        Lookup::Unknown => Ident::new("guard_runtime", Span::call_site()),
        Lookup::Missing => {
            return Err(syn::Error::new(
                Span::call_site(),
                "guard-runtime is no dependency of this crate: add it to Cargo.toml, or say where it is re-exported, as \
                 in `#[no_block(crate = ::facade::guard_runtime)]`",
            ));
        }
    };
    Ok(quote!(::#name::__private))
}

/// Whether a path means the same wherever it stands, as that of `crate = ..` has to.
pub(crate) fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate")
}
