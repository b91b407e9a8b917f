//! The parameters of a body that goes into a block of its own: what it captures, and what stands in for them.

use crate::tokens::find_ident;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, FnArg, ItemFn, Lifetime, ParenthesizedGenericArguments, Pat, PatIdent, PatType, Token,
    TraitBound, Type, TypeFnPtr, parse_quote_spanned,
};

/// What a parameter binds.
struct Parameter {
    cfgs: Vec<Attribute>,
    mutability: Option<Token![mut]>,
    name: Ident,
}

/// The statements that a block begins with which is to be the body of an async fn: it captures the parameters whole, and
/// drops them in the order in which the fn did.
///
/// What nobody mentions stays outside, so that the lint on unused variables still sees it. Where a parameter is given
/// another value, they become variables of the block, because lints tell of values captured to no purpose.
pub(super) fn capture(function: &mut ItemFn, span: Span) -> TokenStream {
    let (takes_self, mut parameters) = name_all(function);
    let body = function.block.to_token_stream();
    parameters.retain(|Parameter { name, .. }| {
        let name = name.to_string();
        name.starts_with('_') || mentions(body.clone(), &name)
    });
    let takes_self = takes_self.filter(|name| mentions(body, &name.to_string()));
    let takes_self = takes_self.map(|name| quote_spanned!(span=> let _ = &#name;));
    if !parameters.iter().any(|parameter| parameter.is_assigned(&function.block)) {
        let captures = parameters
            .iter()
            .rev()
            .map(|Parameter { cfgs, name, .. }| quote_spanned!(span=> #(#cfgs)* let _ = &#name;));
        return quote!(#(#captures)* #takes_self);
    }
    let variables = parameters.iter().map(|parameter| parameter.variable(span));
    let variables = quote!(#takes_self #(#variables)*);
    let mut unchanging = Unchanging(&parameters);
    function.sig.inputs.iter_mut().for_each(|input| unchanging.visit_fn_arg_mut(input));
    variables
}

/// Variables for a copy of the body, which never runs, in the place of the parameters: what that does with them, lints
/// would take for the body's own use. Those whose type has no name are captured.
pub(super) fn stand_ins<'i>(
    inputs: impl IntoIterator<Item = &'i FnArg>,
    private: &TokenStream,
) -> TokenStream {
    let stand_in = |input: &FnArg| {
        let FnArg::Typed(PatType { attrs, pat, ty, .. }) = input else { return None };
        let has_name = find_ident(ty.to_token_stream(), &|ident| ident == "impl").is_none();
        let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        let ty = unnamed(ty);
        has_name.then(|| quote!(#(#cfgs)* let #pat: #ty = #private::fake();))
    };
    inputs.into_iter().filter_map(stand_in).collect()
}

/// A type without its names of lifetimes: a lint counts how often they are used. Within the type of a function, `'_` would
/// be another lifetime.
pub(super) fn unnamed(ty: &Type) -> Type {
    struct Unnamed;
    impl VisitMut for Unnamed {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
        // It may bind some itself.
        fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
            if bound.lifetimes.is_none() {
                visit_mut::visit_trait_bound_mut(self, bound);
            }
        }
    }
    let mut ty = ty.clone();
    Unnamed.visit_type_mut(&mut ty);
    ty
}

impl Parameter {
    fn variable(&self, span: Span) -> TokenStream {
        let Parameter { cfgs, mutability, name } = self;
        quote_spanned!(span=> #(#cfgs)* let #mutability #name = #name;)
    }

    fn is_assigned(&self, body: &Block) -> bool {
        struct Assigned<'a>(&'a Ident, bool);
        impl Visit<'_> for Assigned<'_> {
            fn visit_expr_assign(&mut self, assign: &syn::ExprAssign) {
                self.1 |= mentions(assign.left.to_token_stream(), &self.0.to_string());
                visit::visit_expr_assign(self, assign);
            }
        }
        let mut assigned = Assigned(&self.name, false);
        if self.mutability.is_some() {
            assigned.visit_block(body);
        }
        assigned.1
    }
}

/// Takes `mut` from what has become a variable of the block.
struct Unchanging<'a>(&'a [Parameter]);

impl VisitMut for Unchanging<'_> {
    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        if pat.by_ref.is_none() && self.0.iter().any(|parameter| parameter.name == pat.ident) {
            pat.mutability = None;
        }
        visit_mut::visit_pat_ident_mut(self, pat);
    }
}

/// All that the parameters bind, the first one first, but `self`; those without a name are given one.
fn name_all(function: &mut ItemFn) -> (Option<Ident>, Vec<Parameter>) {
    let mut takes_self = None;
    let mut parameters = Vec::new();
    for (i, input) in function.sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => takes_self = Some(Ident::from(receiver.self_token)),
            FnArg::Typed(arg) => {
                if let Pat::Wild(wild) = &*arg.pat {
                    let ident = format_ident!("__no_block_{i}", span = wild.underscore_token.span);
                    *arg.pat = parse_quote_spanned!(wild.underscore_token.span=> #ident);
                }
                parameters.extend(bound(input));
            }
        }
    }
    (takes_self, parameters)
}

fn bound(input: &FnArg) -> Vec<Parameter> {
    struct Names<'a>(Vec<&'a PatIdent>);
    impl<'a> Visit<'a> for Names<'a> {
        fn visit_pat_ident(&mut self, pat: &'a PatIdent) {
            self.0.push(pat);
            visit::visit_pat_ident(self, pat);
        }
    }
    let FnArg::Typed(arg) = input else { return Vec::new() };
    let cfgs: Vec<_> = arg.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    let mut names = Names(Vec::new());
    names.visit_pat(&arg.pat);
    let parameter = |pat: &PatIdent| Parameter {
        cfgs: cfgs.clone(),
        mutability: pat.mutability.filter(|_| pat.by_ref.is_none()),
        name: pat.ident.clone(),
    };
    names.0.into_iter().map(parameter).collect()
}

/// Whether the tokens hold the name of a variable, also as an inline argument of a format string. A method, a field or a
/// part of a path that is called so is another thing: the lint on unused variables would be lost to it.
fn mentions(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is = |at: Option<usize>, char| matches!(at.and_then(|at| tokens.get(at)), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) if ident == name => {
            let (before, further, after) = (i.checked_sub(1), i.checked_sub(2), Some(i + 1));
            // `..name` is a range.
            let is_part = is(before, '.') && !is(further, '.') || is(before, ':') && is(further, ':');
            !is_part && !is(before, '\'') && !is(after, ':')
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
        TokenTree::Literal(literal) => {
            literal.to_string().contains(&format!("{{{}", name.trim_start_matches("r#")))
        }
    })
}
