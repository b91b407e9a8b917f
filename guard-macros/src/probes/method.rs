//! A method call replaced by the same call whose receiver is asked for its type.

use super::body::Probes;
use super::call_guard::Handed;
use super::places::{Binding, Root};
use super::probed::{Ends, Probed};
use super::verdict::nest;
use crate::catalog::{Receiver, Row, Shape};
use crate::expressions::{moves_nothing, with_root};
use proc_macro2::Ident;
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMethodCall};

impl Probes<'_> {
    /// `recv.name(args)`.
    ///
    /// ```text
    /// Input:  file.metadata()
    /// Output: (__private::enter(if false { .. Some(verdict) } else { None }), file.metadata(), __private::leave()).1
    /// Input:  open()?.metadata()
    /// Output: (__private::enter_value(open()?, |r| { .. verdict .. }).metadata(), __private::leave()).0
    /// ```
    pub(crate) fn method(&self, call: &mut ExprMethodCall, rows: &[&Row], root: Root) -> Option<Probed> {
        let span = call.method.span();
        let enter = self.enter(&call.args);
        let enters = enter.is_some();
        let mut rows: Vec<_> = rows.iter().copied().filter(|row| self.asks(row, enters)).collect();
        if matches!(root, Root::Place(Binding::BareCapture)) {
            let mutable = |row: &&Row| matches!(row.shape, Shape::Method { receiver: Receiver::Mut, .. });
            if rows.iter().any(|row| row.is_built_in() && mutable(row)) {
                return None;
            }
            // Another crate's method of that name hides no row of std's.
            rows.retain(|row| !mutable(row));
        }
        if rows.is_empty() {
            return None;
        }
        let tags = self.tags(&rows, span);
        let items = self.local_impls(&rows, span);
        // All ask the one pointer: the place may hold an index that can be moved out of only once.
        let verdicts = tags.iter().flat_map(|(tag, level)| {
            let (private, level) = (self.private(span), self.level(*level, span));
            let tags = std::iter::once(tag.clone()).chain(self.via(tag, span));
            let ask =
                |tag| quote_spanned!(span=> #private::place(__no_block_p, #tag).no_block_receiver().#level);
            tags.map(ask).collect::<Vec<_>>()
        });
        let verdict = nest(verdicts.collect(), span)?;
        let private = self.private(span);
        let ends = Ends::of(&call.receiver, call.paren_token.span.close());
        let leave = self.leave(enters, span);
        let import = quote_spanned!(span=> use #private::ClassifyReceiver as _; #items);
        let import_place = quote_spanned!(span=> use #private::Place as _;);

        match root {
            Root::Place(binding) => {
                let receiver = &call.receiver;
                let raw = binding == Binding::Raw;
                let import_place = (!raw).then_some(import_place);
                let pointer = match raw {
                    true => quote_spanned!(span=> let __no_block_p = &raw const #receiver;),
                    false => quote_spanned!(span=> let __no_block_p = #receiver.no_block_place();),
                };
                // What is moved in the branch stays where it was if the branch does not come back. Most places hold
                // nothing that could move; their branch is cheaper to compile.
                let still = moves_nothing(receiver);
                let before = quote_spanned!(span=> #import #import_place #pointer);
                let ask = match enter {
                    Some(_) => {
                        let enter = Ident::new(Handed::Nothing.function(enter), span);
                        let verdict = if still {
                            quote_spanned!(span=> if false {
                                #before
                                ::core::option::Option::Some(#verdict)
                            } else {
                                ::core::option::Option::None
                            })
                        } else {
                            quote_spanned!(span=> {
                                let mut __no_block_v = ::core::option::Option::None;
                                if false {
                                    #before
                                    #private::fill(&mut __no_block_v, #verdict);
                                    #private::never()
                                }
                                __no_block_v
                            })
                        };
                        quote_spanned!(span=> #private::#enter(#verdict))
                    }
                    None => {
                        let never = (!still).then(|| quote_spanned!(span=> #private::never()));
                        quote_spanned!(span=> if false { #before #private::ask(#verdict); #never })
                    }
                };
                Some(Probed { ask: Some(ask), leave, ends })
            }
            Root::Value { bare } => {
                let import_place = bare.then_some(import_place);
                let place = with_root(&call.receiver, &mut |_| quote_spanned!(span=> (*__no_block_r)));
                let pointer = match bare {
                    true => quote_spanned!(span=> let __no_block_p = __no_block_r.no_block_place();),
                    false => quote_spanned!(span=> let __no_block_p = &raw const #place;),
                };
                let through = self.through(Handed::Value.function(enter), ends.first, ends.first);
                let receiver = with_root(&call.receiver, &mut |value| {
                    let handed = quote_spanned!(span=>
                        (#value, |__no_block_r| { #import #import_place #pointer #verdict })
                    );
                    quote!(#through #handed)
                });
                *call.receiver = Expr::Verbatim(receiver);
                Some(Probed { ask: None, leave, ends })
            }
        }
    }
}
