//! Tokens out: the item as it was, the item with probes, the item guarded. Pure.

use crate::args::Args;
use crate::externs;
use crate::probe::Probes;
use crate::rules;
use crate::scan::{scan, scan_block};
use crate::spans::respan;
use crate::target::{self, Form, Target, tail_block};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::cell::Cell;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, FnArg, ImplItem, Item, ItemFn, Pat, ReturnType, TraitItem, Type,
    parse_quote_spanned,
};

/// The versions of an item that the user's cfg chooses from.
///
/// ```text
/// Input:  async fn index(id: u64) -> R { body }
/// Output: #[cfg(all(debug_assertions, not(any(clippy, doc))))] async fn index(id: u64) -> R { guarded body, probed }
///         #[cfg(all(debug_assertions, any(clippy, doc)))]      async fn index(id: u64) -> R { body, probed }
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

/// Probes alone.
fn check(function: &mut ItemFn, probes: &Probes<'_>) {
    if function.sig.asyncness.is_some() {
        return scan(&function.sig, &mut function.block, probes);
    }
    let sig = function.sig.clone();
    if let Some(Expr::Async(block)) = tail_block(&mut function.block) {
        scan_block(&sig, block, probes);
    }
}

/// ```text
/// Input:  async fn f(a: A, _: B) -> R { body }
/// Output: async fn f(a: A, __no_block_1: B) -> R {
///             __private::guarded(async move { let _ = &__no_block_1; let _ = &a; if false { return fake::<R>(); } body }, SITE).await
///         }
/// ```
///
/// The borrows capture whole parameters, and in an order that drops them as the original does. The fake return gives the
/// block its type, so that inference and the places of errors stay as they were.
fn guard_async(function: &mut ItemFn, probes: &Probes<'_>) {
    scan(&function.sig, &mut function.block, probes);
    let span = function.sig.ident.span();
    let private = respan(probes.private.clone(), span);
    let captures = captures(function);
    let captures = captures.iter().map(|(attrs, name)| quote_spanned!(span=> #(#attrs)* let _ = &#name;));
    let typed = return_type(&function.sig.output, span)
        .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

    let Block { brace_token, stmts } = &*function.block;
    let mut body = TokenStream::new();
    brace_token.surround(&mut body, |body| body.extend(quote!(#(#captures)* #typed #(#stmts)*)));
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
    let sig = function.sig.clone();
    let Some(tail) = tail_block(&mut function.block) else { return };
    if let Expr::Async(block) = tail {
        scan_block(&sig, block, probes);
    }
    let site = probes.site(span);
    *tail = Expr::Verbatim(quote_spanned!(span=> #private::guarded(#tail, #site)));
}

/// ```text
/// Input:  fn f(a: A) -> impl Future<Output = R> { body }
/// Output: fn f(a: A) -> impl Future<Output = R> { __private::guarded(__private::once(move || body), SITE) }
/// ```
fn guard_opaque(function: &mut ItemFn, probes: &Probes<'_>) {
    check(function, probes);
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
    check(function, probes);
    let span = function.sig.ident.span();
    let (private, site) = (respan(probes.private.clone(), span), probes.site(span));
    let (body, output) = (&function.block, &function.sig.output);
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
        let has_own =
            |attr: &Attribute| attr.path().segments.last().is_some_and(|last| last.ident == "no_block");
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
    struct Infer(bool);
    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            self.0 |= matches!(ty, Type::Never(_) | Type::Macro(_));
            if let Type::ImplTrait(opaque) = ty {
                *ty =
                    Type::Infer(syn::TypeInfer { underscore_token: syn::Token![_](opaque.impl_token.span) });
            }
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let ReturnType::Type(_, ty) = output else { return Some(parse_quote_spanned!(span=> ())) };
    let mut infer = Infer(false);
    let mut ty = (**ty).clone();
    infer.visit_type_mut(&mut ty);
    (!infer.0 && !matches!(ty, Type::Infer(_))).then_some(ty)
}

/// The parameters that go into the inner block, last one first, with their `cfg`s. A parameter that nobody mentions stays
/// outside, so that the lint on unused variables still sees it.
fn captures(function: &mut ItemFn) -> Vec<(Vec<Attribute>, Ident)> {
    struct Names<'a>(&'a mut Vec<(Vec<Attribute>, Ident)>, Vec<Attribute>);
    impl VisitMut for Names<'_> {
        fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
            self.0.push((self.1.clone(), pat.ident.clone()));
            visit_mut::visit_pat_ident_mut(self, pat);
        }
    }
    let mut names = Vec::new();
    for (i, input) in function.sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => names.push((Vec::new(), Ident::from(receiver.self_token))),
            FnArg::Typed(arg) => {
                if let Pat::Wild(wild) = &*arg.pat {
                    let ident = format_ident!("__no_block_{i}", span = wild.underscore_token.span);
                    *arg.pat = parse_quote_spanned!(wild.underscore_token.span=> #ident);
                }
                let cfgs = arg.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
                Names(&mut names, cfgs).visit_pat_mut(&mut arg.pat);
            }
        }
    }
    let body = function.block.to_token_stream();
    names.retain(|(_, name)| name.to_string().starts_with('_') || mentions(body.clone(), &name.to_string()));
    names.reverse();
    names
}

/// Whether the tokens hold the name, also as an inline argument of a format string.
fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => {
            literal.to_string().contains(&format!("{{{}", name.trim_start_matches("r#")))
        }
        TokenTree::Punct(_) => false,
    })
}
