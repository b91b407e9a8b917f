//! `#[guard_runtime::main]` and `#[guard_runtime::test]`: tokio's attributes, with an armed runtime and a guarded body.

use crate::args::{Errors, is_absolute, unknown};
use crate::expand::return_type;
use crate::probe::site;
use crate::project::{BadFile, Project};
use crate::rules;
use crate::spans::respan;
use crate::target::other_item;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, Path, Signature, Token, Visibility, braced, token};

/// Which of the two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Main,
    Test,
}

impl Entry {
    fn attribute(self) -> &'static str {
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
struct Args {
    flavor: Option<String>,
    worker_threads: Option<Lit>,
    start_paused: Option<Lit>,
    unhandled_panic: Option<syn::LitStr>,
    name: Option<Lit>,
    krate: Option<Path>,
    /// The project's own file.
    project: Option<&'static Project>,
}

/// Where the private items of guard-runtime are, given what `crate = ..` says.
pub(crate) type Private = fn(Option<&Path>) -> syn::Result<TokenStream>;

/// Expands to tokio's builder and the user's body on it; after an error, to what can be kept of them.
pub(crate) fn expand(entry: Entry, args: TokenStream, item: TokenStream, private: Private) -> TokenStream {
    let function = match Function::read.parse2(item.clone()).and_then(|function| function.check(entry)) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    let mut args = Args::read(entry, args, &mut errors);
    match Project::current() {
        Ok(project) => args.project = Some(project),
        Err(BadFile(message)) => errors.at(Span::call_site(), message),
    }
    let called = function.check_call(entry).map_err(|error| errors.push(error)).is_ok();
    let private = private(args.krate.as_ref()).map_err(|error| errors.push(error));
    let error = errors.0.map(syn::Error::into_compile_error);
    let function = match private {
        Ok(private) if called => function.expand(entry, &args, &private),
        _ => function.without_body(),
    };
    quote!(#error #function)
}

impl Args {
    fn read(entry: Entry, tokens: TokenStream, errors: &mut Errors) -> Args {
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
    fn builder(&self, entry: Entry, private: &TokenStream, span: Span) -> TokenStream {
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

/// The annotated function. Its body stays as it is, also where it does not parse yet.
struct Function {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: TokenStream,
    braces: Span,
}

impl Function {
    fn read(input: ParseStream<'_>) -> syn::Result<Function> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if let Some((span, what)) = not_a_function(input) {
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(
                span,
                format!("this attribute belongs on an `async fn`, and this is {what}"),
            ));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let message = "this attribute belongs on an `async fn` with a body";
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(sig.ident.span(), message));
        }
        let content;
        let braces = braced!(content in input).span.join();
        for mut attr in content.call(Attribute::parse_inner)? {
            attr.style = syn::AttrStyle::Outer;
            attrs.push(attr);
        }
        Ok(Function { attrs, vis, sig, body: content.parse()?, braces })
    }

    /// Whether it is one that can be made into what the attribute promises.
    fn check(self, entry: Entry) -> syn::Result<Function> {
        let (attribute, name) = (entry.attribute(), self.sig.ident.unraw());
        if self.sig.asyncness.is_none() {
            let message = format!("`{attribute}` belongs on an `async fn`, and `{name}` is a sync fn");
            return Err(syn::Error::new(self.sig.fn_token.span, message));
        }
        if let Some(second) = self.attrs.iter().find(|attr| entry == Entry::Test && is_test(attr)) {
            let message = format!("`{attribute}` makes a test by itself: leave this attribute out");
            return Err(syn::Error::new_spanned(second, message));
        }
        Ok(self)
    }

    /// Whether somebody will call it as it is.
    fn check_call(&self, entry: Entry) -> syn::Result<()> {
        let name = self.sig.ident.unraw();
        match self.sig.inputs.first() {
            Some(input) if entry == Entry::Test || name == "main" => {
                let message = format!("`{name}` takes parameters, and nothing calls it with any");
                Err(syn::Error::new_spanned(input, message))
            }
            _ => Ok(()),
        }
    }

    /// ```text
    /// Input:  #[guard_runtime::main] async fn main() -> R { body }
    /// Output: fn main() -> R {
    ///             let body = async { if false { return __private::fake::<R>(); } body };
    ///             let runtime = Builder::new_multi_thread().enable_all().build().expect(..);
    ///             #[cfg(debug_assertions)]
    ///             return __private::block_on_to_end(runtime, body, SITE);
    ///             #[cfg(not(debug_assertions))]
    ///             return runtime.block_on(body);
    ///         }
    /// ```
    fn expand(mut self, entry: Entry, args: &Args, private: &TokenStream) -> TokenStream {
        self.sig.asyncness = None;
        let span = self.sig.ident.span();
        let is_end = entry == Entry::Test || self.sig.ident == "main";
        let run = Ident::new(if is_end { "block_on_to_end" } else { "block_on" }, span);
        let private = &respan(private.clone(), span);
        let project = args.project;
        let (site, track) = (site(project, private, span, false), rules::track(project, span));
        let builder = args.builder(entry, private, span);
        let test = (entry == Entry::Test).then(|| quote_spanned!(span=> #[::core::prelude::v1::test]));
        // Gives the block its type, so that inference and the places of errors are those of an ordinary function.
        let typed = return_type(&self.sig.output, span)
            .map(|ty| quote_spanned!(span=> if false { return #private::fake::<#ty>(); }));

        let always = cfg!(feature = "always");
        let off = cfg!(no_block_build_off);
        // Without a cfg where there is no choice.
        let (debug, release) = match always || off {
            true => (quote!(), quote!()),
            false => (
                quote_spanned!(span=> #[cfg(debug_assertions)]),
                quote_spanned!(span=> #[cfg(not(debug_assertions))]),
            ),
        };
        let guarded =
            (!off).then(|| quote_spanned!(span=> #debug return #private::#run(runtime, body, #site);));
        let bare = (!always || off).then(|| quote_spanned!(span=> #release return runtime.block_on(body);));
        let Function { attrs, vis, sig, body, braces } = self;
        let body = quote_spanned!(braces=> { #typed #body });
        quote_spanned! {span=>
            #(#attrs)* #test #vis #sig {
                #track
                let body = async #body;
                #[allow(clippy::expect_used, clippy::diverging_sub_expression, clippy::needless_return)]
                {
                    let runtime = #builder;
                    #guarded
                    #bare
                }
            }
        }
    }

    /// A function of the same name and type, for code that uses it: an async `main` would be a second error, and so
    /// would one with parameters.
    fn without_body(mut self) -> TokenStream {
        self.sig.asyncness = None;
        if self.sig.ident == "main" {
            self.sig.inputs.clear();
        }
        let Function { attrs, vis, sig, .. } = self;
        quote!(#(#attrs)* #[allow(unused_variables)] #vis #sig { ::core::unimplemented!() })
    }
}

fn not_a_function(input: ParseStream<'_>) -> Option<(Span, &'static str)> {
    for (is, what) in [
        (input.peek(Token![mod]), "a module"),
        (input.peek(Token![impl]), "an impl block"),
        (input.peek(Token![trait]), "a trait"),
    ] {
        if is {
            return Some((input.span(), what));
        }
    }
    other_item(input).map(|(span, what, _)| (span, what))
}

/// `#[test]`, also by its full path.
fn is_test(attr: &Attribute) -> bool {
    let path = attr.path();
    let full = || path.segments.first().is_some_and(|first| first.ident == "core" || first.ident == "std");
    path.segments.last().is_some_and(|last| last.ident == "test") && (path.segments.len() == 1 || full())
}
