//! What the compiler says: errors, warnings, and silence. Expectations are pinned to one minor version of rustc.

use std::process::Command;

/// The rustc whose words the `.stderr` files hold.
const PINNED: &str = "1.95";

/// Whether the words can be compared; says so when not.
fn pinned() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let same =
        version.split_whitespace().nth(1).is_some_and(|version| version.starts_with(&format!("{PINNED}.")));
    if !same {
        println!("IGNORED: the .stderr files are of rustc {PINNED}, this is {}", version.trim());
    }
    same
}

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    if pinned() {
        cases.compile_fail("ui/fail/*.rs");
        // trybuild compares no warnings of what compiles: these deny them.
        cases.compile_fail("ui/warn/*.rs");
    }
}
