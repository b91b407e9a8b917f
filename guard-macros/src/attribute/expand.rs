//! Tokens out: the item as it was, the item with probes, the item guarded. Pure.

use super::blocks::scan_blocks;
use super::copy;
use super::future::{Form, future_output};
use super::guards::{guard_async, guard_boxed, guard_opaque, guard_perhaps, guard_returning};
use super::inside::expand_inside;
use super::options::Args;
use super::output::{inferred, return_type};
use super::target::{Target, tail_block};
use crate::probes::Probes;
use crate::project::track;
use crate::rustc::is_plain_rustc;
use crate::scan::scan;
use crate::tokens::find_ident;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Block, Expr, Item, ItemFn, ReturnType, Type, parse_quote_spanned};

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
        Target::Inside(item) => return expand_inside(args, private, *item),
        Target::Async(function) => (function, guard_async),
        Target::Returning(function) => (function, guard_returning),
        Target::Future(function, Form::Opaque) => (function, guard_opaque),
        Target::Future(function, Form::Boxed | Form::PerhapsInside) => (function, guard_boxed),
        Target::Future(function, Form::Perhaps) => (function, guard_perhaps),
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
