//! Asks what a function is given, or takes its receiver as, for its type: `io::copy(&mut file, ..)`, `Path::exists(path)`.
//!
//! Unlike a method's receiver, an argument's type may be settled only later, by inference, and a question would come too
//! early. So only those variables are asked whose type is known where they are bound (`typed.rs`).

use crate::catalog::{Row, Shape};
use crate::probe::{At, Binding, Probes, nest};
use crate::rows::parse;
use crate::spans::respan;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Expr;

/// An argument that may be named a second time.
pub(crate) struct Place {
    /// Which one it is.
    pub(crate) index: usize,
    /// Without the `&mut` before it.
    pub(crate) expr: Expr,
    pub(crate) binding: Binding,
}

/// What the arguments of one call are asked.
#[derive(Default)]
pub(crate) struct Asked<'r> {
    /// The row behind each verdict.
    pub(crate) rows: Vec<&'r Row>,
    /// An `Option` of the nested verdicts.
    pub(crate) verdicts: Option<TokenStream>,
}

impl Probes<'_> {
    /// ```text
    /// { let mut v = None; if false { fill(&mut v, (place(&raw const file, tag).no_block_receiver(), ..)); never() } v }
    /// ```
    pub(crate) fn arguments<'r>(&self, rows: &[&'r Row], places: &[Place], span: Span) -> Asked<'r> {
        let mut asked = Asked::default();
        let mut verdicts = Vec::new();
        for &row in rows {
            // A method that is called by its path has its receiver first.
            let receiver = matches!(row.shape, Shape::Method { .. });
            for place in places.iter().filter(|place| !receiver || place.index == 0) {
                let probe = self.place(place, &self.tag(row, span), span);
                verdicts.push(quote_spanned!(span=> #probe.no_block_receiver()));
                asked.rows.push(row);
            }
        }
        let Some(verdicts) = nest(verdicts, span) else { return asked };
        let private = respan(self.private.clone(), span);
        let (items, import) = (self.local_impls(rows, span), self.import_place(places, span));
        asked.verdicts = Some(quote_spanned!(span=> {
            let mut __no_block_v = ::core::option::Option::None;
            if false {
                use #private::ClassifyReceiver as _;
                #import
                #items
                #private::fill(&mut __no_block_v, #verdicts);
                #private::never()
            }
            __no_block_v
        }));
        asked
    }

    /// A branch that never runs, which asks the arguments of a method call.
    pub(crate) fn method_taking(&self, rows: &[&Row], places: &[Place], span: Span) -> Option<TokenStream> {
        let rows: Vec<_> = rows.iter().copied().filter(|row| self.asks(row, false)).collect();
        let private = respan(self.private.clone(), span);
        let (items, import) = (self.local_impls(&rows, span), self.import_place(places, span));
        let verdicts = rows.iter().flat_map(|row| {
            places.iter().map(|place| {
                let probe = self.place(place, &self.tag(row, span), span);
                let level = self.level(self.args.level(row), span);
                quote_spanned!(span=> #probe.no_block_receiver().#level)
            })
        });
        let verdict = nest(verdicts.collect(), span)?;
        Some(quote_spanned!(span=> if false {
            use #private::ClassifyReceiver as _;
            #import
            #items
            #private::ask(#verdict);
            #private::never()
        }))
    }

    /// The trait that a place is asked by, where one is; an import that nothing uses would be warned about.
    fn import_place(&self, places: &[Place], span: Span) -> Option<TokenStream> {
        let private = respan(self.private.clone(), span);
        let used = places.iter().any(|place| place.binding != Binding::Raw);
        used.then(|| quote_spanned!(span=> use #private::Place as _;))
    }

    fn place(&self, place: &Place, tag: &TokenStream, span: Span) -> TokenStream {
        let (private, expr) = (respan(self.private.clone(), span), &place.expr);
        match place.binding {
            Binding::Raw => quote_spanned!(span=> #private::place(&raw const #expr, #tag)),
            Binding::Method | Binding::BareCapture => quote_spanned!(span=> #expr.no_block_place(#tag)),
        }
    }

    /// Whether the callee is this method, as an item: `<Mutex<_>>::lock`, `Read::read`.
    pub(crate) fn method_by_path(&self, row: &Row, at: &At<'_>, hit: &TokenStream, level: &TokenStream) -> TokenStream {
        let span = at.span;
        let private = respan(self.private.clone(), span);
        let name = row.name();
        let (item, concrete) = match row.types().first() {
            Some((generics, ty)) if !row.owner().is_empty() && ty.split('<').next().is_some_and(|ty| ty.ends_with(row.owner())) => {
                let with = |argument: &str| match ty.split_once('<') {
                    Some((bare, _)) if !generics.is_empty() => format!("<{bare}<{argument}>>::{name}"),
                    _ => format!("<{ty}>::{name}"),
                };
                (with("_"), with("()"))
            }
            // A trait's method.
            Some((_, ty)) => {
                let ty = match row.owner() {
                    "Read" | "BufRead" => "&[u8]",
                    "Write" => "::std::vec::Vec<u8>",
                    _ => ty,
                };
                (format!("::{}", row.path), format!("<{ty} as ::{}>::{name}", trait_of(row)))
            }
            None => (String::new(), String::new()),
        };
        let (item, concrete) = (respan(parse(&item), span), respan(parse(&concrete), span));
        let pair = quote_spanned!(span=> #private::pair);
        quote_spanned!(span=> {
            use #private::ClassifyFunction as _;
            let __no_block_f = &#item;
            #pair(__no_block_f, __no_block_g)
                .no_block_function(#hit)
                .settle(__no_block_f, &#concrete)
                .#level
        })
    }
}

fn trait_of(row: &Row) -> &'static str {
    row.path.rsplit_once("::").map_or("", |(path, _)| path)
}

/// How many type arguments `::<A, B>` holds.
pub(crate) fn turbofish_len(turbofish: &TokenStream) -> usize {
    let arguments = syn::parse2::<syn::AngleBracketedGenericArguments>(turbofish.clone());
    arguments.map_or(0, |arguments| arguments.args.len())
}
