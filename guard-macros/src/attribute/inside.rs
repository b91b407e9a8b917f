//! What an impl block, a trait or a module holds: annotates each fn that returns a future, and says what it left out.

use super::expand::expand;
use super::future::{Form, promises_more};
use super::options::Args;
use super::target::{self, Target};
use crate::tokens::find_ident;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, ImplItem, Item, Signature, TraitItem};

/// The item with its fns annotated, and beside it a warning for each that cannot be. An attribute inside wins.
pub(super) fn expand_inside(args: &Args, private: &TokenStream, mut item: Item) -> TokenStream {
    let mut inside = Inside { args, private, guarded: false, warnings: Vec::new() };
    inside.visit_item_mut(&mut item);
    let Inside { guarded, mut warnings, .. } = inside;
    if !guarded && warnings.is_empty() {
        let nothing =
            "`#[no_block]` finds nothing to guard in here: no async fn, and none that returns a future";
        warnings.push(warning(keyword(&item), nothing));
    }
    quote!(#item #(#warnings)*)
}

/// A warning at a place, as which rustc tells of what is deprecated.
fn warning(span: Span, text: &str) -> TokenStream {
    let name = Ident::new("NO_BLOCK", span);
    quote_spanned!(span=> const _: () = { #[deprecated(note = #text)] const #name: () = (); #name };)
}

/// Where the item begins, behind its attributes.
fn keyword(item: &Item) -> Span {
    match item {
        Item::Impl(item) => item.impl_token.span,
        Item::Trait(item) => item.trait_token.span,
        Item::Mod(item) => item.mod_token.span,
        _ => Span::call_site(),
    }
}

struct Inside<'a> {
    args: &'a Args,
    private: &'a TokenStream,
    /// There is something that is guarded, here or by an attribute of its own.
    guarded: bool,
    warnings: Vec<TokenStream>,
}

impl Inside<'_> {
    /// The fn expanded, or nothing where it returns no future or has an attribute of its own.
    fn expand(&mut self, attrs: &[Attribute], sig: &Signature, item: TokenStream) -> Option<TokenStream> {
        let names = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "no_block");
        // Whether `#[cfg_attr(.., no_block(..))]` holds, is not known here.
        let has_own = |attr: &Attribute| {
            names(attr.path())
                || attr.path().is_ident("cfg_attr")
                    && find_ident(attr.meta.to_token_stream(), &|ident| ident == "no_block").is_some()
        };
        if attrs.iter().any(has_own) {
            self.guarded = true;
            return None;
        }
        let target = match target::parse(item.clone()) {
            Ok(Target::Future(function, Form::Perhaps)) => Target::Future(function, Form::PerhapsInside),
            // What another implementation will do, or what is still being typed.
            Ok(Target::AsIs) => {
                self.guarded = true;
                return None;
            }
            Ok(target) => target,
            Err(error) => {
                if promises_more(sig) {
                    self.warnings.push(warning(error.span(), &error.to_string()));
                }
                return None;
            }
        };
        self.guarded = true;
        Some(expand(self.args, self.private, target, item))
    }
}

impl VisitMut for Inside<'_> {
    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(function) => {
                if let Some(expanded) =
                    self.expand(&function.attrs, &function.sig, function.to_token_stream())
                {
                    *item = Item::Verbatim(expanded);
                }
            }
            Item::Impl(_) | Item::Trait(_) | Item::Mod(_) => visit_mut::visit_item_mut(self, item),
            // What a macro makes, is not seen.
            Item::Macro(_) => self.guarded = true,
            _ => {}
        }
    }

    fn visit_impl_item_mut(&mut self, item: &mut ImplItem) {
        match item {
            ImplItem::Fn(function) => {
                if let Some(expanded) =
                    self.expand(&function.attrs, &function.sig, function.to_token_stream())
                {
                    *item = ImplItem::Verbatim(expanded);
                }
            }
            ImplItem::Macro(_) | ImplItem::Verbatim(_) => self.guarded = true,
            _ => {}
        }
    }

    fn visit_trait_item_mut(&mut self, item: &mut TraitItem) {
        match item {
            TraitItem::Fn(function) => {
                if let Some(expanded) =
                    self.expand(&function.attrs, &function.sig, function.to_token_stream())
                {
                    *item = TraitItem::Verbatim(expanded);
                }
            }
            TraitItem::Macro(_) | TraitItem::Verbatim(_) => self.guarded = true,
            _ => {}
        }
    }
}
