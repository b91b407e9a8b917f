//! Which crates exist for the unit being compiled, and under which names: rustc's own `--extern` arguments.
//!
//! A proc macro runs inside rustc, so `std::env::args()` are rustc's. They are right for optional, renamed and
//! development dependencies, where Cargo.toml is not. rust-analyzer's macro server has none: then nothing is known.

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
    static ARGS: OnceLock<Vec<String>> = OnceLock::new();
    let args = ARGS.get_or_init(|| std::env::args().flat_map(expand).collect());
    find(args, krate)
}

/// rustdoc hands rustc a file of arguments for doctests.
fn expand(arg: String) -> Vec<String> {
    match arg.strip_prefix('@').map(std::fs::read_to_string) {
        Some(Ok(text)) => text.lines().map(str::to_owned).collect(),
        _ => vec![arg],
    }
}

fn find(args: &[String], krate: &str) -> Lookup {
    if !args.iter().any(|arg| arg == "--crate-name" || arg.starts_with("--crate-name=")) {
        return Lookup::Unknown;
    }
    let externs = args.iter().enumerate().filter_map(|(i, arg)| match arg.strip_prefix("--extern") {
        Some("") => args.get(i + 1).map(String::as_str),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    for spec in externs {
        // `--extern priv,noprelude:name=path`
        let spec = spec.split_once('=').map_or((spec, None), |(name, path)| (name, Some(path)));
        let name = spec.0.rsplit(':').next().unwrap_or(spec.0);
        // Cargo's file names carry the crate's own name: `libguard_runtime-0123456789abcdef.rmeta`.
        let file = spec.1.and_then(|path| path.rsplit(['/', '\\']).next());
        let real = file.map(|file| {
            let stem = file.split('.').next().unwrap_or(file);
            let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
            stem.strip_prefix("lib").unwrap_or(stem)
        });
        if real == Some(krate) || (real.is_none() && name == krate) {
            return Lookup::Named(name.to_owned());
        }
    }
    Lookup::Missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(args: &[&str], krate: &str) -> Option<String> {
        let mut all = vec!["rustc".to_owned(), "--crate-name".to_owned(), "x".to_owned()];
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        match find(&all, krate) {
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
        assert!(matches!(find(&["rust-analyzer".to_owned()], "tokio"), Lookup::Unknown));
    }
}
