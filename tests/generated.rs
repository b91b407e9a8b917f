//! Random async fns that are type-correct, compiled as they are and annotated: rustc says the same of both.
//!
//! `GENERATED=n` makes it that many fns, `GENERATED_SEED=n` others; `GENERATED_TOOL=clippy` asks clippy.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

#[path = "generated/generator.rs"]
mod generator;

/// What the fns work with: things of the user's own with names of the catalogue's, and some that block.
const PRELUDE: &str = include_str!("generated/prelude.rs");

/// The same fns below a line each: nothing, or the attribute.
fn program(functions: &[String], attribute: &str) -> String {
    let mut text = PRELUDE.to_owned();
    for function in functions {
        writeln!(text, "{attribute}\n{function}").unwrap();
    }
    text
}

/// What rustc says, one line each, without what the attribute is there for.
fn said_of(folder: &Path, source: &str, target: &Path) -> Vec<String> {
    fs::create_dir_all(folder.join("src")).unwrap();
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("guard-runtime");
    let manifest = format!(
        "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         guard-runtime = {{ path = {runtime:?} }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"full\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    // So that nothing has to be fetched.
    let _ = fs::copy(runtime.with_file_name("Cargo.lock"), folder.join("Cargo.lock"));
    let tool = env::var("GENERATED_TOOL").unwrap_or_else(|_| "check".to_owned());
    let output = Command::new(env!("CARGO"))
        .args([&tool, "--quiet", "--offline", "--message-format=short"])
        // What clippy takes for an error is one more warning to compare.
        .args(if tool == "clippy" { &["--", "--cap-lints", "warn"][..] } else { &[] })
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    // Clippy says that of a place, and only if it holds for whatever is there: so not where its probed copy has one.
    let of_places = "useless use of `vec!`";
    let own = |line: &&str| {
        line.starts_with("src/lib.rs:") && !line.contains("::in_async_code`") && !line.contains(of_places)
    };
    let mut lines: Vec<_> = text.lines().filter(own).map(str::to_owned).collect();
    assert!(output.status.success() || !lines.is_empty(), "{text}");
    lines.sort();
    lines
}

#[test]
fn rustc_says_the_same_of_annotated_fns() {
    let number = |name: &str, usual: u64| env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let (count, seed) = (number("GENERATED", 250), number("GENERATED_SEED", 1));
    let mut generator = generator::Generator::new(seed);
    let functions: Vec<_> = (0..count).map(|i| generator.function(i as usize)).collect();
    // The same dependencies as those of `lints.rs`, which are not built again.
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("checked");
    let target = folder.join("target");
    let plain = said_of(&folder.join("plain"), &program(&functions, ""), &target);
    let errors: Vec<_> = plain.iter().filter(|line| line.contains(" error")).collect();
    assert!(errors.is_empty(), "the generator makes what is no Rust: {errors:#?}");
    assert!(plain.len() > functions.len() / 4, "hardly a warning to compare: {plain:#?}");
    let attribute = "#[guard_runtime::no_block(warn(all))]";
    let annotated = said_of(&folder.join("annotated"), &program(&functions, attribute), &target);
    let differs = |from: &[String], other: &[String]| -> Vec<String> {
        from.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    let (lost, new) = (differs(&plain, &annotated), differs(&annotated, &plain));
    assert!(
        lost.is_empty() && new.is_empty(),
        "in {}, lost: {lost:#?}\nnew: {new:#?}",
        folder.join("annotated/src/lib.rs").display()
    );
    assert_eq!(plain.len(), annotated.len(), "one said twice");
}
