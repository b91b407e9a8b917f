//! The sources of stub crates: what the rows of other crates speak of, and nothing else.

use crate::catalog::{self, Receiver, Row, Shape};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub(super) fn foreign() -> impl Iterator<Item = &'static Row> {
    catalog::rows().filter(|row| !row.is_built_in())
}

/// A module tree with the source of each item, one crate each.
#[derive(Default)]
struct Source {
    items: BTreeSet<String>,
    modules: BTreeMap<String, Source>,
}

impl Source {
    fn at(&mut self, path: &str) -> &mut Source {
        path.split("::")
            .filter(|name| !name.is_empty())
            .fold(self, |source, name| source.modules.entry(name.to_owned()).or_default())
    }

    fn text(&self) -> String {
        let mut text: String = self.items.iter().map(|item| format!("{item}\n")).collect();
        for (name, source) in &self.modules {
            writeln!(text, "pub mod {name} {{ {} }}", source.text()).unwrap();
        }
        text
    }
}

/// The crates' sources, by name: what the rows speak of, and nothing else.
pub(super) fn stubs() -> BTreeMap<String, String> {
    let mut root = Source::default();
    for ty in catalog::stub_types() {
        let (path, generics) = ty.split_at(ty.find('<').unwrap_or(ty.len()));
        let (module, name) = path.rsplit_once("::").unwrap();
        let held = if generics.is_empty() { "()" } else { "pub ::core::marker::PhantomData<T>" };
        root.at(module).items.insert(format!("pub struct {name}{generics}({held});"));
    }
    for row in foreign() {
        let (path, name) = row.path.rsplit_once("::").unwrap();
        match &row.shape {
            Shape::Function { arguments } | Shape::FunctionTaking { arguments, .. } => {
                let function = format!("pub {}", function(name, arguments));
                match path.rsplit_once("::") {
                    Some((module, ty)) if ty.starts_with(char::is_uppercase) => {
                        let module = root.at(module);
                        module.items.insert(format!("pub struct {ty}();"));
                        module.items.insert(format!("impl {ty} {{ {function} }}"));
                    }
                    _ => drop(root.at(path).items.insert(function)),
                }
            }
            Shape::Yields { implementing } => {
                let (module, trait_) = implementing.rsplit_once("::").unwrap();
                let module = root.at(row.krate()).at(module);
                module.items.insert(format!("pub trait {trait_} {{}}"));
                module.items.insert(format!("pub struct Work; impl {trait_} for Work {{}}"));
            }
            Shape::MethodTaking { types } => {
                for (generics, ty) in *types {
                    add_struct(&mut root, row.krate(), generics, ty);
                }
            }
            Shape::Method { receiver, types } => {
                let this = match receiver {
                    Receiver::Shared => "&self",
                    Receiver::Mut => "&mut self",
                    Receiver::Value => "self",
                };
                for (generics, ty) in *types {
                    if !ty.starts_with(row.krate()) {
                        let source = format!("pub trait {0}_{name} {{ fn {name}({this}); }}", row.krate());
                        let imp = format!(
                            "impl{generics} {0}_{name} for {ty} {{ fn {name}({this}) {{}} }}",
                            row.krate()
                        );
                        let module = root.at(row.krate());
                        module.items.insert(format!("#[allow(non_camel_case_types)] {source}"));
                        module.items.insert(imp);
                        continue;
                    }
                    let (module, ident, arguments) = add_struct(&mut root, row.krate(), generics, ty);
                    let generics = generics.replace("r2d2::Manage", "crate::r2d2::Manage");
                    let call = format!("impl{generics} {ident}{arguments} {{ pub fn {name}({this}) {{}} }}");
                    root.at(module).items.insert(call);
                }
            }
        }
    }
    root.modules.into_iter().map(|(name, source)| (name, source.text())).collect()
}

/// The type of a row, with what it needs; its module, its name, its arguments.
fn add_struct<'a>(
    root: &mut Source,
    krate: &str,
    generics: &str,
    ty: &'a str,
) -> (&'a str, &'a str, &'a str) {
    let bare = ty.split('<').next().unwrap();
    let arguments = &ty[bare.len()..];
    let (module, ident) = bare.rsplit_once("::").unwrap();
    let mut bare_generics = generics.to_owned();
    if let Some(bound) = generics.split(": ").nth(1).filter(|bound| bound.contains("ManageConnection")) {
        let bound = bound.trim_end_matches('>');
        let (at, name) = bound.rsplit_once("::").unwrap_or(("", bound));
        root.at(krate).at(at).items.insert(format!("pub trait {name} {{ type Connection; }}"));
        bare_generics = arguments.to_owned();
    }
    let generics = bare_generics;
    let fields: Vec<_> = arguments
        .trim_matches(['<', '>'])
        .split(", ")
        .filter(|argument| !argument.is_empty())
        .map(|argument| match argument.strip_prefix('\'') {
            Some(lifetime) => format!("std::marker::PhantomData<&'{lifetime} ()>"),
            None => format!("std::marker::PhantomData<*const {argument}>"),
        })
        .collect();
    let module_items = &mut root.at(module).items;
    if !module_items.iter().any(|item| item.starts_with(&format!("pub struct {ident}{generics}("))) {
        module_items.insert(format!("pub struct {ident}{generics}({});", fields.join(", ")));
    }
    (module, ident, arguments)
}

/// A function with a parameter for each of its type arguments, or none where the call gives them.
pub(super) fn function(name: &str, arguments: &str) -> String {
    if let Some(generics) = arguments.strip_prefix("::") {
        return format!("fn {name}{generics}() {{}}");
    }
    let arity = call_arguments(arguments).len();
    let generics: Vec<_> = (0..arity).map(|i| format!("A{i}")).collect();
    let params: Vec<_> = generics.iter().map(|generic| format!("_: {generic}")).collect();
    format!("fn {name}<{}>({}) {{}}", generics.join(", "), params.join(", "))
}

/// The values to call a function with: one for each type argument, or those that the row gives.
pub(super) fn call_arguments(arguments: &str) -> Vec<String> {
    if arguments.starts_with("::") {
        return Vec::new();
    }
    if let Ok(types) = syn::parse_str::<syn::AngleBracketedGenericArguments>(arguments) {
        return types.args.iter().map(|_| "\"\"".to_owned()).collect();
    }
    match syn::parse_str::<syn::Expr>(arguments) {
        Ok(syn::Expr::Paren(value)) => vec![value.expr.to_token_stream().to_string()],
        _ => Vec::new(),
    }
}
