//! A call of a function, or of a method by its path, replaced by the same call with a probe.

use super::body::Probes;
use super::call_guard::{Enter, Handed};
use super::places::Place;
use super::probed::{Ends, Probed};
use super::verdict::{At, nest};
use crate::catalog::{Row, Shape};
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, ExprCall};

impl Probes<'_> {
    /// `path::name(args)`. `places` are those of its arguments that can be asked for their type.
    ///
    /// ```text
    /// Input:  fs::write(path, data)
    /// Output: (__private::enter_callee(fs::write, |g| { .. verdict .. })(path, data), __private::leave()).0
    /// Input:  io::copy(&mut file, &mut out)
    /// Output: (__private::enter_callee_by(io::copy, { .. Some(verdicts on file, out) }, |g, v| { .. })(..), ..).0
    /// ```
    pub(crate) fn function(&self, call: &mut ExprCall, rows: &[&Row], places: &[Place]) -> Option<Probed> {
        let Expr::Path(callee) = &*call.func else { return None };
        let last = callee.path.segments.last()?;
        let span = last.ident.span();
        let turbofish = last.arguments.to_token_stream();
        let ends = Ends::of(&call.func, call.paren_token.span.close());
        let first = ends.first;
        let enter = self.enter(&call.args);
        let enters = enter.is_some();
        if let Some(row) = rows.iter().find(|row| is_full_path(callee, row)) {
            return self.asks(row, enters).then(|| self.by_name(row, enter, span, ends));
        }
        let at = At { first, span, turbofish: &turbofish };
        let mut verdicts: Vec<_> = rows
            .iter()
            .filter(|row| !needs_argument(row) && self.asks(row, enters))
            .filter_map(|row| self.function_verdict(row, &at, &self.row(row, span)))
            .collect();
        let taking: Vec<_> =
            rows.iter().copied().filter(|row| needs_argument(row) && self.asks(row, enters)).collect();
        let asked = self.arguments(&taking, places, span);
        for (n, row) in asked.rows.iter().enumerate() {
            let name = Ident::new(&format!("__no_block_v{n}"), span);
            verdicts.extend(self.function_verdict(row, &at, &name.into_token_stream()));
        }
        let verdict = nest(verdicts, span)?;

        let callee = &call.func;
        let (by, handed) = match asked.verdicts {
            Some(verdicts) => {
                let names = (0..asked.rows.len())
                    .map(|n| Ident::new(&format!("__no_block_v{n}"), span).into_token_stream());
                let names = nest(names.collect(), span)?;
                (
                    Handed::CalleeBy,
                    quote_spanned!(span=> (#callee, #verdicts, |__no_block_g, #names| #verdict)),
                )
            }
            None => (Handed::Callee, quote_spanned!(span=> (#callee, |__no_block_g| #verdict))),
        };
        let through = self.through(by.function(enter), ends.first, span);
        *call.func = Expr::Verbatim(quote!(#through #handed));
        Some(Probed { ask: None, leave: self.leave(enters, span), ends })
    }

    /// `std::fs::write(path, data)`: a full path of std's needs no comparison, and comparing functions is what costs.
    ///
    /// ```text
    /// Output: (__private::enter(if false { Some(row.in_async_code()) } else { None }), std::fs::write(path, data), ..).1
    /// ```
    fn by_name(&self, row: &Row, enter: Option<Enter>, span: Span, ends: Ends) -> Probed {
        let (private, row, level) =
            (self.private(span), self.row(row, span), self.level(self.level_of(row), span));
        let ask = match enter {
            Some(_) => {
                let enter = Ident::new(Handed::Nothing.function(enter), span);
                quote_spanned!(span=> #private::#enter(if false {
                    ::core::option::Option::Some(#row.#level)
                } else {
                    ::core::option::Option::None
                }))
            }
            None => quote_spanned!(span=> if false { #private::ask(#row.#level) }),
        };
        Probed { ask: Some(ask), leave: self.leave(enter.is_some(), span), ends }
    }
}

/// Whether a function is no verdict by itself, but what it is given.
fn needs_argument(row: &Row) -> bool {
    let by_its_type = matches!(row.shape, Shape::Method { .. }) && row.is_of_one_type();
    !row.types().is_empty() && !by_its_type
}

/// Whether a callee is written as the path of a function of std, from the crate on. A module that the user has called `std`
/// reads the same: comparing all functions for its sake made a check a fifth dearer (`ci/compile-cost.sh`).
fn is_full_path(callee: &syn::ExprPath, row: &Row) -> bool {
    let segments = || callee.path.segments.iter();
    let is_function = matches!(row.shape, Shape::Function { .. });
    is_function
        && callee.qself.is_none()
        && row.krate() == "std"
        && segments().map(|segment| segment.ident.unraw().to_string()).eq(row.path.split("::"))
}
