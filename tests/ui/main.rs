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
    if !pinned() {
        return;
    }
    // Without a case that passes, trybuild runs one `cargo check` for all.
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
    // trybuild compares no warnings of what compiles: these deny them.
    cases.compile_fail("warn/*.rs");
}

/// The programs that compile without a warning, which cargo has built as it does this test, and end well.
macro_rules! pass {
    ($($name:ident)*) => {
        const PASSED: &[&str] = &[$(stringify!($name)),*];

        mod pass {
            $(#[test]
            fn $name() {
                let status = std::process::Command::new(env!(concat!("CARGO_BIN_EXE_", stringify!($name)))).status();
                assert!(status.expect("it starts").success());
            })*
        }
    };
}

pass! { arguments closures entries hostile look_alikes pools returned settled_later shapes stacking without_std }

#[test]
fn every_case_that_passes_is_run() {
    for entry in std::fs::read_dir("pass").expect("pass/") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(PASSED.contains(&&*name), "Cargo.toml and `pass!` do not name {name}");
    }
}
