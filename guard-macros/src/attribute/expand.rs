//! Tokens out: the item as it was, the item with probes, the item guarded. Pure.

use super::blocks::scan_blocks;
use super::copy;
use super::future::{Form, future_output};
use super::guards::{guard_async, guard_boxed, guard_opaque, guard_returning};
use super::options::Args;
use super::output::{inferred, return_type};
use super::target::{self, Target, tail_block};
use crate::probes::Probes;
use crate::project::track;
use crate::rustc::is_plain_rustc;
use crate::scan::scan;
use crate::tokens::find_ident;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ImplItem, Item, ItemFn, ReturnType, TraitItem, Type, parse_quote_spanned};

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
    if let Some(track) = track(args.project, span) {
        probed.block.stmts.insert(0, syn::Stmt::Item(Item::Verbatim(track)));
    }

    let probes = Probes::new(&args.levels, args.project, private);
    let mut guarded = probed.clone();
    guard(&mut guarded, &probes);
    let always = cfg!(feature = "always");
    let debug = if always { quote!() } else { quote_spanned!(span=> debug_assertions,) };
    let mut versions =
        vec![(quote_spanned!(span=> all(#debug not(any(clippy, doc)))), guarded.to_token_stream())];
    if is_plain_rustc() {
        versions
            .push((quote_spanned!(span=> any(not(all(#debug)), clippy, doc)), function.to_token_stream()));
    } else {
        let mut checked = probed;
        check(&mut checked, &probes.silent());
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
