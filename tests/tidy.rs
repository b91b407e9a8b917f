//! Keeps the tree as its documents say it is: files, SAFETY comments, examples, README's figures.

#[path = "tidy/floors.rs"]
mod floors;

use std::fs;
use std::path::{Path, PathBuf};

const MAX_LINES_OF_CODE: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// The texts of the workspace as (path from the root, content), without build output.
fn texts() -> Vec<(String, String)> {
    let root = root();
    let (mut folders, mut texts) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink() || [".git", "target", "wip", "Cargo.lock"].contains(&&*name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let relative = path.strip_prefix(&root).expect("below the root").display().to_string();
                texts.push((relative.replace('\\', "/"), text));
            }
        }
    }
    assert!(texts.len() > 30, "the walk found only {} files", texts.len());
    texts
}

fn sources() -> Vec<(String, String)> {
    texts().into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let says = |path: &str, text: &str| match path {
        // README is the crate's documentation.
        "guard-runtime/src/lib.rs" => text.starts_with("#![doc = include_str!(\"../README.md\")]"),
        // Samples of what a user writes: attributes may have to come first.
        _ if path.starts_with("tests/ui/") => true,
        _ if path.starts_with("tests/process/") => text.starts_with("//"),
        _ => text.starts_with("//! "),
    };
    let silent: Vec<String> =
        sources().into_iter().filter(|(path, text)| !says(path, text)).map(|(path, _)| path).collect();
    assert_none("files that do not start with `//!`", &silent);
}

#[test]
fn no_source_file_is_long() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().filter(is_code).count()))
        .filter(|(_, lines)| *lines > MAX_LINES_OF_CODE)
        .map(|(path, lines)| format!("{path}: {lines}"))
        .collect();
    assert_none("files of more than 500 lines of code", &long);
}

/// Whether this line of code opens something unsafe that needs its reason written down.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let Some(at) = code.find("unsafe ") else { return false };
    let (before, after) = (&code[..at], &code[at + "unsafe ".len()..]);
    let quoted = before.replace("\\\"", "").matches('"').count() % 2 == 1 || before.contains('`');
    let part_of_a_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    // A pointer type, `unsafe extern "C" fn(..)`, states an obligation and takes none on.
    let pointer_type = after.starts_with("fn(") || after.contains(" fn(");
    let opens = after.starts_with('{')
        || after.starts_with("impl")
        || after.starts_with("fn")
        || after.contains(" fn ");
    opens && !quoted && !part_of_a_word && !pointer_type
}

/// Whether the statement or item at `index` has a SAFETY comment, or a `# Safety` section in its documentation.
fn is_explained(lines: &[&str], index: usize) -> bool {
    let states = |line: &str| line.contains("// SAFETY") || line.contains("# Safety");
    if states(lines[index]) {
        return true;
    }
    // The comment stands above the statement, whose first line may lie some lines up.
    let mut above = lines[..index].iter().rev().map(|line| line.trim());
    for line in above.by_ref().take(6) {
        if line.starts_with("//") {
            return states(line)
                || above.take_while(|line| line.starts_with("//") || line.starts_with("#[")).any(states);
        }
        if line.is_empty() || line.ends_with(';') || line == "}" {
            return false;
        }
    }
    false
}

#[test]
fn every_unsafe_says_why_it_is_sound() {
    let mut bare = Vec::new();
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if is_unsafe(line) && !is_explained(&lines, index) {
                bare.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert_none("unsafe without a SAFETY comment", &bare);
}

#[test]
fn the_check_for_unsafe_tells_good_from_bad() {
    assert!(is_unsafe("    let x = unsafe { f() };"));
    assert!(is_unsafe("pub unsafe extern \"C\" fn read(fd: c_int) -> isize {"));
    assert!(is_unsafe("unsafe impl Send for X {}"));
    assert!(!is_unsafe("type Read = unsafe extern \"C\" fn(c_int) -> isize;"));
    assert!(!is_unsafe("    // unsafe { is only spoken of }"));
    assert!(!is_unsafe("    let text = \"unsafe { quoted }\";"));
    assert!(is_explained(&["// SAFETY: it is ours.", "let x =", "    unsafe { f() };"], 2));
    assert!(is_explained(&["/// # Safety", "/// As for `read`.", "#[inline]", "unsafe fn f() {"], 3));
    assert!(!is_explained(&["// SAFETY: for another.", "let y = 1;", "let x = unsafe { f() };"], 2));
}

/// The value of `key = "…"` in a manifest.
fn value<'m>(manifest: &'m str, key: &str) -> &'m str {
    let line = manifest.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    line.unwrap_or_else(|| panic!("no {key}")).trim().trim_matches('"')
}

#[test]
fn the_catalogue_and_the_runtime_name_the_same_kinds() {
    let catalogue = read("guard-macros/src/catalog/kinds.rs");
    let rows = catalogue.lines().filter_map(|line| line.trim_start().strip_prefix("kind(\""));
    let names: Vec<&str> = rows.filter_map(|row| row.split('"').next()).collect();
    let kinds: Vec<&str> = guard_runtime::Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, kinds);
}

/// The names defined in the manifest's table `[table]`.
fn keys(manifest: &str, table: &str) -> Vec<String> {
    let rows = manifest.lines().skip_while(|line| *line != format!("[{table}]")).skip(1);
    rows.take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with(['#', ' ', ']']))
        .filter_map(|line| line.split_once('=').map(|(key, _)| key.trim().to_owned()))
        .collect()
}

#[test]
fn every_example_is_declared_and_run_by_a_test() {
    let (manifest, tests) = (read("examples/Cargo.toml"), read("tests/examples.rs"));
    let declared: Vec<&str> =
        manifest.split("[[example]]").skip(1).map(|example| value(example.trim_start(), "name")).collect();
    for entry in fs::read_dir(root().join("examples")).expect("examples/") {
        let path = entry.expect("a readable entry").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|e| e == "rs") && stem != "lib" || path.join("main.rs").exists() {
            assert!(declared.contains(&&*stem), "examples/Cargo.toml does not declare {stem}");
        }
    }
    for name in &declared {
        assert!(tests.contains(&format!("(\"{name}\"")), "tests/examples.rs does not run {name}");
    }
    assert!(declared.len() >= 2, "{declared:?}");
}

#[test]
fn the_readme_states_the_version_and_the_oldest_compiler() {
    let (manifest, readme) = (read("Cargo.toml"), read("README.md"));
    let (version, msrv) = (value(&manifest, "version"), value(&manifest, "rust-version"));
    let (minor, _) = version.rsplit_once('.').expect("three numbers");
    let dependency =
        readme.lines().find(|line| line.starts_with("guard-runtime = ")).expect("the dependency line");
    assert_eq!(value(dependency, "guard-runtime"), minor);
    assert!(readme.contains(&format!("Rust {msrv}")), "README does not say Rust {msrv}");
    let pinned = format!("guard-macros = {{ package = \"guard-runtime-macros\", version = \"={version}\"");
    assert!(manifest.contains(&pinned), "guard-runtime-macros is not pinned to {version}");
    let changelog = read("CHANGELOG.md");
    assert!(changelog.contains(&format!("## {version}")), "CHANGELOG has no section {version}");
}

#[test]
fn the_readme_lists_the_features() {
    let readme = read("README.md");
    let (_, section) = readme.split_once("## Features").expect("a section on features");
    let table = section.split("\n## ").next().unwrap_or_default();
    let mut listed: Vec<String> = table
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()))
        .collect();
    let mut features = keys(&read("guard-runtime/Cargo.toml"), "features");
    features.retain(|feature| feature != "default");
    listed.sort_unstable();
    features.sort_unstable();
    assert_eq!(listed, features);

    let manifest = read("guard-runtime/Cargo.toml");
    let defaults = value(&manifest, "default");
    for feature in &features {
        let row =
            table.lines().find(|line| line.starts_with(&format!("| `{feature}`"))).expect("listed above");
        assert_eq!(row.contains("| yes |"), defaults.contains(&format!("\"{feature}\"")), "{row}");
    }
}

#[test]
fn the_commands_of_the_readme_are_run_by_the_checks() {
    let (readme, checks) = (read("README.md"), read("ci/check.sh"));
    let commands = ["cargo run --example service", "cargo test --workspace"];
    let (_, section) = readme.split_once("## See it on a service").expect("a section with the commands");
    let block = section.split("```").nth(1).expect("a block of commands");
    assert_eq!(block.lines().skip(1).collect::<Vec<_>>(), commands);
    for command in commands {
        assert!(checks.lines().any(|line| line.trim() == command), "ci/check.sh: {command}");
    }
    assert!(read(".ci/run").contains("ci/check.sh"));
}

#[test]
fn nothing_names_a_machine_or_a_registry_host() {
    let mut foreign = vec![format!("{}/", root().display())];
    for host in ["index.crates", "static.crates"] {
        foreign.push(format!("{host}.io"));
    }
    for variable in ["HOME", "CARGO_HOME", "CARGO_TARGET_DIR"] {
        if let Ok(folder) = std::env::var(variable) {
            foreign.push(format!("{}/", folder.trim_end_matches('/')));
        }
    }
    foreign.retain(|text| text.len() > 4);
    let named: Vec<String> = texts()
        .iter()
        .flat_map(|(path, text)| text.lines().map(move |line| (path, line)))
        .filter(|(_, line)| foreign.iter().any(|text| line.contains(text)))
        .map(|(path, line)| format!("{path}: {}", line.trim()))
        .collect();
    assert_none("texts that name this machine's folders or a registry host", &named);
}
