//! Tokens out: the item as it was, the item with probes, the item guarded. Pure.

use crate::args::Args;
use crate::copy;
use crate::externs;
use crate::parameters;
use crate::probe::Probes;
use crate::rules;
use crate::scan::{scan, scan_block};
use crate::spans::respan;
use crate::syntax::find_ident;
use crate::target::{self, Form, Target, future_output, tail_block};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::cell::Cell;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ImplItem, Item, ItemFn, ReturnType, Signature, TraitItem, Type,
    parse_quote_spanned,
};

/// The versions of an item that the user's cfg chooses from.
///
/// ```text
/// Input:  async fn index(id: u64) -> R { body }
/// Output: #[cfg(all(debug_assertions, not(any(clippy, doc))))] async fn index(id: u64) -> R { guarded body, probed }
///         #[cfg(all(debug_assertions, any(clippy, doc)))]      async fn index(id: u64) -> R { probed copy, body }
///         #[cfg(not(debug_assertions))]                        async fn index(id: u64) -> R { body }
/// ```
///
/// With the feature `always`, the cfgs on `debug_assertions` are left out. Where rustc compiles, and neither clippy nor
/// rustdoc looks on, the second is not made, and the third stands in for it: half of the time goes into making tokens.
pub(crate) fn expand(args: &Args, private: &TokenStream, target: Target, item: TokenStream) -> TokenStream {
    let (function, guard): (_, fn(&mut ItemFn, &Probes<'_>)) = match target {
        Target::AsIs => return item,
        Target::Inside(mut item) => {
            Inside { args, private }.visit_item_mut(&mut item);
            return item.into_token_stream();
        }
        Target::Async(function) => (function, guard_async),
        Target::Returning(function) => (function, guard_returning),
        Target::Future(function, Form::Opaque) => (function, guard_opaque),
        Target::Future(function, Form::Boxed) => (function, guard_boxed),
    };
    let span = function.sig.ident.span();

    let mut probed = (*function).clone();
    if let Some(track) = rules::track(args.project, span) {
        probed.block.stmts.insert(0, syn::Stmt::Item(Item::Verbatim(track)));
    }

    let mut guarded = probed.clone();
    guard(&mut guarded, &Probes { args, private, guarded: true, looks_through: Cell::default() });
    let always = cfg!(feature = "always");
    let debug = if always { quote!() } else { quote_spanned!(span=> debug_assertions,) };
    let mut versions =
        vec![(quote_spanned!(span=> all(#debug not(any(clippy, doc)))), guarded.to_token_stream())];
    if externs::is_plain_rustc() {
        versions
            .push((quote_spanned!(span=> any(not(all(#debug)), clippy, doc)), function.to_token_stream()));
    } else {
        let mut checked = probed;
        check(&mut checked, &Probes { args, private, guarded: false, looks_through: Cell::default() });
        versions.push((quote_spanned!(span=> all(#debug any(clippy, doc))), checked.to_token_stream()));
        if !always {
            versions.push((quote_spanned!(span=> not(debug_assertions)), function.to_token_stream()));
        }
    }
    versions
        .into_iter()
        .map(|(cfg, item)| {
            let cfg: Attribute = parse_quote_spanned!(span=> #[cfg(#cfg)]);
            quote!(#cfg #item)
        })
        .collect()
}

/// Probes alone, in a copy of the body where it can have one.
fn check(function: &mut ItemFn, probes: &Probes<'_>) {
    let sig = &function.sig;
    let probe = |copy: &mut Block| scan(sig, copy, probes);
    // The copy is of the type that is written, and of no other that implements the same trait.
    let is_named = |ty: &Type| find_ident(ty.to_token_stream(), &|ident| ident == "impl").is_none();
    if sig.asyncness.is_some() {
        let output = match &sig.output {
            ReturnType::Type(_, ty) if !is_named(ty) => None,
            output => return_type(output, sig.ident.span()),
        };
        let copied = output.is_some_and(|output| {
            copy::put_before(&mut function.block, &sig.inputs, &output, probes.private, probe)
        });
        if !copied {
            probe(&mut function.block);
        }
        return;
    }
    let mut copied = false;
    if let Some(Expr::Async(block)) = tail_block(&mut function.block) {
        let output = future_output(sig).filter(is_named).and_then(inferred);
        copied = output
            .is_some_and(|output| copy::put_before(&mut block.block, None, &output, probes.private, probe));
    }
    scan_blocks(function, copied, probes);
}

/// Probes in the `async` blocks of a fn that returns a future; `but_last`: not in the one that it ends in.
fn scan_blocks(function: &mut ItemFn, but_last: bool, probes: &Probes<'_>) {
    struct Blocks<'a> {
        sig: &'a Signature,
        probes: &'a Probes<'a>,
    }
    impl VisitMut for Blocks<'_> {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            match expr {
                Expr::Async(block) => scan_block(self.sig, block, self.probes),
                // Who knows where it is called.
                Expr::Closure(_) => {}
                // That is an event loop of its own.
                Expr::Call(call) if names_block_on(&call.func) => {}
                Expr::MethodCall(call) if call.method == "block_on" => {}
                _ => visit_mut::visit_expr_mut(self, expr),
            }
        }
        fn visit_item_mut(&mut self, _: &mut Item) {}
    }
    let mut blocks = Blocks { sig: &function.sig, probes };
    let upto = function.block.stmts.len() - usize::from(but_last);
    function.block.stmts[..upto].iter_mut().for_each(|stmt| blocks.visit_stmt_mut(stmt));
}

fn names_block_on(callee: &Expr) -> bool {
    matches!(callee, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "block_on"))
}

/// ```text
/// Input:  async fn f(a: A, _: B) -> R { body }
/// Output: async fn f(a: A, __no_block_1: B) -> R {
///             __private::guarded(async move { let _ = &__no_block_1; let _ = &a; if false { return fake::<R>(); } body }, SITE).await
///         }
/// ```
///
/// The fake return gives the block its type, so that inference and the places of errors stay as they were.
fn guard_async(function: &mut ItemFn, probes: &Probes<'_>) {
    scan(&function.sig, &mut function.block, probes);
    let span = function.sig.ident.span();
    let private = respan(probes.private.clone(), span);
    let captures = parameters::capture(function, span);
    let typed = return_type(&function.sig.output, span)
        .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

    let Block { brace_token, stmts } = &*function.block;
    let mut body = TokenStream::new();
    brace_token.surround(&mut body, |body| body.extend(quote!(#captures #typed #(#stmts)*)));
    let site = probes.site(span);
    let inner: Expr = Expr::Verbatim(quote_spanned!(span=> #private::guarded(async move #body, #site).await));
    function.block.stmts = vec![syn::Stmt::Expr(inner, None)];
}

/// ```text
/// Input:  fn f(&self) -> Pin<Box<dyn Future<Output = R> + Send + '_>> { Box::pin(async move { body }) }
/// Output: fn f(&self) -> Pin<Box<dyn Future<Output = R> + Send + '_>> {
///             Box::pin(__private::guarded(async move { body }, SITE))
///         }
/// ```
fn guard_returning(function: &mut ItemFn, probes: &Probes<'_>) {
    let span = function.sig.ident.span();
    let private = respan(probes.private.clone(), span);
    scan_blocks(function, false, probes);
    let Some(tail) = tail_block(&mut function.block) else { return };
    let site = probes.site(span);
    *tail = Expr::Verbatim(quote_spanned!(span=> #private::guarded(#tail, #site)));
}

/// ```text
/// Input:  fn f(a: A) -> impl Future<Output = R> { body }
/// Output: fn f(a: A) -> impl Future<Output = R> { __private::guarded(__private::once(move || body), SITE) }
/// ```
fn guard_opaque(function: &mut ItemFn, probes: &Probes<'_>) {
    scan_blocks(function, false, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    let body = &function.block;
    let guarded = quote_spanned!(span=> #private::guarded(#private::once(move || #body), #site));
    function.block.stmts = vec![syn::Stmt::Expr(Expr::Verbatim(guarded), None)];
}

/// ```text
/// Input:  fn f(a: A) -> BoxFuture<'_, R> { body }
/// Output: fn f(a: A) -> BoxFuture<'_, R> { Box::pin(__private::guarded(__private::once(move || -> BoxFuture<'_, R> { body }), SITE)) }
/// ```
fn guard_boxed(function: &mut ItemFn, probes: &Probes<'_>) {
    scan_blocks(function, false, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    let body = &function.block;
    let output = return_type(&function.sig.output, span).map(|ty| quote_spanned!(span=> -> #ty));
    let guarded = quote_spanned!(span=> #private::std::boxed::Box::pin(#private::guarded(#private::once(move || #output #body), #site)));
    function.block.stmts = vec![syn::Stmt::Expr(Expr::Verbatim(guarded), None)];
}

/// Annotates what an impl block, a trait or a module holds. An attribute inside wins.
struct Inside<'a> {
    args: &'a Args,
    private: &'a TokenStream,
}

impl Inside<'_> {
    /// The fn expanded, or nothing where it returns no future or has an attribute of its own.
    fn expand(&self, attrs: &[Attribute], item: TokenStream) -> Option<TokenStream> {
        let names = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "no_block");
        // Whether `#[cfg_attr(.., no_block(..))]` holds, is not known here.
        let has_own = |attr: &Attribute| {
            names(attr.path())
                || attr.path().is_ident("cfg_attr")
                    && find_ident(attr.meta.to_token_stream(), &|ident| ident == "no_block").is_some()
        };
        if attrs.iter().any(has_own) {
            return None;
        }
        let target = target::parse(item.clone()).ok()?;
        Some(expand(self.args, self.private, target, item))
    }
}

impl VisitMut for Inside<'_> {
    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(function) => {
                if let Some(expanded) = self.expand(&function.attrs, function.to_token_stream()) {
                    *item = Item::Verbatim(expanded);
                }
            }
            Item::Impl(_) | Item::Trait(_) | Item::Mod(_) => visit_mut::visit_item_mut(self, item),
            _ => {}
        }
    }

    fn visit_impl_item_mut(&mut self, item: &mut ImplItem) {
        if let ImplItem::Fn(function) = item {
            if let Some(expanded) = self.expand(&function.attrs, function.to_token_stream()) {
                *item = ImplItem::Verbatim(expanded);
            }
        }
    }

    fn visit_trait_item_mut(&mut self, item: &mut TraitItem) {
        if let TraitItem::Fn(function) = item {
            if let Some(expanded) = self.expand(&function.attrs, function.to_token_stream()) {
                *item = TraitItem::Verbatim(expanded);
            }
        }
    }
}

/// The type for the fake return, inferred where it is opaque; none where it says nothing, or nothing returns.
pub(crate) fn return_type(output: &ReturnType, span: Span) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) => inferred((**ty).clone()),
        ReturnType::Default => Some(parse_quote_spanned!(span=> ())),
    }
}

fn inferred(mut ty: Type) -> Option<Type> {
    struct Infer(bool);
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            self.0 |= matches!(ty, Type::Never(_) | Type::Macro(_));
            if let Type::ImplTrait(opaque) = ty {
                let underscore_token = syn::Token![_](opaque.impl_token.span);
                *ty = Type::Infer(syn::TypeInfer { attrs: Vec::new(), underscore_token });
            }
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let mut infer = Infer(false);
    infer.visit_type_mut(&mut ty);
    (!infer.0 && !matches!(ty, Type::Infer(_))).then_some(ty)
}
