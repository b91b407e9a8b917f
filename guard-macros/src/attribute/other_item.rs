//! Items that are no function, told by their keywords.

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

/// An item that is no function, by its keyword.
pub(crate) fn other_item(input: ParseStream<'_>) -> Option<(Span, &'static str, &'static str)> {
    const ITEMS: &[(&str, &str, &str)] = &[
        ("struct", "a struct", ""),
        ("enum", "an enum", ""),
        ("union", "a union", ""),
        ("type", "a type alias", ""),
        ("static", "a static", ""),
        ("use", "an import", ""),
        ("macro_rules", "a macro", ": annotate the async fns that it makes"),
        ("let", "a statement", ": annotate the async fn around it"),
        ("mod", "a module in a file of its own", ": annotate the async fns inside"),
        ("move", "a closure", ": annotate the async fn around it"),
    ];
    let ahead = input.fork();
    let mut first: Option<Ident> = None;
    // `unsafe impl`, `const X`, `extern crate`, `async move {}`: a modifier says what it is only with its successor.
    while ahead.peek(Ident::peek_any) {
        let ident = Ident::parse_any(&ahead).ok()?;
        let span = first.get_or_insert_with(|| ident.clone()).span();
        if ident == "fn" {
            return None;
        }
        if let Some((_, what, hint)) = ITEMS.iter().find(|(keyword, ..)| ident == keyword) {
            return Some((span, what, hint));
        }
        match ident.to_string().as_str() {
            "unsafe" | "async" | "default" | "const" => {}
            "extern" => {
                let _ = ahead.parse::<Option<syn::LitStr>>();
            }
            _ => break,
        }
    }
    let first = first?;
    match first.to_string().as_str() {
        "const" => Some((first.span(), "a constant", "")),
        "extern" | "unsafe" => Some((first.span(), "an extern item", "")),
        "async" => Some((first.span(), "a block or closure", ": annotate the async fn around it")),
        _ => Some((first.span(), "an expression", ": annotate the async fn around it")),
    }
}
