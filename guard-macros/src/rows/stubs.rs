//! Stands in for what another crate may not have in some version or with some features.

use super::names::parse;
use crate::catalog::{self, Row, Shape};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeMap;

/// Stands in for what another crate may not have in some version or with some features: it is no one's item.
///
/// ```text
/// pub mod rusqlite { pub struct Connection; impl Connection { pub fn open<A0>(_: A0) {} } }
/// pub mod futures { pub mod executor { pub fn block_on<A0>(_: A0) {} } }
/// ```
pub(super) fn stubs() -> TokenStream {
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
