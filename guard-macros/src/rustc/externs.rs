//! Which crates exist for the unit being compiled, and under which names: rustc's own `--extern` arguments.
//!
//! A proc macro runs inside rustc, so `std::env::args()` are rustc's. They are right for optional, renamed and
//! development dependencies, where Cargo.toml is not. rust-analyzer's macro server has none: then nothing is known.

use super::arguments::arguments;
use std::sync::OnceLock;

/// `name` as the crate's own code writes it.
pub(crate) enum Lookup {
    Named(String),
    /// rustc was told all crates, and this one is not among them.
    Missing,
    /// No rustc arguments to read.
    Unknown,
}

/// The name under which the crate `krate` is visible.
pub(crate) fn lookup(krate: &str) -> Lookup {
    // Asked for every row that a name has, in every body: read once.
    static EXTERNS: OnceLock<Option<Vec<Extern>>> = OnceLock::new();
    let read = || externs(&arguments());
    find(EXTERNS.get_or_init(read).as_deref(), krate)
}

/// A crate that rustc was told of.
struct Extern {
    /// As the code writes it.
    name: String,
    /// Its own, where the file's name says it.
    real: Option<String>,
}

fn find(externs: Option<&[Extern]>, krate: &str) -> Lookup {
    let Some(externs) = externs else { return Lookup::Unknown };
    let is_it = |known: &&Extern| *known.real.as_ref().unwrap_or(&known.name) == krate;
    externs.iter().find(is_it).map_or(Lookup::Missing, |known| Lookup::Named(known.name.clone()))
}

/// What rustc was told of; none where these are no arguments of rustc's.
fn externs(args: &[String]) -> Option<Vec<Extern>> {
    if !args.iter().any(|arg| arg == "--crate-name" || arg.starts_with("--crate-name=")) {
        return None;
    }
    let specs = args.iter().enumerate().filter_map(|(i, arg)| match arg.strip_prefix("--extern") {
        Some("") => args.get(i + 1).map(String::as_str),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    let read = |spec: &str| {
        // `--extern priv,noprelude:name=path`
        let (name, path) = spec.split_once('=').map_or((spec, None), |(name, path)| (name, Some(path)));
        let name = name.rsplit(':').next().unwrap_or(name).to_owned();
        // Cargo's file names carry the crate's own name: `libguard_runtime-0123456789abcdef.rmeta`.
        let real = path.and_then(|path| path.rsplit(['/', '\\']).next()).map(|file| {
            let stem = file.split('.').next().unwrap_or(file);
            let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
            stem.strip_prefix("lib").unwrap_or(stem).to_owned()
        });
        Extern { name, real }
    };
    Some(specs.map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(args: &[&str], krate: &str) -> Option<String> {
        let mut all = vec!["rustc".to_owned(), "--crate-name".to_owned(), "x".to_owned()];
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        match find(externs(&all).as_deref(), krate) {
            Lookup::Named(name) => Some(name),
            _ => None,
        }
    }

    #[test]
    fn renamed_and_private_crates_are_found() {
        let args = [
            "--extern",
            "gr=/t/libguard_runtime-0a1b.rmeta",
            "--extern=priv:futures=C:\\t\\libfutures-9.rlib",
        ];
        assert_eq!(named(&args, "guard_runtime").as_deref(), Some("gr"));
        assert_eq!(named(&args, "futures").as_deref(), Some("futures"));
        assert_eq!(named(&args, "tokio"), None);
        assert_eq!(named(&["--extern", "proc_macro"], "proc_macro").as_deref(), Some("proc_macro"));
    }

    #[test]
    fn without_arguments_of_rustc_nothing_is_known() {
        assert!(matches!(find(externs(&["rust-analyzer".to_owned()]).as_deref(), "tokio"), Lookup::Unknown));
    }
}
