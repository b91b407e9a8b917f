//! The types of the catalogue: what `__catalog!` expands to inside guard-runtime, and how expansions name it.

use crate::catalog::{KINDS, Kind, ROWS, Row, Shape};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// The name of a row's type: `std_fs_write` for `std::fs::write`.
pub(crate) fn type_name(row: &Row, span: Span) -> Ident {
    Ident::new(&row.path.replace("::", "_"), span)
}

pub(crate) fn kind_of(row: &Row) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == row.kind).expect("rows name kinds of the table (unit test)")
}

/// The message of a hit: what blocks, and what to write instead.
fn message(row: &Row) -> (String, String) {
    let offload = match row.kind {
        "sleep" | "lock" | "channel" | "thread_join" | "block_on" => "",
        _ if row.remedy.contains("offload") => "",
        _ => "; or move the call off the executor with `guard_runtime::offload(..).await`",
    };
    (
        format!("`{}` blocks the executor thread ({})", row.path, row.kind),
        format!("instead, {}{offload}", row.remedy),
    )
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
/// impl Row for std_fs_write { const API: Option<&'static Api> = Some(&Api { .. }); }
/// impl Receiver<method::lock::lock> for Mutex<T> { type Row = std_sync_Mutex_lock; }   // methods only
/// ```
pub(crate) fn catalog() -> TokenStream {
    let rows = ROWS.iter().map(row_type);
    let traits = ROWS.iter().map(|row| {
        let (message, instead) = message(row);
        let (name, label) = (type_name(row, Span::call_site()), "denied by `#[no_block(deny(..))]`");
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #instead)]
            pub trait #name {}
        }
    });
    let impls = ROWS.iter().map(receiver_impls);
    let names: BTreeSet<_> = ROWS.iter().filter(|row| is_method(row)).map(Row::name).collect();
    let tags = names.into_iter().map(|name| {
        let kinds: BTreeSet<_> =
            ROWS.iter().filter(|row| is_method(row) && row.name() == name).map(|row| row.kind).collect();
        let kinds = kinds.into_iter().map(|kind| format_ident!("{kind}"));
        let name = format_ident!("{name}");
        quote! { pub mod #name { #(#[derive(Clone, Copy, Debug)] pub struct #kinds;)* } }
    });
    let stubs = ROWS.iter().filter(|row| !is_method(row) && row.krate() != "std").map(stub);
    quote! {
        #(#rows)*
        pub mod allowed { #(#traits)* }
        pub mod method { #(#tags)* }
        pub mod stub { #(#stubs)* }
        #(#impls)*
    }
}

/// Stands in for a function of another crate where that crate does not have it.
///
/// Output: `pub mod futures { pub use ClassifyFunction; pub mod executor { pub fn block_on<A0>(_: A0) {} } }`
fn stub(row: &Row) -> TokenStream {
    let Shape::Function { arguments } = row.shape else { return TokenStream::new() };
    let path: Vec<_> = row.path.split("::").map(|segment| format_ident!("{segment}")).collect();
    let [krate, modules @ .., name] = &path[..] else { return TokenStream::new() };
    let arity = if arguments.is_empty() { 0 } else { arguments.matches(',').count() + 1 };
    let generics: Vec<_> = (0..arity).map(|i| format_ident!("A{i}")).collect();
    let function = quote! { pub fn #name<#(#generics),*>(#(_: #generics),*) {} };
    let inner = modules.iter().rev().fold(function, |inner, module| quote! { pub mod #module { #inner } });
    quote! { pub mod #krate { pub use crate::probe::ClassifyFunction; #inner } }
}

pub(crate) fn is_method(row: &Row) -> bool {
    matches!(row.shape, Shape::Method { .. })
}

fn row_type(row: &Row) -> TokenStream {
    let name = type_name(row, Span::call_site());
    let (what, instead) = message(row);
    let note = format!("{what}\n{instead}");
    let (path, remedy) = (row.path, row.remedy);
    let variant = format_ident!("{}", kind_of(row).variant);
    quote! {
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
        impl #name {
            #[deprecated(note = #note)]
            pub fn in_async_code(self) -> Self { self }
            pub fn quiet(self) -> Self { self }
            pub fn denied<C: allowed::#name>(self, _: C) -> Self { self }
        }
        impl crate::probe::Row for #name {
            const API: ::core::option::Option<&'static crate::site::Api> = ::core::option::Option::Some(
                &crate::site::Api { path: #path, kind: crate::site::Kind::#variant, remedy: #remedy },
            );
        }
    }
}

fn receiver_impls(row: &Row) -> TokenStream {
    let Shape::Method { types, .. } = &row.shape else { return TokenStream::new() };
    let name = type_name(row, Span::call_site());
    let (method, kind) = (format_ident!("{}", row.name()), format_ident!("{}", row.kind));
    // Types of other crates get their impl in the user's crate; tokio's are known here where the feature is on.
    let cfg = match row.krate() {
        "std" => quote!(),
        "tokio" => quote!(#[cfg(feature = "tokio")]),
        _ => return TokenStream::new(),
    };
    types
        .iter()
        .map(|(generics, ty)| {
            let generics: TokenStream = parse(generics);
            let ty: TokenStream = parse(ty);
            quote! {
                #cfg
                impl #generics crate::probe::Receiver<method::#method::#kind> for #ty { type Row = #name; }
            }
        })
        .collect()
}

/// Tokens out of a text of the catalogue.
pub(crate) fn parse(text: &str) -> TokenStream {
    text.parse().expect("the catalogue's texts are Rust (unit test)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_expands_to_rust_that_parses() {
        syn::parse2::<syn::File>(catalog()).unwrap();
        for row in ROWS {
            kind_of(row);
        }
    }

    #[test]
    fn paths_are_distinct() {
        let distinct: BTreeSet<_> = ROWS.iter().map(|row| row.path).collect();
        assert_eq!(distinct.len(), ROWS.len());
    }
}
