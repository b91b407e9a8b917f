//! The options of `#[offload]`.

use crate::input::{duration, unknown};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprLit, Ident, Lit, Result, Token};

const OPTIONS: [&str; 4] = ["pool", "deadline", "sync", "crate"];

/// `pool = POOL, deadline = "2s", sync = load_now, crate = ::path`.
#[derive(Default)]
pub(super) struct Options {
    pub(super) pool: Option<Expr>,
    /// An expression of type `Duration`.
    pub(super) deadline: Option<TokenStream>,
    /// The name of the sync fn, and whether it is in an impl.
    pub(super) sync: Option<(Ident, bool)>,
    pub(super) krate: Option<syn::Path>,
}

pub(super) fn options(input: ParseStream<'_>) -> Result<Options> {
    let mut options = Options::default();
    let mut seen: Vec<String> = Vec::new();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        let text = name.unraw().to_string();
        if !OPTIONS.contains(&&*text) {
            return Err(Error::new(name.span(), unknown("option", &text, &OPTIONS)));
        }
        if seen.contains(&text) {
            return Err(Error::new(name.span(), format!("option `{text}` is given twice")));
        }
        input.parse::<Token![=]>()?;
        match text.as_str() {
            "pool" => options.pool = Some(input.parse()?),
            "deadline" => options.deadline = Some(deadline(input.parse()?)?),
            "sync" => options.sync = Some(sync_name(input.call(syn::Path::parse_mod_style)?)?),
            _ => options.krate = Some(input.call(syn::Path::parse_mod_style)?),
        }
        seen.push(text);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

/// `NAME` or `Self::NAME`.
fn sync_name(path: syn::Path) -> Result<(Ident, bool)> {
    let names: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    match names[..] {
        _ if path.leading_colon.is_some() => {}
        [name] if name != "Self" => return Ok((name.clone(), false)),
        [scope, name] if scope == "Self" => return Ok((name.clone(), true)),
        _ => {}
    }
    let message = "expected a name for the sync fn, which is made beside the async one: `sync = load_now`, or in an impl \
                   `sync = Self::load_now`";
    Err(Error::new_spanned(path, message))
}

/// A time as text, or an expression of type `Duration`.
fn deadline(expr: Expr) -> Result<TokenStream> {
    let Expr::Lit(ExprLit { lit, .. }) = &expr else { return Ok(expr.to_token_stream()) };
    let wrong = || {
        Error::new_spanned(lit, format!("expected a time such as {}, or a `Duration`", duration::EXAMPLES))
    };
    let Lit::Str(text) = lit else { return Err(wrong()) };
    let time = duration::parse(&text.value()).ok_or_else(wrong)?;
    Ok(duration::tokens(time, text.span()))
}
