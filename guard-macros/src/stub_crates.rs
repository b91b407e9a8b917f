//! Test: every row of another crate is warned about in a user's crate, tried on stub crates of the same names; and where
//! those crates lack everything, the same user's crate still compiles without a warning.

use crate::catalog::{self, Receiver, Row, Shape};
use crate::rows::type_name;
use proc_macro2::Span;
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn foreign() -> impl Iterator<Item = &'static Row> {
    catalog::rows().filter(|row| !row.is_built_in())
}

#[test]
fn every_row_of_another_crate_is_warned_about() {
    let output = check("1.0.0", &stubs(), &user(true));
    for (i, row) in foreign().enumerate() {
        for n in 0..row.types().len().max(1) {
            let line = line_of(&user(true), &format!("/* {i} {n} */"));
            let found = output.lines().any(|text| {
                text.starts_with(&format!("src/lib.rs:{line}:"))
                    && text.contains(&format!("{}::in_async_code", type_name(row, Span::call_site())))
                    && text.contains(&format!("`{}`", row.path))
            });
            assert!(found, "{} (type {n}): no warning on line {line}\n{output}", row.path);
        }
    }
    // Two crates that extend the same type of std (fs2 and fs4) both speak up: one place, two warnings.
    let places = output.lines().filter(|line| line.contains("in_async_code"));
    let warnings = places.filter_map(|line| line.split(' ').next()).collect::<BTreeSet<_>>().len();
    let calls = user(true).matches("/* ").count();
    assert_eq!(warnings, calls, "a warning too many or too few:\n{output}");
}

#[test]
fn crates_that_lack_the_items_break_nothing() {
    let empty = stubs().into_keys().map(|name| (name, "pub fn unrelated() {}\n".to_owned())).collect();
    let output = check("2.0.0", &empty, &user(false));
    assert!(!output.contains("warning") && !output.contains("error"), "{output}");
}

#[test]
fn a_facade_of_the_attribute_alone_is_told_to_name_the_way() {
    let folder = target_dir().join("stub-crates/through_facade");
    write_package(
        &folder.join("facade"),
        "facade",
        "1.0.0",
        &format!("[dependencies]\n{}", guard_runtime()),
        "pub use guard_runtime;\n",
    );
    let more = "[dependencies]\nfacade = { path = \"facade\" }\n[workspace]\n";
    let user = |option: &str| {
        let source = format!("#[facade::guard_runtime::no_block{option}]\npub async fn index() {{}}\n");
        write_package(&folder, "through_facade", "1.0.0", more, &source);
        cargo_check(&folder)
    };
    let (success, said) = user("");
    assert!(!success && said.contains("guard-runtime is no dependency of this crate"), "{said}");
    let (success, said) = user("(crate = ::facade::guard_runtime)");
    assert!(success, "{said}");
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
fn stubs() -> BTreeMap<String, String> {
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
fn function(name: &str, arguments: &str) -> String {
    if let Some(generics) = arguments.strip_prefix("::") {
        return format!("fn {name}{generics}() {{}}");
    }
    let arity = call_arguments(arguments).len();
    let generics: Vec<_> = (0..arity).map(|i| format!("A{i}")).collect();
    let params: Vec<_> = generics.iter().map(|generic| format!("_: {generic}")).collect();
    format!("fn {name}<{}>({}) {{}}", generics.join(", "), params.join(", "))
}

/// The values to call a function with: one for each type argument, or those that the row gives.
fn call_arguments(arguments: &str) -> Vec<String> {
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

/// A user's crate with every call: of the crates' items, or of its own look-alikes.
fn user(of_crates: bool) -> String {
    let mut text =
        "#![deny(unused)]\n#![forbid(unused_imports)]\n#![allow(non_camel_case_types)]\n".to_owned();
    for (i, row) in foreign().enumerate() {
        let name = row.path.rsplit("::").next().unwrap();
        match &row.shape {
            Shape::Function { arguments } => {
                let path = if of_crates { row.path.to_owned() } else { name.to_owned() };
                let own = if of_crates { String::new() } else { function(name, arguments) };
                let given = call_arguments(arguments).join(", ");
                let turbofish = match arguments.strip_prefix("::").map(|generics| generics.contains(',')) {
                    Some(true) => "::<u8, 1>",
                    Some(false) => "::<u8>",
                    None => "",
                };
                writeln!(
                    text,
                    "pub mod row_{i} {{ {own}\n#[guard_runtime::no_block(warn(all))] pub async fn call() {{ \
                     {path}{turbofish}({given}); }} /* {i} 0 */\n}}",
                )
                .unwrap();
            }
            Shape::FunctionTaking { arguments, types } => {
                let path = if of_crates { row.path.to_owned() } else { name.to_owned() };
                let own = if of_crates { String::new() } else { function(name, arguments) };
                let mut given = call_arguments(arguments);
                given[0] = "this".to_owned();
                let given = given.join(", ");
                for (n, (generics, ty)) in types.iter().enumerate() {
                    writeln!(
                        text,
                        "pub mod row_{i}_{n} {{ {own}\n#[guard_runtime::no_block(warn(all))] pub async fn \
                         call{generics}(this: {ty}) {{ {path}({given}); }} /* {i} {n} */\n}}",
                    )
                    .unwrap();
                }
            }
            Shape::Yields { implementing } => {
                let module = implementing.rsplit_once("::").unwrap().0;
                let work =
                    if of_crates { format!("{}::{module}::Work", row.krate()) } else { "Own".to_owned() };
                writeln!(
                    text,
                    "pub mod row_{i} {{ pub struct Own; impl Own {{ pub fn {name}(&self) -> {work} {{ loop {{}} }} }}\n\
                     #[guard_runtime::no_block(warn(all))] pub async fn call(this: &Own) {{ \
                     this.{name}(); }} /* {i} 0 */\n}}",
                )
                .unwrap();
            }
            Shape::MethodTaking { types } => {
                for (n, (generics, ty)) in types.iter().enumerate() {
                    let (generics, ty) = if of_crates { (*generics, *ty) } else { ("", "Query") };
                    let generics = generics.replace("r2d2::", "diesel::r2d2::");
                    writeln!(
                        text,
                        "pub mod row_{i}_{n} {{ pub struct Query; impl Query {{ pub fn {name}<T>(&self, _: T) {{}} }}\n\
                         #[guard_runtime::no_block(warn(all))] pub async fn call{generics}(this: &mut {ty}) {{ \
                         Query.{name}(this); }} /* {i} {n} */\n}}",
                    )
                    .unwrap();
                }
            }
            Shape::Method { receiver, types } => {
                for (n, (generics, ty)) in types.iter().enumerate() {
                    let (generics, ty) =
                        if of_crates { (*generics, (*ty).to_owned()) } else { ("", "Own".to_owned()) };
                    let (binding, this) = match receiver {
                        Receiver::Shared => (format!("&{ty}"), "&self"),
                        Receiver::Mut => (format!("&mut {ty}"), "&mut self"),
                        Receiver::Value => (ty, "self"),
                    };
                    let generics = generics.replace("r2d2::Manage", "diesel::r2d2::Manage");
                    let own = format!("pub struct Own; impl Own {{ pub fn {name}({this}) {{}} }}");
                    let own = if of_crates { String::new() } else { own };
                    // A newer std has one of this name, whose result is not nothing.
                    let unused = if name == "lock_shared" { "_ = " } else { "" };
                    let extends = !ty_is_of(row, &binding);
                    let imports = match (of_crates, generics.contains(": ManageConnection"), extends) {
                        (true, true, _) => format!("use ::{}::ManageConnection;", row.krate()),
                        (true, _, true) => format!("pub use ::{0}::{0}_{name};", row.krate()),
                        _ => String::new(),
                    };
                    writeln!(
                        text,
                        "pub mod row_{i}_{n} {{ {imports} {own}\n#[guard_runtime::no_block(warn(all))] \
                         pub async fn call{generics}(this: {binding}) {{ {unused}this.{name}(); }} /* {i} {n} */\n}}"
                    )
                    .unwrap();
                }
            }
        }
    }
    text
}

/// Whether a binding's type belongs to the row's crate.
fn ty_is_of(row: &Row, binding: &str) -> bool {
    binding.trim_start_matches("&mut ").trim_start_matches('&').starts_with(row.krate())
}

pub(crate) fn line_of(text: &str, what: &str) -> usize {
    text.lines().position(|line| line.contains(what)).unwrap() + 1
}

/// What `cargo check` says of the user's crate, a line for each diagnostic. The crates of two sets share a target folder,
/// where versions tell them apart.
fn check(version: &str, stubs: &BTreeMap<String, String>, user: &str) -> String {
    let folder = target_dir().join("stub-crates").join(version);
    let mut dependencies = String::new();
    for (name, source) in stubs {
        write_package(&folder.join(name), name, version, "", source);
        writeln!(dependencies, "{name} = {{ path = \"{name}\" }}").unwrap();
    }
    dependencies += &guard_runtime();
    write_package(&folder, "user", version, &format!("[dependencies]\n{dependencies}[workspace]\n"), user);

    let (success, text) = cargo_check(&folder);
    assert!(success, "{text}");
    text
}

/// Whether a package compiles, and what is said of it.
pub(crate) fn cargo_check(folder: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--all-targets", "--message-format=short"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target_dir().join("stub-crates/target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The line of a package's manifest that brings guard-runtime, without its features.
pub(crate) fn guard_runtime() -> String {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("guard-runtime");
    format!("guard-runtime = {{ path = {runtime:?}, default-features = false }}\n")
}

/// The target folder that this test was built into.
pub(crate) fn target_dir() -> PathBuf {
    let exe = env::current_exe().unwrap();
    exe.ancestors().find(|path| path.join("CACHEDIR.TAG").exists()).map_or_else(env::temp_dir, Path::to_owned)
}

pub(crate) fn write_package(folder: &Path, name: &str, version: &str, more: &str, source: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n{more}");
    for (path, text) in [("Cargo.toml", manifest.as_str()), ("src/lib.rs", source)] {
        let path = folder.join(path);
        // An unchanged file keeps its time, and cargo its build.
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        fs::write(path, text).unwrap();
    }
}
