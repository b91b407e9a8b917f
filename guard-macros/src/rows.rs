//! The types of the catalogue: what `__catalog!` expands to inside guard-runtime, and how expansions name it.

use crate::catalog::{self, KINDS, Kind, OTHER_REASONS, Row, Shape};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a row's type: `std_fs_write` for `std::fs::write`; with its kind where that depends on the receiver.
pub(crate) fn type_name(row: &Row, span: Span) -> Ident {
    let mut name = row.path.replace("::", "_");
    if row.is_io() {
        name = format!("{name}_{}", row.kind);
    }
    Ident::new(&name, span)
}

pub(crate) fn kind_of(row: &Row) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == row.kind).expect("rows name kinds of the table (unit test)")
}

fn why(row: &Row) -> &'static str {
    let other = OTHER_REASONS.iter().find(|(path, _)| row.path.starts_with(path));
    other.map_or(kind_of(row).why, |(_, why)| why)
}

/// The message of a hit: what blocks, and what to write instead.
fn message(row: &Row) -> (String, String) {
    let offload = match row.kind {
        "sleep" | "lock" | "channel" | "thread_join" | "block_on" => "",
        _ if row.remedy.contains("offload") => "",
        _ => "; or move the call off the executor with `guard_runtime::offload(..).await`",
    };
    (
        format!("`{}` blocks the executor thread ({}): {}", row.path, row.kind, why(row)),
        format!("instead, {}{offload}", row.remedy),
    )
}

/// Expands to the types, once, inside `guard_runtime::blocking`.
///
/// Output, for one row:
///
/// ```text
/// pub struct std_fs_write;
/// impl std_fs_write {
///     #[deprecated(note = "…")] pub fn in_async_code(self) -> Self { self }   // level warn
///     pub fn quiet(self) -> Self { self }                                      // level allow
///     pub fn denied<C: allowed::std_fs_write>(self, _: C) -> Self { self }     // level deny: nothing is `allowed`
/// }
/// impl Row for std_fs_write { const API: Option<&'static Api> = Some(&Api { .. }); }
/// impl Receiver<method::lock::lock> for Mutex<T> { type Row = std_sync_Mutex_lock; }   // methods only
/// ```
pub(crate) fn catalog() -> TokenStream {
    let rows = catalog::rows().map(row_type);
    let traits = catalog::rows().map(|row| {
        let (message, instead) = message(row);
        let (name, label) = (type_name(row, Span::call_site()), "denied by `#[no_block(deny(..))]`");
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #instead)]
            pub trait #name {}
        }
    });
    let impls = catalog::rows().map(receiver_impls);
    let asked = |row: &&Row| !row.types().is_empty();
    let names: BTreeSet<_> = catalog::rows().filter(asked).map(Row::asked_as).collect();
    let tags = names.into_iter().map(|name| {
        let kinds: BTreeSet<_> =
            catalog::rows().filter(asked).filter(|row| row.asked_as() == name).map(|row| row.kind).collect();
        let kinds: Vec<_> = kinds.into_iter().map(|kind| format_ident!("{kind}")).collect();
        // Buffers do what the thing below them does.
        let io = catalog::rows().any(|row| row.is_io() && row.asked_as() == name);
        let buffers = io.then(|| quote!(#(impl crate::probe::ThroughBuffers for #kinds {})*));
        let name = format_ident!("{name}");
        quote! { pub mod #name { #(#[derive(Clone, Copy, Debug)] pub struct #kinds;)* #buffers } }
    });
    let stubs = stubs();
    let all = catalog::rows().map(|row| type_name(row, Span::call_site()));
    quote! {
        #(#rows)*
        /// Every row, for reports.
        pub static APIS: &[&crate::site::Api] = &[#(<#all as crate::probe::Row>::API.unwrap(),)*];
        pub mod allowed { #(#traits)* }
        pub mod method { #(#tags)* }
        pub mod stub { #stubs }
        #(#impls)*
    }
}

/// Stands in for what another crate may not have in some version or with some features: it is no one's item.
///
/// ```text
/// pub mod rusqlite { pub struct Connection; impl Connection { pub fn open<A0>(_: A0) {} } }
/// pub mod futures { pub mod executor { pub fn block_on<A0>(_: A0) {} } }
/// ```
fn stubs() -> TokenStream {
    let mut root = Module::default();
    for ty in catalog::stub_types() {
        let (path, generics) = ty.split_at(ty.find('<').unwrap_or(ty.len()));
        let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
        root.at(module).items.insert(name.to_owned(), stub_type(&format_ident!("{name}"), generics));
    }
    for row in catalog::rows().filter(|row| !row.is_built_in()) {
        root.add(row);
    }
    for wrapper in catalog::WRAPPERS {
        root.add_type(wrapper.krate, wrapper.generics, &format!("{}::{}", wrapper.krate, wrapper.ty));
    }
    root.expand()
}

/// The same for one row, without its crate's module around it.
pub(crate) fn stub_of(row: &Row) -> TokenStream {
    let mut root = Module::default();
    root.add(row);
    root.modules.remove(row.krate()).unwrap_or_default().expand()
}

/// The type of a row that guard-runtime does not know, and what goes beside it.
pub(crate) fn local_row(row: &Row, private: &TokenStream, beside: TokenStream) -> TokenStream {
    let span = Span::call_site();
    let (ty, methods) = (row_struct(row, span), levels(row, quote!(Denied)));
    let (what, instead) = message(row);
    let api = api(row, private);
    let name = type_name(row, span);
    quote! {
        #beside
        #[diagnostic::on_unimplemented(message = #what, label = "denied by `#[no_block(deny(..))]`", note = #instead)]
        trait Denied {}
        #ty
        impl #name { #methods }
        impl #private::Row for #name { #api }
    }
}

impl Module {
    fn add(&mut self, row: &Row) {
        // Also for a row that has only std's types to name.
        self.at(row.krate());
        match row.shape {
            Shape::Function { arguments } | Shape::FunctionTaking { arguments, .. } => {
                self.add_function(row, arguments);
            }
            Shape::Method { .. } | Shape::MethodTaking { .. } => {}
            Shape::Yields { implementing } => {
                let (module, name) = implementing.rsplit_once("::").unwrap_or(("", implementing));
                let ident = format_ident!("{name}");
                self.at(row.krate()).at(module).items.insert(name.to_owned(), quote!(pub trait #ident {}));
            }
        }
        for (generics, ty) in row.types().iter().filter(|(_, ty)| ty.starts_with(row.krate())) {
            self.add_type(row.krate(), generics, ty);
        }
    }

    fn add_function(&mut self, row: &Row, arguments: &str) {
        let (path, name) = row.path.rsplit_once("::").unwrap_or(("", row.path));
        let name = format_ident!("{name}");
        let function = match arguments.strip_prefix("::") {
            Some(generics) => {
                let generics = parse(generics);
                quote! { pub fn #name #generics () {} }
            }
            None => {
                let generics: Vec<_> = (0..arity(arguments)).map(|i| format_ident!("A{i}")).collect();
                quote! { pub fn #name<#(#generics),*>(#(_: #generics),*) {} }
            }
        };
        match path.rsplit_once("::") {
            Some((module, ty)) if ty.starts_with(char::is_uppercase) => {
                let ident = format_ident!("{ty}");
                let module = self.at(module);
                module.items.entry(ty.to_owned()).or_insert_with(|| quote!(pub struct #ident;));
                module.items.insert(row.path.to_owned(), quote!(impl #ident { #function }));
            }
            _ => {
                self.at(path).items.insert(name.to_string(), function);
            }
        }
    }

    fn add_type(&mut self, krate: &str, generics: &str, ty: &str) {
        let (module, name) = ty.split('<').next().and_then(|ty| ty.rsplit_once("::")).unwrap_or(("", ty));
        let ident = format_ident!("{name}");
        self.at(module).items.insert(name.to_owned(), stub_type(&ident, generics));
        for bound in local_bounds(generics) {
            let path = bound.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>();
            let Some((name, modules)) = path.split_last() else { continue };
            let ident = format_ident!("{name}");
            let module = self.at(krate).at(&modules.join("::"));
            module.items.insert(name.clone(), quote!(pub trait #ident { type Connection: ?Sized; }));
        }
    }
}

/// How many arguments a text like `<&str, Vec<u8>>` or `("", 1)` holds.
fn arity(arguments: &str) -> usize {
    let types =
        syn::parse_str::<syn::AngleBracketedGenericArguments>(arguments).map(|parsed| parsed.args.len());
    let values = || match syn::parse_str::<syn::Expr>(arguments) {
        Ok(syn::Expr::Paren(_)) => 1,
        Ok(syn::Expr::Tuple(tuple)) => tuple.elems.len(),
        _ => 0,
    };
    types.unwrap_or_else(|_| values())
}

/// The traits of the row's own crate that bound its parameters.
fn local_bounds(generics: &str) -> Vec<syn::Path> {
    let generics: syn::Generics = syn::parse_str(generics).unwrap_or_default();
    let bounds = generics.type_params().flat_map(|param| &param.bounds).filter_map(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            let local = bound.path.leading_colon.is_none() && !bound.path.is_ident("Sized");
            local.then(|| bound.path.clone())
        }
        _ => None,
    });
    bounds.collect()
}

fn stub_type(name: &Ident, generics: &str) -> TokenStream {
    let mut generics: syn::Generics = syn::parse_str(generics).unwrap_or_default();
    for param in generics.type_params_mut() {
        let unsized_too = |bound: &syn::TypeParamBound| bound.to_token_stream().to_string().starts_with('?');
        param.bounds = std::mem::take(&mut param.bounds).into_iter().filter(unsized_too).collect();
    }
    let fields = generics.params.iter().map(|param| match param {
        syn::GenericParam::Lifetime(param) => {
            let lifetime = &param.lifetime;
            quote!(::core::marker::PhantomData<&#lifetime ()>)
        }
        syn::GenericParam::Type(param) => {
            let ident = &param.ident;
            quote!(::core::marker::PhantomData<*const #ident>)
        }
        syn::GenericParam::Const(_) => quote!(()),
    });
    quote!(pub struct #name #generics (#(#fields),*);)
}

#[derive(Default)]
struct Module {
    items: BTreeMap<String, TokenStream>,
    modules: BTreeMap<String, Module>,
}

impl Module {
    fn at(&mut self, path: &str) -> &mut Module {
        path.split("::")
            .filter(|name| !name.is_empty())
            .fold(self, |module, name| module.modules.entry(name.to_owned()).or_default())
    }

    fn expand(&self) -> TokenStream {
        let items = self.items.values();
        let modules = self.modules.iter().map(|(name, module)| {
            let (name, module) = (format_ident!("{name}"), module.expand());
            quote!(pub mod #name { #module })
        });
        quote!(#(#items)* #(#modules)*)
    }
}

fn row_type(row: &Row) -> TokenStream {
    let name = type_name(row, Span::call_site());
    let (ty, methods) = (row_struct(row, Span::call_site()), levels(row, quote!(allowed::#name)));
    let api = api(row, &quote!(crate::site));
    quote! {
        #ty
        impl #name { #methods }
        impl crate::probe::Row for #name { #api }
    }
}

fn row_struct(row: &Row, span: Span) -> TokenStream {
    let name = type_name(row, span);
    let text = match row.fine_when() {
        "" => format!("`{}`.", row.path),
        when => format!("`{}`. No defect when: {when}.", row.path),
    };
    quote!(#[doc = #text] #[derive(Clone, Copy, Debug)] pub struct #name;)
}

/// A method for each level; `allowed` is a trait that nothing implements.
fn levels(row: &Row, allowed: TokenStream) -> TokenStream {
    let (what, instead) = message(row);
    let note = format!("{what}\n{instead}");
    quote! {
        #[deprecated(note = #note)]
        pub fn in_async_code(self) -> Self { self }
        pub fn quiet(self) -> Self { self }
        pub fn denied<C: #allowed>(self, _: C) -> Self { self }
    }
}

/// The constant of `Row`; `site` is where `Api` and `Kind` are.
fn api(row: &Row, site: &TokenStream) -> TokenStream {
    let (path, remedy) = (row.path, row.remedy);
    let variant = format_ident!("{}", kind_of(row).variant);
    quote! {
        const API: ::core::option::Option<&'static #site::Api> = ::core::option::Option::Some(
            &#site::Api { path: #path, kind: #site::Kind::#variant, remedy: #remedy },
        );
    }
}

fn receiver_impls(row: &Row) -> TokenStream {
    let types = row.types();
    let name = type_name(row, Span::call_site());
    let (method, kind) = (format_ident!("{}", row.asked_as()), format_ident!("{}", row.kind));
    if !row.is_built_in() {
        return TokenStream::new();
    }
    let cfg = (row.krate() == "tokio").then(|| quote!(#[cfg(feature = "tokio")]));
    types
        .iter()
        .map(|(generics, ty)| {
            let generics: TokenStream = parse(generics);
            let cfg_unix = ty.contains("::os::unix::").then(|| quote!(#[cfg(unix)]));
            let ty: TokenStream = parse(ty);
            quote! {
                #cfg
                #cfg_unix
                impl #generics crate::probe::Receiver<method::#method::#kind> for #ty { type Row = #name; }
            }
        })
        .collect()
}

/// Generics as they can stand in any crate of a user's, also where `Sized` is no name.
pub(crate) fn absolute(generics: &str) -> String {
    generics.replace("?Sized", "?::core::marker::Sized")
}

/// Tokens out of a text of the catalogue.
pub(crate) fn parse(text: &str) -> TokenStream {
    text.parse().expect("the catalogue's texts are Rust (unit test)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_expands_to_rust_that_parses() {
        syn::parse2::<syn::File>(catalog()).unwrap();
        for row in catalog::rows() {
            kind_of(row);
        }
    }

    #[test]
    fn paths_are_distinct() {
        let distinct: BTreeSet<_> =
            catalog::rows().map(|row| type_name(row, Span::call_site()).to_string()).collect();
        assert_eq!(distinct.len(), catalog::rows().count());
    }
}
