//! The type of one row: a unit struct with a method for each level, whose message says what blocks and what to write
//! instead.

use super::names::type_name;
use crate::catalog::Row;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

pub(super) fn row_type(row: &Row) -> TokenStream {
    let name = type_name(row, Span::call_site());
    let (ty, methods) = (row_struct(row, Span::call_site()), levels(row, quote!(allowed::#name)));
    let api = api(row, &quote!(crate::site));
    quote! {
        #ty
        impl #name { #methods }
        impl crate::probe::Row for #name { #api }
    }
}

/// The type of a row that guard-runtime does not know, and what goes beside it.
pub(crate) fn local_row(row: &Row, private: &TokenStream, beside: TokenStream) -> TokenStream {
    let span = Span::call_site();
    let (ty, methods) = (row_struct(row, span), levels(row, quote!(Denied)));
    let (what, instead) = message(row);
    let api = api(row, private);
    let name = type_name(row, span);
    quote! {
        #beside
        #[diagnostic::on_unimplemented(message = #what, label = "denied by `#[no_block(deny(..))]`", note = #instead)]
        trait Denied {}
        #ty
        impl #name { #methods }
        impl #private::Row for #name { #api }
    }
}

fn row_struct(row: &Row, span: Span) -> TokenStream {
    let name = type_name(row, span);
    let text = match row.fine_when() {
        "" => format!("`{}`.", row.path),
        when => format!("`{}`. No defect when: {when}.", row.path),
    };
    quote!(#[doc = #text] #[derive(Clone, Copy, Debug)] pub struct #name;)
}

/// A method for each level; `allowed` is a trait that nothing implements.
fn levels(row: &Row, allowed: TokenStream) -> TokenStream {
    let (what, instead) = message(row);
    let note = format!("{what}\n{instead}");
    quote! {
        #[deprecated(note = #note)]
        pub fn in_async_code(self) -> Self { self }
        pub fn quiet(self) -> Self { self }
        pub fn denied<C: #allowed>(self, _: C) -> Self { self }
    }
}

/// The constant of `Row`; `site` is where `Api` and `Kind` are.
fn api(row: &Row, site: &TokenStream) -> TokenStream {
    let (path, remedy) = (row.path, row.remedy);
    let variant = format_ident!("{}", row.of_kind().variant);
    quote! {
        const API: ::core::option::Option<&'static #site::Api> = ::core::option::Option::Some(
            &#site::Api { path: #path, kind: #site::Kind::#variant, remedy: #remedy },
        );
    }
}

/// The message of a hit: what blocks, and what to write instead.
pub(super) fn message(row: &Row) -> (String, String) {
    let offload = match row.kind {
        "sleep" | "lock" | "channel" | "thread_join" | "block_on" => "",
        _ if row.remedy.contains("offload") => "",
        _ => "; or move the call off the executor with `guard_runtime::offload(..).await`",
    };
    (
        format!("`{}` blocks the executor thread ({}): {}", row.path, row.kind, row.why()),
        format!("instead, {}{offload}", row.remedy),
    )
}
