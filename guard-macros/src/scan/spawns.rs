//! Futures that the body hands to tokio's tasks: those are guarded as well, whoever made them.
//!
//! An `async` block is of a type of its own, so whatever takes one takes a guarded one, too. What a call returns may have
//! to be of one certain type; so `tokio::spawn` has to be written out, and a receiver is asked whether it is tokio's.

use super::walk::Scan;
use crate::catalog::SPAWNERS;
use crate::probes::{Binding, Root};
use crate::tokens::respan;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, Stmt, Token};

impl Scan<'_> {
    /// Whether the first argument is a call whose future a task will poll: `tokio::spawn(work(x))`.
    pub(super) fn is_spawned(&self, call: &ExprCall) -> bool {
        let Expr::Path(path) = &*call.func else { return false };
        let segments = &path.path.segments;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return false };
        self.probes.guarded
            && path.qself.is_none()
            && segments.len() > 1
            && first.ident == "tokio"
            && ["spawn", "spawn_local"].iter().any(|name| last.ident == name)
            && call.args.first().is_some_and(is_call)
    }

    /// Guards the first argument of such a call.
    ///
    /// ```text
    /// Input:  tokio::spawn(work(x))
    /// Output: tokio::spawn(__private::spawned_by_tokio(work(x), SITE))
    /// ```
    pub(super) fn spawned(&self, call: &mut ExprCall) {
        let Some(future) = call.args.first_mut() else { return };
        let site = self.probes.site(call.paren_token.span.open());
        *future = self.probes.around(future, "spawned_by_tokio", &quote!(#future, #site));
    }

    /// The verdict on the receiver of a statement `tasks.spawn(work(x));`, for [`Self::spawned_by`].
    pub(super) fn spawner(&self, expr: &Expr) -> Option<TokenStream> {
        let Expr::MethodCall(call) = expr else { return None };
        let named = SPAWNERS.iter().any(|name| call.method == name);
        if !self.probes.guarded || !named || !call.attrs.is_empty() || !call.args.first().is_some_and(is_call)
        {
            return None;
        }
        // The receiver is borrowed before the arguments are evaluated; so it is asked before the call.
        let Root::Place(binding) = self.root(&call.receiver)? else { return None };
        let (span, receiver) = (call.method.span(), &call.receiver);
        let private = respan(self.probes.private.clone(), span);
        let pointer = match binding {
            Binding::Raw => quote_spanned!(span=> let __no_block_p = &raw const #receiver;),
            Binding::Method => quote_spanned!(span=>
                use #private::Place as _;
                let __no_block_p = #receiver.no_block_place();
            ),
            Binding::BareCapture => return None,
        };
        Some(quote_spanned!(span=> {
            let mut __no_block_v = ::core::option::Option::None;
            if false {
                use #private::ClassifyReceiver as _;
                #pointer
                #private::fill_spawner(
                    &mut __no_block_v,
                    #private::place(__no_block_p, #private::Spawns).no_block_receiver(),
                );
                #private::never()
            }
            __no_block_v
        }))
    }

    /// ```text
    /// Input:  tasks.spawn(work(x));
    /// Output: { let s = { .. verdict .. }; tasks.spawn(__private::spawned(s, work(x), SITE)); }
    /// ```
    pub(super) fn spawned_by(&self, verdict: TokenStream, expr: Expr, semi: Token![;]) -> Stmt {
        let Expr::MethodCall(mut call) = expr else { return Stmt::Expr(expr, Some(semi)) };
        let span = call.method.span();
        let site = self.probes.site(span);
        if let Some(future) = call.args.first_mut() {
            let verdict = Ident::new("__no_block_s", span);
            *future = self.probes.around(future, "spawned", &quote!(#verdict, #future, #site));
        }
        let probed = quote!(#call #semi);
        Stmt::Expr(Expr::Verbatim(quote_spanned!(span=> { let __no_block_s = #verdict; #probed })), None)
    }
}

/// Whether an argument is a call that gives what its callee says, whatever is expected of it: one that holds a closure, or
/// a box, may take its type from there.
fn is_call(arg: &Expr) -> bool {
    struct Plain(bool);
    impl Visit<'_> for Plain {
        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {
            self.0 = false;
        }

        fn visit_path(&mut self, path: &syn::Path) {
            self.0 &= path.segments.iter().all(|segment| segment.ident != "Box");
            visit::visit_path(self, path);
        }
    }
    let mut plain = Plain(matches!(arg, Expr::Call(_) | Expr::MethodCall(_)));
    plain.visit_expr(arg);
    plain.0
}
