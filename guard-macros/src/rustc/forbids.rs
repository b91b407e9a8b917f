//! Whether the crate being compiled forbids lints: below a `forbid`, an `#[allow]` is an error.
//!
//! A macro is not told. So rustc's and clippy's arguments are read, and the crate's source files are searched for the
//! word, once for each run of clippy.

use super::arguments::arguments;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What no `#[allow]` of ours is about.
const ELSEWHERE: &[&str] = &["missing_docs", "non_ascii_idents", "unsafe_code", "unsafe_op_in_unsafe_fn"];

/// Folders deeper than this are another thing than modules.
const DEPTH: usize = 16;

/// Whether any lint is forbidden that we would allow, or that cannot be told.
pub(crate) fn forbids_lints() -> bool {
    static FORBIDS: OnceLock<bool> = OnceLock::new();
    *FORBIDS.get_or_init(|| {
        let mut args = arguments();
        // What follows `--` of `cargo clippy`.
        let clippy = std::env::var("CLIPPY_ARGS").unwrap_or_default();
        args.extend(clippy.split("__CLIPPY_HACKERY__").map(str::to_owned));
        in_arguments(&args) || root(&args).is_none_or(|root| in_folder(&root, DEPTH))
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

/// The folder of the crate's first file.
fn root(args: &[String]) -> Option<PathBuf> {
    let file = args.iter().find(|arg| arg.ends_with(".rs") && !arg.starts_with('-'))?;
    let folder = Path::new(file).parent()?;
    Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() })
}

/// Also where a file cannot be read.
fn in_folder(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = folder.read_dir() else { return true };
    entries.flatten().any(|entry| {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { return true };
        if kind.is_dir() {
            return depth > 0 && entry.file_name() != "target" && in_folder(&path, depth - 1);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        is_source && std::fs::read_to_string(&path).map_or(true, |text| in_text(&text))
    })
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
    use super::{in_arguments, in_folder, in_text, root};
    use std::path::PathBuf;

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
    fn a_crate_is_the_folder_of_its_first_file() {
        let root = |args: &[&str]| root(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert_eq!(root(&["rustc", "--cfg=x.rs", "src/lib.rs"]), Some(PathBuf::from("src")));
        assert_eq!(root(&["rustc", "main.rs"]), Some(PathBuf::from(".")));
        assert_eq!(root(&["rustc", "-"]), None);
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        assert!(in_folder(&own.join("src"), 1), "these tests hold the word");
        assert!(in_folder(&own.join("missing"), 1), "what cannot be read may hold it");
    }
}
