//! Candidates: the rows that a call may be of, by its name and by what it is given.

use super::at_once::{at_once, is_address};
use super::iterators::consumes;
use super::promoted::is_promoted;
use super::walk::Scan;
use crate::catalog::{Row, Shape, rows_named};
use crate::expressions::owner;
use crate::probes::Probed;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, Ident};

impl Scan<'_> {
    /// The rows of a name: the catalogue's, and the project's own.
    pub(super) fn rows<'n>(&self, name: &'n str) -> impl Iterator<Item = &'static Row> + use<'n> {
        let own = self.probes.project.map_or(&[][..], |project| &project.rows);
        rows_named(name).iter().copied().chain(own.iter().filter(move |row| row.name() == name))
    }

    /// The rows that a function call may be of.
    pub(super) fn candidates(&self, call: &ExprCall) -> Vec<&'static Row> {
        let Expr::Path(path) = &*call.func else { return Vec::new() };
        let Some(last) = path.path.segments.last() else { return Vec::new() };
        let name = last.ident.unraw().to_string();
        let single = path.qself.is_none() && path.path.segments.len() == 1;
        if single && self.bound.contains(&name)
            || name == "to_socket_addrs" && call.args.iter().all(is_address)
        {
            return Vec::new();
        }
        let owner = owner(path).map(|owner| owner.unraw().to_string());
        let is_candidate = |row: &&Row| match row.shape {
            // The user's type arguments need not fit another function; and almost anything has a `new`.
            Shape::Function { arguments } if arguments.starts_with("::") || name == "new" => {
                owner.as_deref().is_none_or(|owner| owner == row.owner())
            }
            Shape::Function { .. } | Shape::FunctionTaking { .. } => true,
            Shape::Method { .. } => row.is_by_path() && owner.as_deref() == Some(row.owner()),
            Shape::MethodTaking { .. } | Shape::Yields { .. } => false,
        };
        let at_once = at_once(&call.args);
        self.rows(&name).filter(is_candidate).filter(|row| !(at_once && row.may_return_at_once())).collect()
    }

    pub(super) fn method(&self, call: &mut ExprMethodCall) -> Option<Probed> {
        let name = call.method.unraw().to_string();
        let at_once = at_once(&call.args);
        let rows: Vec<_> = self.rows(&name).filter(|row| !(at_once && row.may_return_at_once())).collect();
        if rows.is_empty() && !consumes(&name) {
            return None;
        }
        let (taking, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| matches!(row.shape, Shape::MethodTaking { .. }));
        let span = call.method.span();
        let taking = if taking.is_empty() {
            None
        } else {
            self.probes.method_taking(&taking, &self.places(&call.args), span)
        };
        let taking = taking.or_else(|| self.consumed(call));
        let rows: Vec<_> = rows.into_iter().filter(|row| matches!(row.shape, Shape::Method { .. })).collect();
        // Only where it stands is a constant promoted to a static; what an address is made of borrows nothing.
        let is_name = name == "to_socket_addrs" && !is_address(&call.receiver);
        let asked =
            !rows.is_empty() && (is_name || name != "to_socket_addrs" && !is_promoted(&call.receiver));
        let root = if asked { self.root(&call.receiver) } else { None };
        let probed = root.and_then(|root| self.probes.method(call, &rows, root));
        match (taking, probed) {
            (Some(taking), probed) => Some(Probed::with_ask(probed, taking, call)),
            (None, probed) => probed,
        }
    }

    /// What `write!` writes to, asked as the receiver of `write_fmt`.
    pub(super) fn written_to(&self, to: &mut Expr, span: Span) -> Option<TokenStream> {
        self.as_receiver(to, "write_fmt", span)
    }

    /// An expression whose method is called where nobody sees it.
    pub(super) fn as_receiver(&self, to: &mut Expr, method: &str, span: Span) -> Option<TokenStream> {
        let rows: Vec<_> = self.rows(method).collect();
        let root = self.root(to)?;
        let method = Ident::new(method, span);
        let mut call = ExprMethodCall {
            attrs: Vec::new(),
            receiver: Box::new(to.clone()),
            dot_token: syn::Token![.](span),
            method,
            turbofish: None,
            paren_token: syn::token::Paren(span),
            args: Punctuated::new(),
        };
        // The call cannot be announced from here: the hooks see it.
        let probes = self.probes.silent();
        let probed = probes.method(&mut call, &rows, root)?;
        self.probes.join(&probes);
        *to = *call.receiver;
        probed.ask
    }
}
