//! What a type is asked for: tags and rows, those of other crates by impls that the expansion brings along.

use super::body::Probes;
use crate::catalog::{Level, Row, facades};
use crate::rows::{absolute, local_row, parse, stub_of, type_name, unnamed_lifetimes};
use crate::rustc::{Lookup, lookup};
use crate::tokens::respan;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeMap;

impl Probes<'_> {
    /// The type of a row: guard-runtime's, or the local one of a row of the project's own.
    pub(super) fn row(&self, row: &Row, span: Span) -> TokenStream {
        let (private, name) = (self.private(span), type_name(row, span));
        if row.own { name.into_token_stream() } else { quote_spanned!(span=> #private::blocking::#name) }
    }

    /// The tags to ask a receiver for, with the level of their kind: those that guard-runtime knows, and those of the
    /// local impls.
    pub(super) fn tags(&self, rows: &[&Row], span: Span) -> Vec<(TokenStream, Level)> {
        let mut tags = BTreeMap::new();
        for row in rows {
            let (level, tag) = (self.level_of(row), self.tag(row, span));
            let krate = (!row.is_built_in()).then(|| row.krate());
            tags.insert((krate, row.kind), (tag, level));
        }
        tags.into_values().collect()
    }

    /// What a type is asked for.
    pub(super) fn tag(&self, row: &Row, span: Span) -> TokenStream {
        if !row.is_built_in() {
            return local_tag(row, span).into_token_stream();
        }
        let (private, name, kind) =
            (self.private(span), Ident::new(&row.asked_as(), span), Ident::new(row.kind, span));
        quote_spanned!(span=> #private::blocking::method::#name::#kind)
    }

    /// Whether anything is to be said or done about a row's call.
    pub(super) fn asks(&self, row: &Row, enters: bool) -> bool {
        match self.level_of(row) {
            // Where nothing is said, the call guard only names what the hooks see, which is worth it for std alone.
            Level::Allow => enters && row.is_built_in(),
            _ => row.is_built_in() || visible(row).is_some(),
        }
    }

    /// What the orphan rule allows in the user's crate: a tag of its own, and impls for other crates' types.
    pub(super) fn local_impls(&self, rows: &[&Row], span: Span) -> TokenStream {
        let private = self.private(span);
        let foreign = || rows.iter().filter(|row| !row.is_built_in());
        let tags: BTreeMap<_, _> =
            foreign().map(|row| ((row.krate(), row.kind), local_tag(row, span))).collect();
        let tags = tags.values();
        let impls = foreign().filter_map(|row| {
            let (tag, name) = (local_tag(row, span), self.row(row, span));
            let impls = row.types().iter().map(|(generics, ty)| {
                let (generics, ty) = unnamed_lifetimes(&absolute(generics), ty);
                let generics = respan(generics.into_token_stream(), span);
                // A path of the crate that the row names, or one of std.
                let ty = ty.strip_prefix(row.krate()).and_then(|ty| ty.strip_prefix("::")).unwrap_or(&ty);
                let ty = respan(parse(ty), span);
                quote_spanned!(span=>
                    impl #generics #private::Receiver<#tag> for #ty { type Row = #name; }
                )
            });
            self.with_crate(row, span, impls.collect())
        });
        let reading: BTreeMap<_, _> = foreign()
            .filter(|row| row.is_io())
            .map(|row| ((row.krate(), row.kind), local_tag(row, span)))
            .collect();
        let reading = reading.values();
        quote_spanned!(span=>
            #(struct #tags;)*
            #(impl #private::ThroughBuffers for #reading {})*
            #(#impls)*
        )
    }

    /// A block in which the items of another crate are in scope, under the names that they have at its root.
    ///
    /// The crate may lack one in this version or with these features: then the stub's stands in, which is no one's.
    /// The crate's own glob shadows the stub's. One of the two may be unused, and these imports alone have spans of the
    /// macro, for which rustc does not say so: an `#[allow]` would be an error below a `forbid`.
    pub(super) fn with_crate(&self, row: &Row, span: Span, inside: TokenStream) -> Option<TokenStream> {
        let (own, private) = (visible(row)?, self.private);
        let stub = if row.own {
            local_row(row, private, stub_of(row))
        } else {
            let stub = Ident::new(row.krate(), Span::call_site());
            quote!(use #private::blocking::stub::#stub::*;)
        };
        let own = quote!(use #own::*;);
        Some(quote_spanned!(span=> { #stub { #own #inside } }))
    }
}

/// The path of a crate's root in the user's crate.
pub(super) fn visible_crate(krate: &str) -> Option<TokenStream> {
    let Lookup::Named(name) = lookup(krate) else { return None };
    let name = Ident::new(&name, Span::call_site());
    Some(quote!(::#name))
}

/// The same for a row's crate, or of a module that re-exports it.
fn visible(row: &Row) -> Option<TokenStream> {
    let found = std::iter::once((row.krate(), "")).chain(facades(row.krate())).find_map(|(krate, module)| {
        let path = visible_crate(krate)?;
        let module = (!module.is_empty()).then(|| Ident::new(module, Span::call_site())).into_iter();
        Some(quote!(#path #(::#module)*))
    });
    // The crate being compiled is no dependency of its own.
    let itself = row.own && std::env::var("CARGO_CRATE_NAME").is_ok_and(|name| name == row.krate());
    found.or_else(|| itself.then(|| quote!(crate)))
}

/// The name of the local tag for the calls of one crate and kind: two crates may re-export the same type.
pub(super) fn local_tag(row: &Row, span: Span) -> Ident {
    let krate = row.krate().split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
    Ident::new(&format!("NoBlock{krate}{}", row.of_kind().variant), span)
}
