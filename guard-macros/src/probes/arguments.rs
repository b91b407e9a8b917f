//! Asks what a function is given, or takes its receiver as, for its type: `io::copy(&mut file, ..)`, `Path::exists(path)`.
//!
//! Unlike a method's receiver, an argument's type may be settled only later, by inference, and a question would come too
//! early. So only those variables are asked whose type is known where they are bound (`expressions/typed.rs`).

use super::body::Probes;
use super::places::{Binding, Place};
use super::verdict::nest;
use crate::catalog::{Row, Shape};
use crate::tokens::respan;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use std::collections::BTreeMap;
use syn::Expr;

/// What the arguments of one call are asked.
#[derive(Default)]
pub(super) struct Asked<'r> {
    /// The row behind each verdict.
    pub(super) rows: Vec<&'r Row>,
    /// An `Option` of the nested verdicts.
    pub(super) verdicts: Option<TokenStream>,
}

impl Probes<'_> {
    /// ```text
    /// { let mut v = None; if false { fill(&mut v, (place(&raw const file, tag).no_block_receiver(), ..)); never() } v }
    /// ```
    pub(super) fn arguments<'r>(&self, rows: &[&'r Row], places: &[Place], span: Span) -> Asked<'r> {
        // A method that is called by its path has its receiver first.
        let asks = |row: &Row, place: &Place| !matches!(row.shape, Shape::Method { .. }) || place.index == 0;
        let pairs: Vec<_> = rows
            .iter()
            .flat_map(|row| places.iter().filter(|place| asks(row, place)).map(move |place| (*row, place)))
            .collect();
        let private = respan(self.private.clone(), span);
        let verdict = |(row, place): &(&Row, &Place)| {
            let (tag, pointer) = (self.tag(row, span), pointer(place, span));
            quote_spanned!(span=> #private::place(#pointer, #tag).no_block_receiver())
        };
        let Some(verdicts) = nest(pairs.iter().map(verdict).collect(), span) else { return Asked::default() };
        let pointers = self.pointers(pairs.iter().map(|(_, place)| *place), span);
        let items = self.local_impls(rows, span);
        let verdicts = quote_spanned!(span=> {
            let mut __no_block_v = ::core::option::Option::None;
            if false {
                use #private::ClassifyReceiver as _;
                #items
                #pointers
                #private::fill(&mut __no_block_v, #verdicts);
                #private::never()
            }
            __no_block_v
        });
        Asked { rows: pairs.iter().map(|(row, _)| *row).collect(), verdicts: Some(verdicts) }
    }

    /// A branch that never runs, which asks the arguments of a method call.
    pub(crate) fn method_taking(&self, rows: &[&Row], places: &[Place], span: Span) -> Option<TokenStream> {
        let rows: Vec<_> = rows.iter().copied().filter(|row| self.asks(row, false)).collect();
        let private = respan(self.private.clone(), span);
        let verdicts = rows.iter().flat_map(|row| {
            let (tag, level) = (self.tag(row, span), self.level(self.level_of(row), span));
            let private = private.clone();
            places.iter().map(move |place| {
                let pointer = pointer(place, span);
                quote_spanned!(span=> #private::place(#pointer, #tag).no_block_receiver().#level)
            })
        });
        let verdict = nest(verdicts.collect(), span)?;
        let (pointers, items) = (self.pointers(places.iter(), span), self.local_impls(&rows, span));
        Some(quote_spanned!(span=> if false {
            use #private::ClassifyReceiver as _;
            #items
            #pointers
            #private::ask(#verdict);
            #private::never()
        }))
    }

    /// Binds a pointer to each place, once: it may hold an index that can be moved out of only once.
    fn pointers<'p>(&self, places: impl Iterator<Item = &'p Place>, span: Span) -> TokenStream {
        let private = respan(self.private.clone(), span);
        let places: BTreeMap<_, _> = places.map(|place| (place.index, place)).collect();
        // An import that nothing uses would be warned about.
        let by_method = places.values().any(|place| place.binding != Binding::Raw);
        let import = by_method.then(|| quote_spanned!(span=> use #private::Place as _;));
        let pointers = places.values().map(|place| {
            let (name, expr) = (pointer(place, span), &place.expr);
            match place.binding {
                Binding::Raw => quote_spanned!(span=> let #name = &raw const #expr;),
                Binding::Method | Binding::BareCapture => match expr {
                    // What stands before a place would be of the call's result.
                    Expr::Unary(_) => quote_spanned!(span=> let #name = (#expr).no_block_place();),
                    _ => quote_spanned!(span=> let #name = #expr.no_block_place();),
                },
            }
        });
        quote_spanned!(span=> #import #(#pointers)*)
    }
}

/// The name of the pointer to a place.
fn pointer(place: &Place, span: Span) -> Ident {
    Ident::new(&format!("__no_block_p{}", place.index), span)
}
