//! The type of one row: a unit struct with a method for each level, whose message says what blocks and what to write
//! instead.

use super::names::type_name;
use crate::catalog::Row;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

/// The type of a row that guard-runtime knows: the one of that number in its table.
pub(super) fn row_type((number, row): (usize, &Row)) -> TokenStream {
    let name = type_name(row, Span::call_site());
    let (ty, methods) = (row_struct(row, Span::call_site()), levels(row, quote!(allowed::#name)));
    quote! {
        #ty
        impl #name { #methods }
        impl crate::probe::Row for #name {
            const API: Option<&'static crate::model::Api> = Some(&crate::model::APIS[#number]);
        }
    }
}

/// The type of a row that guard-runtime does not know, and what goes beside it.
pub(crate) fn local_row(row: &Row, private: &TokenStream, beside: TokenStream) -> TokenStream {
    let span = Span::call_site();
    let (ty, methods) = (row_struct(row, span), levels(row, quote!(Denied)));
    let (what, instead) = message(row);
    let (name, api) = (type_name(row, span), api(row, private));
    let api = quote!(::core::option::Option<&'static #private::Api> = ::core::option::Option::Some(&#api));
    quote! {
        #beside
        #[diagnostic::on_unimplemented(message = #what, label = "denied by `#[no_block(deny(..))]`", note = #instead)]
        trait Denied {}
        #ty
        impl #name { #methods }
        impl #private::Row for #name { const API: #api; }
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

/// A row as reports need it; `model` is where `Api` and `Kind` are.
pub(super) fn api(row: &Row, model: &TokenStream) -> TokenStream {
    let (path, remedy) = (row.path, row.remedy);
    let variant = format_ident!("{}", row.of_kind().variant);
    quote!(#model::Api { path: #path, kind: #model::Kind::#variant, remedy: #remedy })
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
