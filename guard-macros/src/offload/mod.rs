//! The room of `#[offload]`: it makes of a sync fn an async one that runs it on a pool, and keeps the sync one beside it.

mod borrows;
mod function;
mod options;
mod pair;

use crate::input::Errors;
use crate::rustc::private;
use proc_macro2::{Span, TokenStream};
use syn::parse::Parser;
use syn::{Error, Result};

/// ```text
/// Input:  #[offload(pool = POOL, deadline = "2s")] pub fn load(id: u64) -> R { body }
/// Output: pub async fn load(id: u64) -> Result<R, __private::OffloadError> {
///             (POOL).clone().run_with_deadline(Duration::new(2, 0), move || load_blocking(id)).await
///         }
///         pub fn load_blocking(id: u64) -> R { body }
/// ```
///
/// Without `pool` and `deadline`: `pub async fn load(id: u64) -> R { __private::offload(move || load_blocking(id)).await }`.
pub(crate) fn offload(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let options = options::options.parse2(args).map_err(|error| errors.push(error)).unwrap_or_default();
    let function = function::function(item).map_err(|error| errors.push(error));
    let private = private(options.krate.as_ref()).map_err(|error| errors.push(error));
    match (function, private, errors.0) {
        (Ok(function), Ok(private), None) => Ok(pair::both(function, options, &private)),
        (_, _, errors) => {
            Err(errors.unwrap_or_else(|| Error::new(Span::call_site(), "`#[offload]` cannot be expanded")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::ItemFn;

    fn expanded(args: &str, item: &str) -> Result<String> {
        offload(args.parse().unwrap(), item.parse().unwrap()).map(|tokens| tokens.to_string())
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
