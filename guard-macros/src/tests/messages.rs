//! Test: each text that a macro of this crate tells a user stands in an expectation of `tests/ui`, so somebody has read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use syn::visit::{self, Visit};

/// The prose among a file's literals, outside of its tests: what has a space between two words.
#[derive(Default)]
struct Prose(BTreeSet<String>);

impl Visit<'_> for Prose {
    fn visit_lit_str(&mut self, text: &syn::LitStr) {
        self.0.insert(text.value());
    }

    fn visit_macro(&mut self, mac: &syn::Macro) {
        let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        // What is quoted is Rust; the rest takes expressions, or a text and expressions.
        if name.starts_with("quote") || name == "parse_quote" || name == "unreachable" {
            return;
        }
        let parse = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(args) = mac.parse_body_with(parse) {
            args.iter().for_each(|arg| self.visit_expr(arg));
        }
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        if call.method != "expect" {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_attribute(&mut self, _: &syn::Attribute) {}

    fn visit_item(&mut self, item: &syn::Item) {
        if !matches!(item, syn::Item::Mod(module) if module.content.is_some()) {
            visit::visit_item(self, item);
        }
    }
}

/// The parts of a text between its placeholders that are long enough to be looked for.
fn parts(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    text.split(['{', '}'])
        .step_by(2)
        .map(|part| part.replace('\u{1}', "{").replace('\u{2}', "}"))
        .filter(|part| part.trim().contains(' ') && part.len() > 8)
        .map(|part| part.trim().to_owned())
        .collect()
}

fn files(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let folder = path.file_name().unwrap().display().to_string();
            found.extend(
                files(&path, extension).into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)),
            );
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push((path.file_name().unwrap().display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn each_message_is_in_an_expectation() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said: String = files(&here.join("../tests/ui"), "stderr").into_iter().map(|(_, text)| text).collect();
    // Data, which `documents.rs` checks, or texts that become code; and what is told of `no-block.toml`, which no ui case
    // can have: unit tests beside it know those messages.
    let elsewhere = ["catalog/", "macros/", "project/", "rows/", "tests/"];
    // The first is told in a crate of its own (`stub_crates.rs`); the others are code, or stand behind another error.
    let known = [
        "guard-runtime is no dependency of this crate: add it to Cargo.toml, or say where it is re-exported, as in \
         `#[no_block(crate = ::facade::guard_runtime)]`",
        "`#[offload]` cannot be expanded",
        "The blocking form of `",
        "let body = async",
        "name = \"io\"",
        "unhandled_panic = \"shutdown_runtime\"",
    ];
    let mut missing = Vec::new();
    for (name, text) in files(&here.join("src"), "rs") {
        if elsewhere.iter().any(|room| name.starts_with(room)) {
            continue;
        }
        let mut prose = Prose::default();
        prose.visit_file(&syn::parse_file(&text).unwrap());
        for part in prose.0.iter().flat_map(|text| parts(text)) {
            if !said.contains(&part) && !known.contains(&&*part) {
                missing.push(format!("{name}: {part}"));
            }
        }
    }
    assert!(missing.is_empty(), "no expectation in tests/ui has these:\n{}", missing.join("\n"));
}

#[test]
fn placeholders_and_braces_are_told_apart() {
    assert_eq!(parts("unknown {what} `{name}`, did you mean"), ["`, did you mean"]);
    assert_eq!(parts("write `use x::{{a, b}}` for {name}"), ["write `use x::{a, b}` for"]);
}
