//! The verdict on one function: whether the callee is the row's, as a comparison of function items.

use super::body::Probes;
use crate::catalog::{Row, Shape};
use crate::rows::parse;
use crate::tokens::{respan, respan_path};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// Where a function is called, and with which type arguments.
pub(super) struct At<'a> {
    pub(super) first: Span,
    pub(super) span: Span,
    pub(super) turbofish: &'a TokenStream,
}

impl Probes<'_> {
    /// The verdict on one function: a block that names the row's own item.
    ///
    /// `hit` is what both functions being the same amounts to: the row, or the verdict on an argument.
    pub(super) fn function_verdict(&self, row: &Row, at: &At<'_>, hit: &TokenStream) -> Option<TokenStream> {
        let At { first, span, turbofish } = *at;
        let level = self.level(self.level_of(row), span);
        let private = self.private(span);
        let arguments = match row.shape {
            Shape::Function { arguments } | Shape::FunctionTaking { arguments, .. } => arguments,
            Shape::Method { .. } => return Some(self.method_by_path(row, at, hit, &level)),
            Shape::MethodTaking { .. } | Shape::Yields { .. } => return None,
        };
        // The user's own type arguments make it concrete.
        let own = arguments.strip_prefix("::").map(|generics| generics.split(',').count());
        if own.is_some_and(|count| count != turbofish_len(turbofish)) {
            return None;
        }
        let item_arguments = own.map(|_| turbofish);
        let concrete = |item: &TokenStream| {
            let tokens = respan(parse(arguments), span);
            match arguments.chars().next() {
                None => quote_spanned!(span=> &#item),
                Some(':') => quote_spanned!(span=> __no_block_f),
                Some('<') => quote_spanned!(span=> &#item::#tokens),
                // A call that never runs settles what no type argument can.
                Some(_) => {
                    quote_spanned!(span=> { let __no_block_c = &#item; let _ = || __no_block_c #tokens; __no_block_c })
                }
            }
        };
        let pair = self.through("pair", first, span);
        let compare = |item: TokenStream| {
            let concrete = concrete(&item);
            quote_spanned!(span=>
                let __no_block_f = &#item #item_arguments;
                #pair(__no_block_f, __no_block_g)
                    .no_block_function(#hit)
                    .settle(__no_block_f, #concrete)
                    .#level
            )
        };
        if row.krate() == "std" {
            let path = match row.path.strip_prefix("std::os::unix::").and_then(|path| path.split_once("::")) {
                Some((_, path)) => {
                    let path = respan(parse(path), span);
                    quote_spanned!(span=> #private::unix::#path)
                }
                // A crate without std has no such name.
                None => {
                    let path = respan_path(parse(&format!("::{}", row.path)), first, span);
                    let private = self.private(first);
                    quote!(#private #path)
                }
            };
            let compare = compare(path);
            return Some(quote_spanned!(span=> { use #private::ClassifyFunction as _; #compare }));
        }
        let compare = compare(respan(parse(row.path.split_once("::")?.1), span));
        let compare = quote_spanned!(span=> { use #private::ClassifyFunction as _; #compare });
        self.with_crate(row, span, compare)
    }

    /// Whether the callee is this method, as an item: `<Mutex<_>>::lock`, `Read::read`.
    fn method_by_path(&self, row: &Row, at: &At<'_>, hit: &TokenStream, level: &TokenStream) -> TokenStream {
        let span = at.span;
        let private = respan(self.private.clone(), span);
        let name = row.name();
        let (item, concrete) = match row.types().first() {
            Some((generics, ty)) if row.is_of_one_type() => {
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
        // A crate without std has no such name.
        let std = format!("{private}::std::");
        let [item, concrete] =
            [item, concrete].map(|path| respan(parse(&path.replace("::std::", &std)), span));
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
fn turbofish_len(turbofish: &TokenStream) -> usize {
    let arguments = syn::parse2::<syn::AngleBracketedGenericArguments>(turbofish.clone());
    arguments.map_or(0, |arguments| arguments.args.len())
}

/// `(a, (b, c))`; nothing for no verdict.
pub(super) fn nest(mut verdicts: Vec<TokenStream>, span: Span) -> Option<TokenStream> {
    let last = verdicts.pop()?;
    Some(verdicts.into_iter().rev().fold(last, |inner, outer| quote_spanned!(span=> (#outer, #inner))))
}
