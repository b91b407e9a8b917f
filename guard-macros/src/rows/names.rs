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
