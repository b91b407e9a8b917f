//! Test: every row of another crate is warned about in a user's crate, tried on stub crates of the same names; and where
//! those crates lack everything, the same user's crate still compiles without a warning.

use super::packages::{cargo_check, guard_runtime, line_of, target_dir, write_package};
use super::stub_sources::{foreign, stubs};
use super::stub_user::user;
use crate::rows::type_name;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

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
