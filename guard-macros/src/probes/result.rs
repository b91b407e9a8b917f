//! A call whose result is asked what it implements.

use super::body::Probes;
use super::probed::Ends;
use super::tags::local_tag;
use crate::catalog::{Row, Shape};
use crate::rows::parse;
use crate::tokens::respan;
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMethodCall};

impl Probes<'_> {
    /// ```text
    /// Input:  items.par_iter()
    /// Output: __private::value(items.par_iter(), |r| { .. verdict .. })
    /// ```
    pub(crate) fn yielding(&self, call: &ExprMethodCall, row: &Row) -> Option<Expr> {
        let Shape::Yields { implementing } = row.shape else { return None };
        if !self.asks(row, false) {
            return None;
        }
        let span = call.method.span();
        let (private, tag, name) = (self.private(span), local_tag(row, span), self.row(row, span));
        let (level, implementing) = (self.level(self.level_of(row), span), respan(parse(implementing), span));
        let implement = self.with_crate(
            row,
            span,
            quote_spanned!(span=>
                impl<R: #implementing> #private::Yields<#tag> for #private::Of<R> { type Row = #name; }
            ),
        )?;
        let ends = Ends::of(&call.receiver, call.paren_token.span.close());
        let through = self.through("value", ends.first, ends.first);
        let handed = quote_spanned!(span=> (#call, |__no_block_r| {
            use #private::ClassifyReceiver as _;
            struct #tag;
            #implement
            #private::yielded(__no_block_r, #tag).no_block_receiver().#level
        }));
        Some(Expr::Verbatim(quote!(#through #handed)))
    }
}
