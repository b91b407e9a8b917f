//! Packages that tests write beside the target folder and compile, as a user would have them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Whether a package compiles, and what is said of it.
pub(super) fn cargo_check(folder: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--all-targets", "--message-format=short"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target_dir().join("tmp/checked/target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The line of a package's manifest that brings guard-runtime, without its features.
pub(super) fn guard_runtime() -> String {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("guard-runtime");
    format!("guard-runtime = {{ path = {runtime:?}, default-features = false }}\n")
}

/// The target folder that this test was built into.
pub(super) fn target_dir() -> PathBuf {
    let exe = env::current_exe().unwrap();
    exe.ancestors().find(|path| path.join("CACHEDIR.TAG").exists()).map_or_else(env::temp_dir, Path::to_owned)
}

pub(super) fn write_package(folder: &Path, name: &str, version: &str, more: &str, source: &str) {
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

pub(super) fn line_of(text: &str, what: &str) -> usize {
    text.lines().position(|line| line.contains(what)).unwrap() + 1
}
