//! What the probes of one body have in common.

use super::levels::Levels;
use crate::catalog::{Level, Row};
use crate::project::{Project, site};
use crate::tokens::respan;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::cell::Cell;
use syn::Expr;

/// What the probes of one function have in common.
pub(crate) struct Probes<'a> {
    levels: &'a Levels,
    /// The project's own file.
    pub(crate) project: Option<&'static Project>,
    /// The path of `guard_runtime::__private`.
    pub(crate) private: &'a TokenStream,
    /// Whether calls are announced to the run time as well.
    pub(crate) guarded: bool,
    /// Whether a probe looks through wrappers of other crates, which the body has to bring then.
    pub(super) looks_through: Cell<bool>,
}

impl<'a> Probes<'a> {
    /// Probes that announce the calls to the run time; [`Self::silent`] leaves that out.
    pub(crate) fn new(
        levels: &'a Levels,
        project: Option<&'static Project>,
        private: &'a TokenStream,
    ) -> Self {
        Probes { levels, project, private, guarded: true, looks_through: Cell::default() }
    }

    /// The same without the call guard.
    pub(crate) fn silent(&self) -> Self {
        Probes { guarded: false, looks_through: Cell::default(), ..*self }
    }

    /// Has the body bring what the other ones need.
    pub(crate) fn join(&self, others: &Self) {
        self.looks_through.set(self.looks_through.get() || others.looks_through.get());
    }

    /// The place of a guard, for reports.
    pub(crate) fn site(&self, span: Span) -> TokenStream {
        site(self.project, self.private, span, true)
    }

    /// A future that another task will poll, guarded there as well.
    pub(crate) fn spawned(&self, future: &mut Expr) {
        if let Expr::Async(block) = future {
            let site = self.site(block.async_token.span);
            *future = self.around(future, "guarded", &quote!(#future, #site));
        }
    }

    /// A call of ours in the place of an expression, from its first token to its last: what rustc says of the whole, as
    /// that a future is not `Send`, it says of what the user wrote.
    pub(crate) fn around(&self, expr: &Expr, name: &str, handed: &TokenStream) -> Expr {
        let tokens: Vec<_> = expr.to_token_stream().into_iter().collect();
        let first = tokens.first().map_or_else(Span::call_site, |token| match token {
            TokenTree::Group(group) => group.span_open(),
            other => other.span(),
        });
        let last = tokens.last().map_or(first, |token| match token {
            TokenTree::Group(group) => group.span_close(),
            other => other.span(),
        });
        let through = self.through(name, first, first);
        let mut group = Group::new(Delimiter::Parenthesis, handed.clone());
        group.set_span(last);
        Expr::Verbatim(quote!(#through #group))
    }

    /// The level of a row.
    pub(super) fn level_of(&self, row: &Row) -> Level {
        self.levels.of(row, self.project)
    }

    /// The method of a row by which it is told.
    pub(super) fn level(&self, level: Level, span: Span) -> TokenStream {
        let private = self.private(span);
        match level {
            Level::Allow => quote_spanned!(span=> quiet()),
            Level::Warn => quote_spanned!(span=> in_async_code()),
            Level::Deny => quote_spanned!(span=> denied(#private::blocking::AsyncCode)),
        }
    }

    /// What a callee or receiver is handed through; it begins where that began. rustc tells an error once for all
    /// paths of one span, so a callee's ends where the callee ends.
    pub(super) fn through(&self, name: &str, first: Span, last: Span) -> TokenStream {
        let (private, name) = (self.private(first), Ident::new(name, last));
        quote_spanned!(first=> #private::#name)
    }

    pub(super) fn private(&self, span: Span) -> TokenStream {
        respan(self.private.clone(), span)
    }
}
