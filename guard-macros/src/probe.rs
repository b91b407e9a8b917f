//! Replaces a candidate by the same call with a probe, and with the call guard where the body is guarded.
//!
//! Every generated token carries the span of a token of the user's: so the edition, the lints' levels and the lints'
//! own idea of what was written by hand stay as they were. Parentheses around the call take the span of its first
//! token, `.1` that of its last one, and everything that a warning points to that of the name.

mod tags;

use tags::local_tag;
pub(crate) use tags::visible_crate;

use crate::args::Args;
use crate::arguments::{Place, turbofish_len};
use crate::around::{Ends, Probed};
use crate::catalog::{Level, Receiver, Row, Shape};
use crate::project::Project;
use crate::rows::parse;
use crate::rules::rules;
use crate::spans::{respan, respan_path};
use crate::syntax::{calls_others, may_leave, moves_nothing, with_root};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::cell::Cell;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, Token};

/// What a receiver expression goes back to.
#[derive(Clone, Copy)]
pub(crate) enum Root {
    /// A place: it may be named a second time.
    Place(Binding),
    /// A value, which is handed through a function; `bare` where the receiver is that value and no part of it.
    Value { bare: bool },
}

/// How the probe names a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// `&raw const place`
    Raw,
    /// `place.no_block_place()`
    Method,
    /// The same, of a variable that a closure captures by reference.
    BareCapture,
}

/// Where a function is called, and with which type arguments.
pub(crate) struct At<'a> {
    pub(crate) first: Span,
    pub(crate) span: Span,
    pub(crate) turbofish: &'a TokenStream,
}

/// What the probes of one function have in common.
pub(crate) struct Probes<'a> {
    pub(crate) args: &'a Args,
    /// The path of `guard_runtime::__private`.
    pub(crate) private: &'a TokenStream,
    /// Whether calls are announced to the run time as well.
    pub(crate) guarded: bool,
    /// Whether a probe looks through wrappers of other crates, which the body has to bring then.
    pub(crate) looks_through: Cell<bool>,
}

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
                ("_by", quote_spanned!(span=> (#callee, #verdicts, |__no_block_g, #names| #verdict)))
            }
            None => ("", quote_spanned!(span=> (#callee, |__no_block_g| #verdict))),
        };
        let through = self.through(&[enter.unwrap_or(""), "callee", by].concat(), ends.first, span);
        *call.func = Expr::Verbatim(quote!(#through #handed));
        Some(Probed { ask: None, leave: self.leave(enters, span), ends })
    }

    /// `std::fs::write(path, data)`: a full path of std's needs no comparison, and comparing functions is what costs.
    ///
    /// ```text
    /// Output: (__private::enter(if false { Some(row.in_async_code()) } else { None }), std::fs::write(path, data), ..).1
    /// ```
    fn by_name(&self, row: &Row, enter: Option<&str>, span: Span, ends: Ends) -> Probed {
        let (private, row, level) =
            (self.private(span), self.row(row, span), self.level(self.args.level(row), span));
        let ask = match enter {
            Some(enter) => {
                let enter = Ident::new(enter.trim_end_matches('_'), span);
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
                    Some(enter) => {
                        let enter = Ident::new(enter.trim_end_matches('_'), span);
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
                let through = self.through(&[enter.unwrap_or(""), "value"].concat(), ends.first, ends.first);
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

    /// A call whose result is asked what it implements.
    ///
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
        let (level, implementing) =
            (self.level(self.args.level(row), span), respan(parse(implementing), span));
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

    /// The place of a guard, for reports.
    pub(crate) fn site(&self, span: Span) -> TokenStream {
        site(self.args.project, self.private, span, true)
    }

    /// A future that another task will poll, guarded there as well.
    pub(crate) fn spawned(&self, future: &mut Expr) {
        if let Expr::Async(block) = future {
            let span = block.async_token.span;
            let (private, site) = (self.private(span), self.site(span));
            *future = Expr::Verbatim(quote_spanned!(span=> #private::guarded(#future, #site)));
        }
    }

    /// How the call is announced to the run time: the prefix of the function that does it.
    fn enter(&self, args: &Punctuated<Expr, Token![,]>) -> Option<&'static str> {
        let enters = self.guarded && !may_leave(args);
        enters.then(|| if calls_others(args.iter()) { "enter_around_" } else { "enter_" })
    }

    /// What a callee or receiver is handed through; it begins where that began. rustc tells an error once for all
    /// paths of one span, so a callee's ends where the callee ends.
    fn through(&self, name: &str, first: Span, last: Span) -> TokenStream {
        let (private, name) = (self.private(first), Ident::new(name, last));
        quote_spanned!(first=> #private::#name)
    }

    fn leave(&self, enters: bool, span: Span) -> Option<TokenStream> {
        let private = self.private(span);
        enters.then(|| quote_spanned!(span=> #private::leave()))
    }

    /// The verdict on one function: a block that names the row's own item.
    ///
    /// `hit` is what both functions being the same amounts to: the row, or the verdict on an argument.
    fn function_verdict(&self, row: &Row, at: &At<'_>, hit: &TokenStream) -> Option<TokenStream> {
        let At { first, span, turbofish } = *at;
        let level = self.level(self.args.level(row), span);
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

    pub(crate) fn level(&self, level: Level, span: Span) -> TokenStream {
        let private = self.private(span);
        match level {
            Level::Allow => quote_spanned!(span=> quiet()),
            Level::Warn => quote_spanned!(span=> in_async_code()),
            Level::Deny => quote_spanned!(span=> denied(#private::blocking::AsyncCode)),
        }
    }

    fn private(&self, span: Span) -> TokenStream {
        respan(self.private.clone(), span)
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

/// `(a, (b, c))`; nothing for no verdict.
pub(crate) fn nest(mut verdicts: Vec<TokenStream>, span: Span) -> Option<TokenStream> {
    let last = verdicts.pop()?;
    Some(verdicts.into_iter().rev().fold(last, |inner, outer| quote_spanned!(span=> (#outer, #inner))))
}

/// The place of a guard, for reports. `attribute`: it is `#[no_block]`'s.
pub(crate) fn site(
    project: Option<&Project>,
    private: &TokenStream,
    span: Span,
    attribute: bool,
) -> TokenStream {
    let private = respan(private.clone(), span);
    let rules = rules(project, &private, span);
    // Cargo compiles anew when these change; as literals they cost the compiler nothing.
    let variable = |name: &str| {
        let mut text = proc_macro2::Literal::string(&std::env::var(name).unwrap_or_default());
        text.set_span(span);
        text
    };
    let [package, version, manifest_dir] =
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR"].map(variable);
    quote_spanned!(span=> const { &#private::Site {
        file: ::core::file!(),
        line: ::core::line!(),
        column: ::core::column!(),
        module: ::core::module_path!(),
        package: #package,
        version: #version,
        manifest_dir: #manifest_dir,
        attribute: #attribute,
        rules: #rules,
    } })
}
