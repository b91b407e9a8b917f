//! The crate that uses the stub crates: a call for each row and each of its types.

use super::stub_sources::{call_arguments, foreign, function};
use crate::catalog::{Receiver, Row, Shape};
use std::fmt::Write as _;

/// A user's crate with every call: of the crates' items, or of its own look-alikes.
pub(super) fn user(of_crates: bool) -> String {
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
