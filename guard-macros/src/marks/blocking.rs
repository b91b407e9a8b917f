//! `#[blocking]`: a sync fn that blocks by design, named after itself where an armed poll calls it.

use crate::catalog::{kind_named, kind_names};
use crate::input::unknown;
use crate::rustc::private;
use crate::tokens::respan;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Ident, LitStr, Result, Signature, Token, Visibility, braced};

/// `kind = "db"`, `instead = "use .."`, `crate = ::path`.
struct Options {
    kind: &'static str,
    instead: String,
    krate: Option<syn::Path>,
}

/// ```text
/// Input:  fn load(path: &Path) -> R { body }
/// Output: #[track_caller] fn load(path: &Path) -> R { let _guard = __private::enter_blocking(&Api { .. }); body }
/// ```
///
/// Both additions under `cfg(debug_assertions)`, unless the feature `always` is on.
pub(crate) fn blocking(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = options.parse2(args)?;
    let (attrs, vis, sig, brace, body) = function.parse2(item)?;
    let span = sig.ident.span();
    let private = respan(private(options.krate.as_ref())?, span);
    let name = sig.ident.unraw().to_string();
    let (kind, instead) = (Ident::new(options.kind, span), options.instead);

    let debug = (!cfg!(feature = "always")).then(|| quote_spanned!(span=> #[cfg(debug_assertions)]));
    // Then reports point to the caller. A foreign ABI has no room for it.
    let caller = sig.abi.is_none().then(|| match debug.is_some() {
        true => quote_spanned!(span=> #[cfg_attr(debug_assertions, track_caller)]),
        false => quote_spanned!(span=> #[track_caller]),
    });
    let mut block = TokenStream::new();
    brace.surround(&mut block, |block| {
        block.extend(quote_spanned!(span=>
            #debug
            let _no_block_guard = #private::enter_blocking(const { &#private::Api {
                path: ::core::concat!(::core::module_path!(), "::", #name),
                kind: #private::Kind::#kind,
                remedy: #instead,
            } });
        ));
        block.extend(body);
    });
    Ok(quote!(#(#attrs)* #caller #vis #sig #block))
}

type Function = (Vec<Attribute>, Visibility, Signature, syn::token::Brace, TokenStream);

fn function(input: ParseStream<'_>) -> Result<Function> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    let sig: Signature =
        input.parse().map_err(|error| Error::new(error.span(), "`#[blocking]` belongs on a sync fn"))?;
    if let Some(keyword) = &sig.asyncness {
        let message =
            "`#[blocking]` belongs on a sync fn: an async fn that blocks is what `#[no_block]` finds";
        return Err(Error::new(keyword.span, message));
    }
    if let Some(keyword) = &sig.constness {
        return Err(Error::new(
            keyword.span,
            "`#[blocking]` belongs on a sync fn, and a `const fn` cannot block",
        ));
    }
    if input.peek(Token![;]) {
        let message = "`#[blocking]` belongs on a fn with a body: put it on the trait's implementations";
        return Err(Error::new_spanned(sig.fn_token.to_token_stream(), message));
    }
    let content;
    let brace = braced!(content in input);
    Ok((attrs, vis, sig, brace, content.parse()?))
}

fn options(input: ParseStream<'_>) -> Result<Options> {
    let instead = "move the call off the executor with `guard_runtime::offload(..).await`".to_owned();
    let mut options = Options { kind: "Other", instead, krate: None };
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        match name.unraw().to_string().as_str() {
            "kind" => {
                let kind: LitStr = input.parse()?;
                let other = || Error::new(kind.span(), unknown("kind", &kind.value(), &kind_names()));
                options.kind = kind_named(&kind.value()).ok_or_else(other)?.variant;
            }
            "instead" => options.instead = input.parse::<LitStr>()?.value(),
            "crate" => options.krate = Some(input.call(syn::Path::parse_mod_style)?),
            other => {
                return Err(Error::new(name.span(), unknown("option", other, &["kind", "instead", "crate"])));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: &str, item: &str) -> Result<String> {
        blocking(args.parse().unwrap(), item.parse().unwrap()).map(|tokens| tokens.to_string())
    }

    #[test]
    fn the_item_stays_a_function_of_the_same_signature() {
        let text = expanded("kind = \"db\"", "pub fn load<T: Send>(&self, x: T) -> u8 { 1 }").unwrap();
        let function: syn::ItemFn = syn::parse_str(&text).unwrap();
        assert_eq!(function.sig.to_token_stream().to_string(), "fn load < T : Send > (& self , x : T) -> u8");
        assert!(text.contains("Kind :: Db"));
    }

    #[test]
    fn what_it_cannot_be_put_on_is_told() {
        let error = |args, item| expanded(args, item).unwrap_err().to_string();
        assert!(error("", "async fn f() {}").contains("`#[no_block]` finds"));
        assert!(error("", "const fn f() {}").contains("cannot block"));
        assert!(error("", "fn f();").contains("implementations"));
        assert!(error("", "struct S;").contains("belongs on a sync fn"));
        assert!(error("kind = \"dbb\"", "fn f() {}").contains("did you mean `db`?"));
        assert!(error("kin = \"db\"", "fn f() {}").contains("did you mean `kind`?"));
    }
}
