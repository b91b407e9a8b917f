//! The body as it was, and before it a probed copy that never runs: for clippy, which looks at the shape of calls.
//!
//! In the copy every lint but `deprecated` is allowed, as which the probes speak: what is to be said of the code, is said
//! of the original. Where the crate forbids to allow lints (`rustc/forbids.rs`), there is no copy.

use super::stand_ins;
use crate::rustc::forbids_lints;
use crate::tokens::find_ident;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Expr, FnArg, Item, Meta, Stmt, Type};

/// Puts a copy of the block into it, changed by `probe`, unless that changes nothing. False, with the block as it was,
/// where there can be none.
///
/// `output`: what the block gives; `inputs`: the parameters of which it is the body.
///
/// ```text
/// Input:  async fn f(mut a: A) -> R { items body }
/// Output: async fn f(mut a: A) -> R {
///             items
///             #[allow(..)]
///             if false {
///                 unrun(async move { if false { return fake::<R>(); } let mut a: A = fake(); { probed } });
///                 never()
///             }
///             body
///         }
/// ```
pub(super) fn put_before<'i>(
    block: &mut Block,
    inputs: impl IntoIterator<Item = &'i FnArg>,
    output: &Type,
    private: &TokenStream,
    probe: impl FnOnce(&mut Block),
) -> bool {
    if stands_once(block) || forbids_lints() {
        return false;
    }
    let mut copy = block.clone();
    copy.stmts.retain(|stmt| !is_shared(stmt));
    Expectations { of_copy: true }.visit_block_mut(&mut copy);
    let before = copy.to_token_stream().to_string();
    probe(&mut copy);
    if copy.to_token_stream().to_string() == before {
        return true;
    }
    Expectations { of_copy: false }.visit_block_mut(block);
    let copy = vecs_elsewhere(copy.into_token_stream());

    let span = Span::call_site();
    let output = stand_ins::unnamed(output);
    let variables = stand_ins::stand_ins(inputs, private);
    let branch = quote_spanned!(span=>
        #[allow(
            clippy::all, clippy::cargo, clippy::nursery, clippy::pedantic, clippy::restriction, future_incompatible,
            keyword_idents, let_underscore, nonstandard_style, rust_2018_idioms, rust_2021_compatibility,
            rust_2024_compatibility, unused
        )]
        if false {
            #private::unrun(async move { if false { return #private::fake::<#output>(); } #variables #copy });
            #private::never()
        }
    );
    // A lint has items stand first.
    let items = block.stmts.iter().take_while(|stmt| matches!(stmt, Stmt::Item(_))).count();
    block.stmts.insert(items, Stmt::Expr(Expr::Verbatim(branch), None));
    true
}

/// A lint judges a `vec!` by all that stands at its place: those of the copy stand at the attribute's.
fn vecs_elsewhere(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    for token in &mut tokens {
        if let TokenTree::Group(group) = token {
            let mut inner = Group::new(group.delimiter(), vecs_elsewhere(group.stream()));
            inner.set_span(group.span());
            *token = TokenTree::Group(inner);
        }
    }
    for at in 0..tokens.len().saturating_sub(2) {
        let is_vec = matches!(&tokens[at], TokenTree::Ident(name) if name == "vec")
            && matches!(&tokens[at + 1], TokenTree::Punct(bang) if bang.as_char() == '!');
        if is_vec {
            for token in &mut tokens[at..at + 3] {
                token.set_span(Span::call_site().located_at(token.span()));
            }
        }
    }
    tokens.into_iter().collect()
}

/// An item that the copy sees in the block around it.
fn is_shared(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Item(item) if !matches!(item, Item::Macro(_)))
}

/// Whether there is something, below the items of the block itself, that a program may have once only.
fn stands_once(block: &Block) -> bool {
    struct Once(bool);
    impl Visit<'_> for Once {
        fn visit_item_impl(&mut self, _: &syn::ItemImpl) {
            self.0 = true;
        }
        fn visit_item_foreign_mod(&mut self, _: &syn::ItemForeignMod) {
            self.0 = true;
        }
        fn visit_attribute(&mut self, attr: &Attribute) {
            const NAMED: &[&str] = &["no_mangle", "export_name", "macro_export", "global_allocator"];
            let is_named = |ident: &Ident| NAMED.iter().any(|named| ident == named);
            self.0 |= find_ident(attr.to_token_stream(), &is_named).is_some();
        }
    }
    let mut once = Once(false);
    block.stmts.iter().filter(|stmt| !is_shared(stmt)).for_each(|stmt| once.visit_stmt(stmt));
    once.0
}

/// What is expected is found once: `deprecated`, as which the probes speak, in the copy, all else in the original. The
/// other one allows it.
struct Expectations {
    of_copy: bool,
}

impl VisitMut for Expectations {
    fn visit_attribute_mut(&mut self, attr: &mut Attribute) {
        let Meta::List(list) = &attr.meta else { return };
        if !list.path.is_ident("expect") {
            return;
        }
        let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        let Ok(lints) = list.parse_args_with(parser) else { return };
        let (reason, lints): (Vec<_>, Vec<_>) =
            lints.into_iter().partition(|lint| matches!(lint, Meta::NameValue(_)));
        let (found, allowed): (Vec<_>, Vec<_>) =
            lints.into_iter().partition(|lint| lint.path().is_ident("deprecated") == self.of_copy);
        let level = |name: &str, span: Span, lints: Vec<Meta>| {
            let level = Ident::new(name, span);
            (!lints.is_empty()).then(|| quote!(#level(#(#lints,)* #(#reason),*)))
        };
        let found = level("expect", list.path.get_ident().map_or_else(Span::call_site, Ident::span), found);
        let allowed = level("allow", Span::call_site(), allowed);
        let levels = found.into_iter().chain(allowed);
        let inner = matches!(attr.style, syn::AttrStyle::Inner(_));
        let mut both: Attribute = syn::parse_quote!(#[cfg_attr(all(), #(#levels),*)]);
        if inner {
            both.style = attr.style;
        }
        *attr = both;
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
