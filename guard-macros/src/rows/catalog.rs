//! What `__catalog!` expands to inside guard-runtime: once the rows as data, for reports; once a type for each row, with tags
//! for what types are asked for.

use super::names::{parse, type_name};
use super::row_type::{api, message, row_type};
use super::stubs::stubs;
use crate::catalog::{self, Row};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// The rows as data, once, inside `guard_runtime::model`.
pub(crate) fn catalog_data() -> TokenStream {
    let rows = catalog::rows().map(|row| api(row, &quote!(crate::model)));
    quote! {
        /// Every row of the catalogue.
        pub(crate) static APIS: &[crate::model::Api] = &[#(#rows),*];
    }
}

/// Expands to the types, once, inside `guard_runtime::blocking`.
///
/// Output, for one row:
///
/// ```text
/// pub struct std_fs_write;
/// impl std_fs_write {
///     #[deprecated(note = "…")] pub fn in_async_code(self) -> Self { self }   // level warn
///     pub fn quiet(self) -> Self { self }                                      // level allow
///     pub fn denied<C: allowed::std_fs_write>(self, _: C) -> Self { self }     // level deny: nothing is `allowed`
/// }
/// impl Row for std_fs_write { const API: Option<&'static Api> = Some(&APIS[17]); }
/// impl Receiver<method::lock::lock> for Mutex<T> { type Row = std_sync_Mutex_lock; }   // methods only
/// ```
pub(crate) fn catalog() -> TokenStream {
    let rows = catalog::rows().enumerate().map(row_type);
    let traits = catalog::rows().map(|row| {
        let (message, instead) = message(row);
        let (name, label) = (type_name(row, Span::call_site()), "denied by `#[no_block(deny(..))]`");
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #instead)]
            pub trait #name {}
        }
    });
    let impls = catalog::rows().map(receiver_impls);
    let asked = |row: &&Row| !row.types().is_empty();
    let names: BTreeSet<_> = catalog::rows().filter(asked).map(Row::asked_as).collect();
    let tags = names.into_iter().map(|name| {
        let kinds: BTreeSet<_> =
            catalog::rows().filter(asked).filter(|row| row.asked_as() == name).map(|row| row.kind).collect();
        let kinds: Vec<_> = kinds.into_iter().map(|kind| format_ident!("{kind}")).collect();
        // Buffers do what the thing below them does.
        let io = catalog::rows().any(|row| row.is_io() && row.asked_as() == name);
        let buffers = io.then(|| quote!(#(impl crate::probe::ThroughBuffers for #kinds {})*));
        let name = format_ident!("{name}");
        quote! { pub mod #name { #(#[derive(Clone, Copy, Debug)] pub struct #kinds;)* #buffers } }
    });
    let stubs = stubs();
    quote! {
        #(#rows)*
        pub mod allowed { #(#traits)* }
        pub mod method { #(#tags)* }
        pub mod stub { #stubs }
        #(#impls)*
    }
}

fn receiver_impls(row: &Row) -> TokenStream {
    let types = row.types();
    let name = type_name(row, Span::call_site());
    let (method, kind) = (format_ident!("{}", row.asked_as()), format_ident!("{}", row.kind));
    if !row.is_built_in() {
        return TokenStream::new();
    }
    let cfg = (row.krate() == "tokio").then(|| quote!(#[cfg(feature = "tokio")]));
    types
        .iter()
        .map(|(generics, ty)| {
            let generics: TokenStream = parse(generics);
            let cfg_unix = ty.contains("::os::unix::").then(|| quote!(#[cfg(unix)]));
            let ty: TokenStream = parse(ty);
            quote! {
                #cfg
                #cfg_unix
                impl #generics crate::probe::Receiver<method::#method::#kind> for #ty { type Row = #name; }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_expands_to_rust_that_parses() {
        syn::parse2::<syn::File>(catalog()).unwrap();
        syn::parse2::<syn::File>(catalog_data()).unwrap();
        for row in catalog::rows() {
            row.of_kind();
        }
    }

    #[test]
    fn paths_are_distinct() {
        let distinct: BTreeSet<_> =
            catalog::rows().map(|row| type_name(row, Span::call_site()).to_string()).collect();
        assert_eq!(distinct.len(), catalog::rows().count());
    }
}
