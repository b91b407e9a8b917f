//! The options of `main` and `test`, which are tokio's, and the builder that they make.

use crate::input::{Errors, unknown};
use crate::project::Project;
use crate::rustc::is_absolute;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, Path, Token, token};

/// Which of the two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Main,
    Test,
}

impl Entry {
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Entry::Main => "#[guard_runtime::main]",
            Entry::Test => "#[guard_runtime::test]",
        }
    }
}

/// The options, which are tokio's, and an example of each.
const OPTIONS: &[(&str, &str)] = &[
    ("flavor", "flavor = \"current_thread\""),
    ("worker_threads", "worker_threads = 4"),
    ("start_paused", "start_paused = true"),
    ("unhandled_panic", "unhandled_panic = \"shutdown_runtime\""),
    ("name", "name = \"io\""),
    ("crate", "crate = ::facade::guard_runtime"),
];

const FLAVORS: &[&str] = &["current_thread", "multi_thread", "local"];
const UNHANDLED: &[&str] = &["ignore", "shutdown_runtime"];

/// The options of one use, read.
#[derive(Default)]
pub(super) struct Args {
    flavor: Option<String>,
    worker_threads: Option<Lit>,
    start_paused: Option<Lit>,
    unhandled_panic: Option<syn::LitStr>,
    name: Option<Lit>,
    pub(super) krate: Option<Path>,
    /// The project's own file.
    pub(super) project: Option<&'static Project>,
}

impl Args {
    pub(super) fn read(entry: Entry, tokens: TokenStream, errors: &mut Errors) -> Args {
        let mut args = Args::default();
        let options = match Punctuated::<Given, Token![,]>::parse_terminated.parse2(tokens) {
            Ok(options) => options,
            Err(error) => {
                errors.push(error);
                return args;
            }
        };
        let mut seen: Vec<String> = Vec::new();
        for Given { name, value } in options {
            let (span, text) = (name.span(), name.unraw().to_string());
            let Some((_, example)) = OPTIONS.iter().find(|(known, _)| *known == text) else {
                let known: Vec<&str> = OPTIONS.iter().map(|(known, _)| *known).collect();
                errors.at(span, unknown("option", &text, &known));
                continue;
            };
            if seen.contains(&text) {
                errors.at(span, format!("option `{text}` is given twice"));
            } else if !args.set(&text, &value, errors) {
                errors.at(span, format!("option `{text}` is written like `{example}`"));
            }
            seen.push(text);
        }
        args.check(entry, errors);
        args
    }

    /// `false` if the option takes other values.
    fn set(&mut self, name: &str, value: &Value, errors: &mut Errors) -> bool {
        match (name, value) {
            ("flavor", Value::Lit(Lit::Str(flavor))) if FLAVORS.contains(&&*flavor.value()) => {
                self.flavor = Some(flavor.value());
            }
            ("flavor", Value::Lit(Lit::Str(flavor))) => {
                errors.at(flavor.span(), unknown("flavor", &flavor.value(), FLAVORS));
            }
            ("worker_threads", Value::Lit(Lit::Int(threads))) => match threads.base10_parse::<usize>() {
                Ok(0) => errors.at(threads.span(), "a runtime needs at least one worker".to_owned()),
                Ok(_) => self.worker_threads = Some(Lit::Int(threads.clone())),
                Err(_) => return false,
            },
            ("start_paused", Value::Lit(paused @ Lit::Bool(_))) => self.start_paused = Some(paused.clone()),
            ("unhandled_panic", Value::Lit(Lit::Str(what))) if UNHANDLED.contains(&&*what.value()) => {
                self.unhandled_panic = Some(what.clone());
            }
            ("unhandled_panic", Value::Lit(Lit::Str(what))) => {
                errors.at(what.span(), unknown("behavior", &what.value(), UNHANDLED));
            }
            ("name", Value::Lit(name @ Lit::Str(_))) => self.name = Some(name.clone()),
            ("crate", Value::Path(path)) if is_absolute(path) => self.krate = Some(path.clone()),
            _ => return false,
        }
        true
    }

    fn flavor(&self, entry: Entry) -> &str {
        self.flavor.as_deref().unwrap_or(match entry {
            Entry::Main => "multi_thread",
            Entry::Test => "current_thread",
        })
    }

    /// What one flavor alone has.
    fn check(&mut self, entry: Entry, errors: &mut Errors) {
        let attribute = entry.attribute().trim_end_matches(']');
        let mut needs = |option: &str, span: Span, flavor: &str| {
            errors.at(
                span,
                format!("option `{option}` needs another flavor: `{attribute}(flavor = \"{flavor}\", ..)]`"),
            );
        };
        if self.flavor(entry) == "multi_thread" {
            if let Some(paused) = self.start_paused.take() {
                needs("start_paused", paused.span(), "current_thread");
            }
            if let Some(what) = self.unhandled_panic.take() {
                needs("unhandled_panic", what.span(), "current_thread");
            }
        } else if let Some(threads) = self.worker_threads.take() {
            needs("worker_threads", threads.span(), "multi_thread");
        }
    }

    /// ```text
    /// Output: __private::tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()
    /// ```
    pub(super) fn builder(&self, entry: Entry, private: &TokenStream, span: Span) -> TokenStream {
        let flavor = self.flavor(entry);
        let new = match flavor {
            "multi_thread" => quote_spanned!(span=> new_multi_thread()),
            _ => quote_spanned!(span=> new_current_thread()),
        };
        let build = match flavor {
            "local" => quote_spanned!(span=> build_local(::core::default::Default::default())),
            _ => quote_spanned!(span=> build()),
        };
        let threads = self.worker_threads.as_ref();
        let threads = threads.map(|threads| quote_spanned!(threads.span()=> .worker_threads(#threads)));
        let paused = self.start_paused.as_ref();
        let paused = paused.map(|paused| quote_spanned!(paused.span()=> .start_paused(#paused)));
        let unhandled = self.unhandled_panic.as_ref().map(|what| {
            let variant = if what.value() == "ignore" { "Ignore" } else { "ShutdownRuntime" };
            let variant = Ident::new(variant, what.span());
            quote_spanned!(what.span()=> .unhandled_panic(#private::tokio::runtime::UnhandledPanic::#variant))
        });
        let name = self.name.as_ref().map(|name| quote_spanned!(name.span()=> .name(#name)));
        quote_spanned! {span=>
            #private::tokio::runtime::Builder::#new #threads #paused #unhandled #name
                .enable_all().#build.expect("the runtime should start")
        }
    }
}

/// An option as it is written, whatever its name.
struct Given {
    name: Ident,
    value: Value,
}

enum Value {
    Lit(Lit),
    Path(Path),
    /// What no option takes.
    Other,
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option, as in `flavor = \"current_thread\"`"));
        }
        let name = Ident::parse_any(input)?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            if input.peek(token::Paren) {
                input.parse::<TokenTree>()?;
            }
            return Ok(Given { name, value: Value::Other });
        }
        let value = if input.peek(Lit) {
            Value::Lit(input.parse()?)
        } else if input.peek(Token![::]) || input.peek(Ident::peek_any) {
            Value::Path(input.call(Path::parse_mod_style)?)
        } else {
            input.parse::<TokenTree>()?;
            Value::Other
        };
        Ok(Given { name, value })
    }
}
