//! The parameters of a body that goes into a block of its own: what it captures, what become variables of it.

use super::uses::{Uses, is_dropped_for_nothing, mentions};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Attribute, Block, FnArg, ItemFn, Pat, PatIdent, PatType, Token, parse_quote_spanned};

/// A parameter, and what becomes of it.
struct Parameter {
    cfgs: Vec<Attribute>,
    /// What its pattern binds and the body mentions. The lint on unused variables is to see the others.
    names: Vec<Ident>,
    /// Its drop may do something: so its place among the others counts.
    drops: bool,
    /// Has to be a variable of the block.
    moves: bool,
}

/// The statements that a block begins with which is to be the body of an async fn, before it is scanned: it owns all
/// parameters, and drops them in the order in which the fn did.
///
/// Most are captured. A parameter becomes a variable of the block, as which rustc has it in any async fn, where that is
/// told apart: where it is given another value (lints tell of values captured to no purpose, and an error speaks of a
/// captured variable), and where it is never mentioned but dropped. What is captured is dropped last: so all
/// behind such a parameter become variables, too.
///
/// ```text
/// Input:  async fn f(a: A, mut b: B, _: C) { b = ..; }
/// Output: async fn f(a: A, b: B, __no_block_2: C) { .. async move { let _ = &a; let mut b = (b,).0; let __no_block_2 = __no_block_2; .. } }
/// ```
pub(super) fn capture(function: &mut ItemFn, span: Span) -> TokenStream {
    let body = &*function.block;
    let uses = Uses::of(body);
    let mut takes_self = None;
    let mut parameters = Vec::new();
    for (i, input) in function.sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => takes_self = Some(Ident::from(receiver.self_token)),
            FnArg::Typed(arg) => {
                if let Pat::Wild(wild) = &*arg.pat {
                    let ident = unnamed(i, wild.underscore_token.span);
                    *arg.pat = parse_quote_spanned!(wild.underscore_token.span=> #ident);
                }
                parameters.push((i, Parameter::of(arg, body, &uses)));
            }
        }
    }
    let first = parameters.iter().position(|(_, parameter)| parameter.moves && parameter.drops);
    if let Some(first) = first {
        parameters[first..].iter_mut().for_each(|(_, parameter)| parameter.moves |= parameter.drops);
    }
    let (moved, captured): (Vec<_>, Vec<_>) =
        parameters.into_iter().partition(|(_, parameter)| parameter.moves);
    let captures = captured.iter().rev().flat_map(|(_, Parameter { cfgs, names, .. })| {
        names.iter().rev().map(move |name| quote_spanned!(span=> #(#cfgs)* let _ = &#name;))
    });
    let takes_self = takes_self.map(|name| quote_spanned!(span=> let _ = &#name;));
    let mut statements = quote!(#(#captures)* #takes_self);
    for (i, _) in moved {
        if let FnArg::Typed(arg) = &mut function.sig.inputs[i] {
            statements.extend(variable(arg, i, span));
        }
    }
    statements
}

impl Parameter {
    fn of(arg: &PatType, body: &Block, uses: &Uses) -> Self {
        let cfgs = arg.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
        let mut bound = Names::default();
        bound.visit_pat(&arg.pat);
        let drops = !bound.borrows && !is_dropped_for_nothing(&arg.ty);
        let is_mentioned = |pat: &&PatIdent| {
            let name = pat.ident.to_string();
            name.starts_with('_') || mentions(body.to_token_stream(), &name)
        };
        let names: Vec<_> = bound.names.iter().copied().filter(is_mentioned).collect();
        let unmentioned = names.is_empty() || names.len() < bound.names.len();
        let changes =
            bound.names.iter().any(|pat| uses.may_assign(&pat.ident.to_string(), pat.mutability.is_some()));
        let moves = changes && !bound.borrows || drops && (unmentioned || bound.leaves_some);
        let names = names.into_iter().map(|pat| pat.ident.clone()).collect();
        Parameter { cfgs, names, drops, moves }
    }
}

/// The pattern moved into the block. Lints are told of there, so their levels go along.
///
/// ```text
/// Input:  #[allow(unused)] (a, mut b): (A, B)
/// Output: __no_block_0: (A, B), and let __no_block_0 = __no_block_0; #[allow(unused)] let (a, mut b) = __no_block_0;
/// ```
fn variable(arg: &mut PatType, i: usize, span: Span) -> TokenStream {
    let attrs = std::mem::take(&mut arg.attrs);
    arg.attrs = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    let cfgs = &arg.attrs;
    let (name, whole) = match &*arg.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => (ident.clone(), None),
        other => {
            let mut bound = Names::default();
            bound.visit_pat(other);
            let name = unnamed(i, bound.names.first().map_or(span, |pat| pat.ident.span()));
            // What the pattern leaves is dropped in the same turn.
            let whole = quote_spanned!(span=> #(#cfgs)* let #name = #name;);
            (name, Some(whole))
        }
    };
    let pat = std::mem::replace(&mut *arg.pat, parse_quote_spanned!(name.span()=> #name));
    // A value that is never read is told of at the whole pattern, as which a field of a tuple can be placed.
    let value = match &pat {
        Pat::Ident(PatIdent { mutability: Some(first), subpat: None, .. }) => {
            let (mut tuple, dot) =
                (Group::new(Delimiter::Parenthesis, quote!(#name,)), Token![.](name.span()));
            tuple.set_span(first.span);
            let field = syn::Index { index: 0, span: name.span() };
            quote!(#tuple #dot #field)
        }
        _ => name.to_token_stream(),
    };
    quote_spanned!(span=> #whole #(#attrs)* let #pat = #value;)
}

fn unnamed(i: usize, span: Span) -> Ident {
    format_ident!("__no_block_{i}", span = span)
}

#[derive(Default)]
struct Names<'a> {
    names: Vec<&'a PatIdent>,
    /// Parts that the pattern does not bind are left behind.
    leaves_some: bool,
    /// Something is borrowed of what would have to move along.
    borrows: bool,
}

impl<'a> Visit<'a> for Names<'a> {
    fn visit_pat_ident(&mut self, pat: &'a PatIdent) {
        self.names.push(pat);
        self.borrows |= pat.by_ref.is_some();
        visit::visit_pat_ident(self, pat);
    }
    fn visit_pat_wild(&mut self, _: &'a syn::PatWild) {
        self.leaves_some = true;
    }
    fn visit_pat_rest(&mut self, _: &'a syn::PatRest) {
        self.leaves_some = true;
    }
    fn visit_pat_struct(&mut self, pat: &'a syn::PatStruct) {
        self.leaves_some |= pat.rest.is_some();
        visit::visit_pat_struct(self, pat);
    }
}
