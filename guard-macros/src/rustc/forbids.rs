//! Whether the crate being compiled forbids lints: below a `forbid`, an `#[allow]` is an error.
//!
//! A macro is not told. So rustc's and clippy's arguments are read, and the crate's source files (`sources.rs`) are
//! searched for the word, once for each run of clippy. Where that finds it in vain, clippy is given a body with probes
//! in place; where it misses one, in a file from elsewhere, that crate has an error of rustc's, E0453.

use super::arguments::arguments;
use super::sources;
use std::sync::OnceLock;

/// What no `#[allow]` of ours is about.
const ELSEWHERE: &[&str] = &["missing_docs", "non_ascii_idents", "unsafe_code", "unsafe_op_in_unsafe_fn"];

/// Whether any lint is forbidden that we would allow, or that cannot be told.
pub(crate) fn forbids_lints() -> bool {
    static FORBIDS: OnceLock<bool> = OnceLock::new();
    *FORBIDS.get_or_init(|| {
        let mut args = arguments();
        // What follows `--` of `cargo clippy`.
        let clippy = std::env::var("CLIPPY_ARGS").unwrap_or_default();
        args.extend(clippy.split("__CLIPPY_HACKERY__").map(str::to_owned));
        in_arguments(&args) || in_files(sources::each)
    })
}

fn in_arguments(args: &[String]) -> bool {
    args.iter().enumerate().any(|(i, arg)| {
        let lints = match arg.strip_prefix("--forbid").or_else(|| arg.strip_prefix("-F")) {
            Some("") => args.get(i + 1).map_or("", String::as_str),
            Some(lints) => lints.trim_start_matches('='),
            None => return false,
        };
        lints.split(',').any(is_ours)
    })
}

/// Also where not all files can be read.
fn in_files(each: impl FnOnce(&mut dyn FnMut(&str) -> bool) -> bool) -> bool {
    let mut found = false;
    let all = each(&mut |text| {
        found |= in_text(text);
        !found
    });
    found || !all
}

fn in_text(text: &str) -> bool {
    text.match_indices("forbid").any(|(at, word)| {
        let list = text[at + word.len()..].trim_start();
        let Some(list) = list.strip_prefix('(').and_then(|list| list.split(')').next()) else { return false };
        list.split(',').map(str::trim).any(|lint| !lint.is_empty() && !lint.contains('=') && is_ours(lint))
    })
}

fn is_ours(lint: &str) -> bool {
    !ELSEWHERE.contains(&lint.replace('-', "_").as_str())
}

#[cfg(test)]
mod tests {
    use super::super::sources::each_below;
    use super::{in_arguments, in_files, in_text};

    #[test]
    fn lints_are_forbidden_in_the_text() {
        assert!(in_text("#![forbid(clippy::unwrap_used)]"));
        assert!(in_text("#![cfg_attr(test, forbid ( unsafe_code,\n unused_must_use, reason = \"a\"))]"));
        assert!(in_text("#![forbid(warnings)]"));
        assert!(!in_text("#![forbid(unsafe_code)] #![deny(warnings)] // forbid it\nfn forbid() {}"));
        assert!(!in_text("#![forbid(unsafe_code, missing_docs, reason = \"safe\")]"));
    }

    #[test]
    fn lints_are_forbidden_by_arguments() {
        let any = |args: &[&str]| in_arguments(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert!(any(&["-F", "clippy::all"]) && any(&["-Funused"]) && any(&["--forbid=unsafe-code,unused"]));
        assert!(!any(&["-Dwarnings", "--forbid=unsafe_code", "-F", "unsafe-code"]));
    }

    #[test]
    fn lints_are_forbidden_in_files() {
        let own = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        assert!(in_files(|found| each_below(&own.join("src"), found)), "these tests hold the word");
        assert!(in_files(|found| each_below(&own.join("missing"), found)), "what cannot be read may hold it");
    }
}
