//! The body as it was, and before it a probed copy that never runs: for clippy, which looks at the shape of calls.
//!
//! What clippy and rustc say of both, rustc prints once: the copy's tokens have the same places. What rustc makes of an
//! `.await` has a new one each time, so the copy awaits nothing. The branch around the copy has the attribute's place,
//! where lints on a code's shape do not look.

use crate::around::Ends;
use crate::parameters;
use crate::spans::respan;
use crate::syntax::find_ident;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ExprAwait, FnArg, Item, Meta, Stmt, Type};

/// Puts a copy of the block into it, changed by `probe`. False, with the block as it was, where it can stand but once.
///
/// The block's value must be no future: a lint tells of `async` blocks that give one.
///
/// `output`: what the block gives; `inputs`: the parameters of which it is the body.
///
/// ```text
/// Input:  async fn f(mut a: A) -> R { items body }
/// Output: async fn f(mut a: A) -> R {
///             items
///             if false {
///                 unrun(async move { if false { return fake::<R>(); } let mut a: A = fake(); { probed } });
///                 never()
///             }
///             body
///         }
/// ```
pub(crate) fn put_before<'i>(
    block: &mut Block,
    inputs: impl IntoIterator<Item = &'i FnArg>,
    output: &Type,
    private: &TokenStream,
    probe: impl FnOnce(&mut Block),
) -> bool {
    if stands_once(block) {
        return false;
    }
    let mut copy = block.clone();
    copy.stmts.retain(|stmt| !is_shared(stmt));
    Expectations { of_copy: true }.visit_block_mut(&mut copy);
    probe(&mut copy);
    Expectations { of_copy: false }.visit_block_mut(block);

    let span = Span::call_site();
    // A lint tells of braces around a single expression.
    copy.brace_token = syn::token::Brace(span);
    Unawaited { private }.visit_block_mut(&mut copy);
    let copy = unawaited(copy.into_token_stream());
    let variables = parameters::stand_ins(inputs, private);
    let branch = quote_spanned!(span=> if false {
        use #private::Awaited as _;
        #private::unrun(async move { if false { return #private::fake::<#output>(); } #variables #copy });
        #private::never()
    });
    // A lint has items stand first.
    let items = block.stmts.iter().take_while(|stmt| matches!(stmt, Stmt::Item(_))).count();
    block.stmts.insert(items, Stmt::Expr(Expr::Verbatim(branch), None));
    true
}

/// Replaces each `.await` by a call of ours that spans what it did: lints show that text.
struct Unawaited<'a> {
    private: &'a TokenStream,
}

impl VisitMut for Unawaited<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Await(ExprAwait { attrs, base, await_token, .. }) = expr {
            let Ends { first, last } = Ends::of(base, await_token.span);
            let private = respan(self.private.clone(), first);
            let awaited = quote_spanned!(first=> #private::Awaited::no_block_awaited);
            let mut base = Group::new(Delimiter::Parenthesis, base.to_token_stream());
            base.set_span(last);
            *expr = Expr::Verbatim(quote!(#(#attrs)* #awaited #base));
        }
    }
}

/// The same of those that are tokens by now, in macros and around probes, by a method. And macros that format are no
/// longer at their place, in whose expansion rustc makes new ones.
fn unawaited(tokens: TokenStream) -> TokenStream {
    const FORMATTING: &[&str] = &["eprint", "eprintln", "format", "print", "println", "write", "writeln"];
    let elsewhere = |span: Span| Span::call_site().located_at(span);
    let mut tokens = tokens.into_iter().peekable();
    let mut unawaited = TokenStream::new();
    let (mut after_dot, mut formats) = (false, false);
    while let Some(mut token) = tokens.next() {
        match &mut token {
            TokenTree::Ident(ident) => {
                if after_dot && ident == "await" {
                    let span = elsewhere(ident.span());
                    unawaited.extend(quote_spanned!(span=> no_block_awaited()));
                    after_dot = false;
                    continue;
                }
                let called = matches!(tokens.peek(), Some(TokenTree::Punct(bang)) if bang.as_char() == '!');
                formats = called && FORMATTING.iter().any(|known| ident == known);
                if formats {
                    ident.set_span(elsewhere(ident.span()));
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self::unawaited(group.stream()));
                inner.set_span(if formats { elsewhere(group.span()) } else { group.span() });
                token = TokenTree::Group(inner);
                formats = false;
            }
            TokenTree::Punct(punct) if formats => punct.set_span(elsewhere(punct.span())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => formats = false,
        }
        after_dot = matches!(&token, TokenTree::Punct(dot) if dot.as_char() == '.');
        unawaited.extend([token]);
    }
    unawaited
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
