//! Arguments with what single macros take around them: `biased;`, `target: value`, `%value`, `value; length`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Pat, Result, Token};

/// `a, b, c`, `value; length`, `biased; a, b`.
pub(super) struct Args {
    before: TokenStream,
    pub(super) args: Punctuated<Arg, Token![,]>,
    after: TokenStream,
}

/// An argument, with what tracing's macros take before it: `target: value`, `name.part = %value`, `?value`.
pub(super) struct Arg {
    before: TokenStream,
    pub(super) expr: Expr,
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut before = TokenStream::new();
        if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let (name, colon): (syn::Ident, Token![:]) = (input.parse()?, input.parse()?);
            before = quote!(#name #colon);
        } else if field(&input.fork()).is_ok() {
            before = field(input)?;
        }
        if input.peek(Token![%]) || input.peek(Token![?]) {
            before.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Arg { before, expr: input.parse()? })
    }
}

/// `name.part =`, before a value that is shown by its `Display` or `Debug`.
fn field(input: ParseStream<'_>) -> Result<TokenStream> {
    let name = Punctuated::<syn::Ident, Token![.]>::parse_separated_nonempty(input)?;
    let eq: Token![=] = input.parse()?;
    if !input.peek(Token![%]) && !input.peek(Token![?]) {
        return Err(input.error("no sigil"));
    }
    Ok(quote!(#name #eq))
}

impl ToTokens for Arg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.before.clone());
        self.expr.to_tokens(tokens);
    }
}

pub(super) fn parse_args(input: ParseStream<'_>) -> Result<Args> {
    let before = biased(input)?;
    let mut args = Args { before, args: Punctuated::new(), after: TokenStream::new() };
    while !input.is_empty() {
        args.args.push_value(input.parse()?);
        if input.peek(Token![;]) {
            args.after = input.parse()?;
            break;
        }
        if input.is_empty() {
            break;
        }
        args.args.push_punct(input.parse()?);
    }
    Ok(args)
}

/// `, pattern if guard` and perhaps a comma.
pub(super) fn parse_guard(input: ParseStream<'_>) -> Result<(Token![,], Pat, Token![if], Expr, TokenStream)> {
    let (comma, pat) = (input.parse()?, Pat::parse_multi_with_leading_vert(input)?);
    Ok((comma, pat, input.parse()?, input.parse()?, input.parse()?))
}

/// `biased;`, as the first thing in tokio's macros.
pub(super) fn biased(input: ParseStream<'_>) -> Result<TokenStream> {
    if input.peek(syn::Ident) && input.peek2(Token![;]) && input.fork().parse::<syn::Ident>()? == "biased" {
        let (word, semi): (syn::Ident, Token![;]) = (input.parse()?, input.parse()?);
        return Ok(quote!(#word #semi));
    }
    Ok(TokenStream::new())
}

impl ToTokens for Args {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Args { before, args, after } = self;
        tokens.extend(quote!(#before #args #after));
    }
}
