//! `#[offload]`: makes of a sync fn an async one that runs it on a pool, and keeps the sync one beside it.

use crate::args::unknown;
use crate::borrows;
use crate::duration;
use crate::spans::respan;
use crate::syntax::find_ident;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::visit::Visit;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, GenericParam, Ident, ItemFn, Lit, Meta, Pat, Result, Token, Type,
};

const OPTIONS: [&str; 4] = ["pool", "deadline", "sync", "crate"];

/// `pool = POOL, deadline = "2s", sync = load_now, crate = ::path`.
#[derive(Default)]
struct Options {
    pool: Option<Expr>,
    /// An expression of type `Duration`.
    deadline: Option<TokenStream>,
    /// The name of the sync fn, and whether it is in an impl.
    sync: Option<(Ident, bool)>,
    krate: Option<syn::Path>,
}

/// ```text
/// Input:  #[offload(pool = POOL, deadline = "2s")] pub fn load(id: u64) -> R { body }
/// Output: pub async fn load(id: u64) -> Result<R, __private::OffloadError> {
///             (POOL).clone().run_with_deadline(Duration::new(2, 0), move || load_blocking(id)).await
///         }
///         pub fn load_blocking(id: u64) -> R { body }
/// ```
///
/// Without `pool` and `deadline`: `pub async fn load(id: u64) -> R { __private::offload(move || load_blocking(id)).await }`.
pub(crate) fn expand(
    args: TokenStream,
    item: TokenStream,
    private: impl FnOnce(Option<syn::Path>) -> Result<TokenStream>,
) -> Result<TokenStream> {
    let mut errors = None;
    let options = options.parse2(args).map_err(|error| keep(&mut errors, error)).unwrap_or_default();
    let function = function(item).map_err(|error| keep(&mut errors, error));
    let private = private(options.krate.clone()).map_err(|error| keep(&mut errors, error));
    match (function, private, errors) {
        (Ok(function), Ok(private), None) => Ok(both(function, options, &private)),
        (_, _, errors) => {
            Err(errors.unwrap_or_else(|| Error::new(Span::call_site(), "`#[offload]` cannot be expanded")))
        }
    }
}

fn keep(all: &mut Option<Error>, error: Error) {
    match all {
        Some(all) => all.combine(error),
        None => *all = Some(error),
    }
}

fn both(mut function: ItemFn, options: Options, private: &TokenStream) -> TokenStream {
    let span = function.sig.ident.span();
    let private = respan(private.clone(), span);
    let name = function.sig.ident.clone();
    let (sync, in_impl) =
        options.sync.unwrap_or_else(|| (format_ident!("{}_blocking", name.unraw(), span = span), false));

    // The async fn has plain names for its parameters; the patterns stay with the sync one.
    let mut sig = function.sig.clone();
    sig.constness = None;
    sig.asyncness = Some(Token![async](span));
    let mut values: Vec<TokenStream> = Vec::new();
    for (i, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                receiver.mutability = None;
                let (cfg, this) = (receiver.attrs.iter().filter(|attr| is_cfg(attr)), &receiver.self_token);
                values.push(quote!(#(#cfg)* #this));
            }
            FnArg::Typed(arg) => {
                let plain = match &*arg.pat {
                    Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => pat.ident.clone(),
                    other => format_ident!("__offload_{i}", span = first_span(other)),
                };
                let cfg = arg.attrs.iter().filter(|attr| is_cfg(attr));
                values.push(quote!(#(#cfg)* #plain));
                *arg.pat = syn::parse_quote!(#plain);
            }
        }
    }

    // A generic argument cannot have a `cfg`: then all of them are inferred.
    let with_cfg = |param: &GenericParam| match param {
        GenericParam::Type(param) => param.attrs.iter().any(is_cfg),
        GenericParam::Const(param) => param.attrs.iter().any(is_cfg),
        GenericParam::Lifetime(_) => false,
    };
    let inferred = sig.generics.params.iter().any(with_cfg);
    let generics: Vec<TokenStream> = sig
        .generics
        .params
        .iter()
        .filter(|_| !inferred)
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_token_stream()),
            GenericParam::Const(param) => Some(param.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let turbofish = (!generics.is_empty()).then(|| quote_spanned!(span=> ::<#(#generics),*>));
    let associated = in_impl || function.sig.receiver().is_some() || mentions_self(&function);
    let scope = associated.then(|| quote_spanned!(span=> Self::));
    let path = quote_spanned!(span=> #scope #sync #turbofish);
    let call = match &values[..] {
        // A closure around it would be redundant, which clippy says of the user's code.
        [] => path,
        values => quote_spanned!(span=> move || #path (#(#values),*)),
    };

    let output = match &sig.output {
        syn::ReturnType::Default => quote_spanned!(span=> ()),
        syn::ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let fails = options.pool.is_some() || options.deadline.is_some();
    // A clone is a handle: a pool in a field of `self` could not be borrowed while the closure takes `self`.
    let pool = match options.pool {
        Some(pool) => quote_spanned!(span=> (#pool).clone()),
        None => quote_spanned!(span=> #private::default_pool()),
    };
    let run = match (fails, options.deadline) {
        (false, _) => quote_spanned!(span=> #private::offload(#call).await),
        (true, None) => quote_spanned!(span=> #pool.run(#call).await),
        (true, Some(within)) => quote_spanned!(span=> #pool.run_with_deadline(#within, #call).await),
    };
    if fails {
        let result = quote_spanned!(span=> ::core::result::Result<#output, #private::OffloadError>);
        sig.output = syn::parse_quote!(-> #result);
    }

    let shared: Vec<Attribute> =
        function.attrs.iter().filter(|attr| belongs_to_both(attr)).map(not_expected).collect();
    let deprecated = shared.iter().any(|attr| attr.path().is_ident("deprecated"));
    // The call of the sync fn is not the user's.
    let excused = deprecated.then(|| quote_spanned!(span=> #[allow(deprecated)]));
    let documented = shared.iter().any(|attr| attr.path().is_ident("doc")).then(|| {
        let text = format!("\nThe blocking form of `{}`.", name.unraw());
        quote_spanned!(span=> #[doc = ""] #[doc = #text])
    });
    function.sig.ident = sync;
    let vis = &function.vis;
    quote! {
        #(#shared)*
        #excused
        #vis #sig { #run }

        #documented
        #function
    }
}

/// What says something about the call. All else (`inline`, `instrument`, `blocking`) is about the body.
fn belongs_to_both(attr: &Attribute) -> bool {
    const NAMES: [&str; 10] =
        ["doc", "cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid", "deprecated", "must_use"];
    NAMES.iter().any(|name| attr.path().is_ident(name))
}

/// Whether what stands behind it may be left out.
fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

/// `expect` as `allow`: what is expected may be in the body alone, which the async fn does not have.
fn not_expected(attr: &Attribute) -> Attribute {
    let mut attr = attr.clone();
    if let Meta::List(list) = &mut attr.meta {
        if list.path.is_ident("expect") {
            list.path = Ident::new("allow", first_span(&list.path)).into();
        }
    }
    attr
}

/// Whether the fn is surely in an impl or a trait.
fn mentions_self(function: &ItemFn) -> bool {
    struct Mentions(bool);
    impl Visit<'_> for Mentions {
        fn visit_ident(&mut self, ident: &Ident) {
            self.0 |= ident == "Self";
        }
        fn visit_macro(&mut self, call: &syn::Macro) {
            self.0 |= find_ident(call.tokens.clone(), &|ident| ident == "Self").is_some();
        }
        fn visit_item(&mut self, _: &syn::Item) {}
    }
    let mut mentions = Mentions(false);
    mentions.visit_item_fn(function);
    mentions.0
}

fn first_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

fn function(item: TokenStream) -> Result<ItemFn> {
    let name = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        let sig: syn::Signature =
            input.parse().map_err(|error| Error::new(error.span(), "`#[offload]` belongs on a sync fn"))?;
        let bodiless = input.peek(Token![;]);
        input.parse::<TokenStream>()?;
        Ok((sig, bodiless))
    };
    let (sig, bodiless) = name.parse2(item.clone())?;
    if let Some(keyword) = &sig.asyncness {
        let message =
            "`#[offload]` belongs on a sync fn, and this one is async: offload what blocks inside of it";
        return Err(Error::new(keyword.span, message));
    }
    if let syn::Safety::Unsafe(keyword) = &sig.safety {
        let message = "`#[offload]` belongs on a safe fn: what has to hold for an `unsafe fn` cannot be stated for a \
                       later moment and another thread; wrap it in a safe one";
        return Err(Error::new(keyword.span, message));
    }
    if let Some(abi) = &sig.abi {
        return Err(Error::new_spanned(abi, "`#[offload]` belongs on a Rust fn: wrap the foreign one"));
    }
    if bodiless {
        let message =
            "`#[offload]` belongs on a fn with a body, and not on a trait's: it makes a second fn beside it";
        return Err(Error::new_spanned(sig.fn_token, message));
    }
    let mut errors = None;
    if let syn::ReturnType::Type(_, ty) = &sig.output {
        if matches!(**ty, Type::Never(_)) {
            let message = "`#[offload]` belongs on a fn that returns: this one would keep a thread of the pool for \
                           ever; start a `std::thread` for it";
            keep(&mut errors, Error::new_spanned(ty, message));
        }
    }
    for input in &sig.inputs {
        if let Err(error) = borrows::refuse(input, &sig.ident) {
            keep(&mut errors, error);
        }
    }
    match errors {
        Some(errors) => Err(errors),
        None => syn::parse2(item),
    }
}

fn options(input: ParseStream<'_>) -> Result<Options> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: &str, item: &str) -> Result<String> {
        let private = |_| Ok(quote!(::guard_runtime::__private));
        expand(args.parse().unwrap(), item.parse().unwrap(), private).map(|tokens| tokens.to_string())
    }

    fn errors(args: &str, item: &str) -> Vec<String> {
        expanded(args, item).unwrap_err().into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn both_functions_come_out() {
        let text = expanded(
            "",
            "/// Loads.\n#[inline] pub fn load<T: Send>((a, b): (u8, u8), mut x: T) -> u8 { 1 }",
        );
        let file: syn::File = syn::parse_str(&text.unwrap()).unwrap();
        let [syn::Item::Fn(later), syn::Item::Fn(now)] = &file.items[..] else { panic!("two functions") };
        let shown = |function: &ItemFn| function.sig.to_token_stream().to_string();
        assert_eq!(shown(later), "async fn load < T : Send > (__offload_0 : (u8 , u8) , x : T) -> u8");
        assert_eq!(shown(now), "fn load_blocking < T : Send > ((a , b) : (u8 , u8) , mut x : T) -> u8");
        assert!(
            later.block.to_token_stream().to_string().contains("load_blocking :: < T > (__offload_0 , x)")
        );
        assert!(later.attrs.iter().all(|attr| !attr.path().is_ident("inline")));
        assert!(now.attrs.iter().any(|attr| attr.path().is_ident("inline")));
    }

    #[test]
    fn lints_are_excused_in_both() {
        let text =
            expanded("", "#[deprecated] #[expect(non_snake_case, reason = \"so\")] fn Load() {}").unwrap();
        let file: syn::File = syn::parse_str(&text).unwrap();
        let [syn::Item::Fn(later), syn::Item::Fn(now)] = &file.items[..] else { panic!("two functions") };
        let shown = |function: &ItemFn| {
            let attrs = function.attrs.iter().map(|attr| attr.to_token_stream().to_string().replace(' ', ""));
            attrs.collect::<Vec<_>>().join(" ")
        };
        let excused = "#[deprecated] #[allow(non_snake_case,reason=\"so\")] #[allow(deprecated)]";
        assert_eq!(shown(later), excused);
        assert_eq!(shown(now), "#[deprecated] #[expect(non_snake_case,reason=\"so\")]");
        assert!(!expanded("", "fn load() {}").unwrap().contains("allow"));
    }

    #[test]
    fn no_closure_stands_around_a_fn_without_arguments() {
        let text = expanded("pool = POOL", "fn load<const N: usize>() -> [u8; N] { [0; N] }").unwrap();
        assert!(text.contains("run (load_blocking :: < N >)"), "{text}");
    }

    #[test]
    fn in_an_impl_it_is_found_there() {
        let text = expanded("sync = Self::now", "fn load(path: String) -> u8 { 1 }").unwrap();
        assert!(text.contains("Self :: now (path)") && text.contains("fn now (path : String)"), "{text}");
        assert!(!expanded("sync = now", "fn load(path: String) {}").unwrap().contains("Self"));
        let text = expanded("", "fn load(id: u8) -> String { format!(\"{} {id}\", Self::NAME) }").unwrap();
        assert!(text.contains("Self :: load_blocking (id)"), "{text}");
        let text = expanded("", "fn load(id: u8) { macro_rules! other { () => { Self } } }").unwrap();
        assert!(!text.contains("Self :: "), "{text}");
    }

    #[test]
    fn what_the_body_changes_the_async_fn_does_not() {
        for this in ["mut self", "mut self: Arc<Self>", "mut self: Box<Self>"] {
            let text =
                expanded("", &format!("fn load({this}, mut n: u8) {{ self = other(); n += 1 }}")).unwrap();
            let file: syn::File = syn::parse_str(&text).unwrap();
            let [syn::Item::Fn(later), syn::Item::Fn(now)] = &file.items[..] else { panic!("two functions") };
            let muts = |function: &ItemFn| function.sig.to_token_stream().to_string().matches("mut ").count();
            assert_eq!((muts(later), muts(now)), (0, 2), "{text}");
        }
    }

    #[test]
    fn a_pool_or_a_deadline_makes_it_fallible() {
        for args in ["pool = POOL", "deadline = \"2s\"", "pool = self.pool, deadline = TIMEOUT, sync = now"] {
            let text = expanded(args, "fn load(self: Arc<Self>) -> u8 { 1 }").unwrap();
            assert!(text.contains("Result < u8 , :: guard_runtime :: __private :: OffloadError >"), "{text}");
        }
    }

    #[test]
    fn deadlines_are_read() {
        for (text, shown) in
            [("2s", "(2u64 , 0u32)"), ("1.5ms", "(0u64 , 1500000u32)"), ("2m", "(120u64 , 0u32)")]
        {
            let text = expanded(&format!("deadline = \"{text}\""), "fn load() {}").unwrap();
            assert!(text.contains(shown), "{text}");
        }
        for wrong in
            ["\"2\"", "\"s\"", "\"0s\"", "\"1.2.3s\"", "\"2h\"", "2", "\"-1s\"", "\"99999999999999s\""]
        {
            assert!(
                errors(&format!("deadline = {wrong}"), "fn load() {}")[0].contains("expected a time"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_it_cannot_be_put_on_is_told() {
        for (item, says) in [
            ("async fn f() {}", "this one is async"),
            ("fn f() -> ! { loop {} }", "on a fn that returns"),
            ("unsafe fn f() {}", "wrap it in a safe one"),
            ("extern \"C\" fn f() {}", "wrap the foreign one"),
            ("fn f();", "with a body"),
            ("struct S;", "belongs on a sync fn"),
        ] {
            assert!(errors("", item)[0].contains(says), "{item}");
        }
        for sync in ["self::f", "Self", "a::b", "::f", "Self::a::b"] {
            assert!(errors(&format!("sync = {sync}"), "fn f() {}")[0].contains("expected a name"), "{sync}");
        }
        assert!(errors("pol = X", "fn f() {}")[0].contains("did you mean `pool`?"));
        assert!(errors("pool = X, pool = Y", "fn f() {}")[0].contains("given twice"));
        assert_eq!(errors("pol = X", "async fn f() {}").len(), 2, "every error at once");
    }
}
