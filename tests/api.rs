//! The public API is what `guard-runtime/public-api.txt` lists: read from the pages that rustdoc makes of all features.
//!
//! `UPDATE_API=1 ci/check.sh api` writes the listing anew. Paths are shown for what is not ours; of ours the names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const LISTING: &str = "guard-runtime/public-api.txt";

/// The rustdoc whose pages are understood here, and whose words the listing has.
const PINNED: &str = "1.95";

/// Traits that a user cannot name on a stable compiler.
const UNSTABLE: [&str; 3] = ["::Freeze for", "::UnsafeUnpin for", "::StructuralPartialEq for"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The folder of the crate's pages, made anew: an item that is gone leaves its page behind.
fn pages() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let pages = target.join("doc/guard_runtime");
    let _ = fs::remove_dir_all(&pages);
    let made = cargo()
        .args(["doc", "--quiet", "--no-deps", "--package=guard-runtime", "--all-features"])
        .arg("--target-dir")
        .arg(target)
        .status();
    assert!(made.expect("cargo runs").success());
    pages
}

/// The pages below `folder`, as (kind and path of the item, page).
fn items(folder: &Path, module: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            items(&path, &format!("{module}::{name}"), found);
            continue;
        }
        let Some(stem) = name.strip_suffix(".html").filter(|stem| *stem != "all") else { continue };
        let page = fs::read_to_string(&path).expect("a readable page");
        // Where an item is defined, if that is private, leads on to where it is public.
        if page.contains("http-equiv=\"refresh\"") {
            continue;
        }
        let item = match stem.split_once('.') {
            Some((kind, name)) => format!("{kind} {module}::{name}"),
            None => format!("mod {module}"),
        };
        found.insert(item, page);
    }
}

/// Markup as text; a link to what is not ours as its path.
fn text(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        // `<div class="where">` follows without a space.
        text += if tag.starts_with("div") || tag == "/div" { " " } else { "" };
        let (tag, after) = tag.split_once('>').expect("tags end");
        rest = after;
        // "Show 17 variants"
        if tag.starts_with("summary") {
            rest = rest.split_once("</summary>").expect("summaries end").1;
        }
        let title = tag.split_once("title=\"").and_then(|(_, title)| title.split('"').next());
        // `struct alloc::string::String`
        let path = title.and_then(|title| title.split_once(' ')).map(|(_, path)| path);
        let foreign = |path: &&str| tag.starts_with("a ") && !path.starts_with("guard_runtime");
        // What follows `::` is named by what it is of.
        if let Some(path) = path.filter(foreign).filter(|_| !text.ends_with("::")) {
            let (_, after) = rest.split_once("</a>").expect("links end");
            text += path;
            rest = after;
        }
    }
    text += rest;
    let text =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
            .iter()
            .fold(text, |text, (entity, sign)| text.replace(entity, sign));
    // The button of a notable trait.
    text.replace('ⓘ', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The declaration of a page's item and what is implemented for it, a line each.
fn lines(page: &str) -> (Vec<String>, BTreeSet<String>) {
    let main = page.split_once("id=\"main-content\"").expect("a page has content").1;
    // Those hold for every type there is.
    let main = main.split("id=\"blanket-implementations\"").next().unwrap_or_default();
    let (mut declared, mut implemented, mut header) = (Vec::new(), BTreeSet::new(), String::new());
    let marks = [
        ("<pre class=\"rust item-decl\">", "</pre>"),
        ("<h3 class=\"code-header\">", "</h3>"),
        ("<h4 class=\"code-header\">", "</h4>"),
        ("<dt><code>pub use ", "</code>"),
    ];
    let mut rest = main;
    let first = |rest: &str| marks.iter().filter_map(|mark| Some((rest.find(mark.0)?, *mark))).min();
    while let Some((at, (start, end))) = first(rest) {
        let (markup, after) = rest[at + start.len()..].split_once(end).expect("what begins ends");
        rest = after;
        let text = text(markup);
        match start.get(..3) {
            Some("<pr") => declared.push(text),
            Some("<dt") => declared.push(format!("pub use {text}")),
            // Variants, which the declaration has.
            Some("<h3") if !text.contains("impl") => {}
            Some("<h3") => {
                if !UNSTABLE.iter().any(|name| text.contains(name)) {
                    implemented.insert(text.clone());
                }
                header = text;
            }
            _ if header.is_empty() => drop(implemented.insert(text)),
            // A trait's methods are the trait's business, its types are not.
            _ if header.contains(" for ") && !text.starts_with("type ") => {}
            _ => drop(implemented.insert(format!("{header}: {text}"))),
        }
    }
    (declared, implemented)
}

fn listing() -> String {
    let mut found = BTreeMap::new();
    items(&pages(), "guard_runtime", &mut found);
    let mut listing = String::new();
    for (item, page) in found {
        let (declared, implemented) = lines(&page);
        writeln!(listing, "{item}").unwrap();
        for line in declared.iter().chain(&implemented) {
            writeln!(listing, "    {line}").unwrap();
        }
    }
    listing
}

#[test]
#[ignore = "it makes the documentation of all features: `ci/check.sh api`"]
fn the_public_api_is_as_listed() {
    let version = Command::new("rustdoc").arg("--version").output().expect("rustdoc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.contains(&format!(" {PINNED}.")) {
        println!("SKIPPED: {LISTING} is of rustdoc {PINNED}, this is {}", version.trim());
        return;
    }
    let (path, new) = (root().join(LISTING), listing());
    if env::var_os("UPDATE_API").is_some() {
        fs::write(&path, new).unwrap();
        return;
    }
    let old = fs::read_to_string(&path).unwrap_or_default();
    let lost: Vec<_> = old.lines().filter(|line| !new.lines().any(|other| other == *line)).collect();
    let added: Vec<_> = new.lines().filter(|line| !old.lines().any(|other| other == *line)).collect();
    assert!(
        old == new,
        "the public API is not what {LISTING} says; if that is meant: `UPDATE_API=1 ci/check.sh api`\n\
         lost: {lost:#?}\nnew: {added:#?}"
    );
}
