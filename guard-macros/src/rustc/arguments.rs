//! rustc's own arguments, which a proc macro sees as those of the process, and whether it is rustc that compiles.

use std::sync::OnceLock;

/// Whether this is rustc's own run: what is compiled for `cfg(clippy)` and `cfg(doc)` has no reader then.
pub(crate) fn is_plain_rustc() -> bool {
    static PLAIN: OnceLock<bool> = OnceLock::new();
    *PLAIN.get_or_init(|| is_plain(&arguments()))
}

fn is_plain(args: &[String]) -> bool {
    let program = args.first().map(std::path::Path::new).and_then(|path| path.file_stem());
    let configured = args.iter().any(|arg| ["clippy", "doc"].contains(&arg.trim_start_matches("--cfg=")));
    program.is_some_and(|program| program == "rustc") && !configured
}

/// What rustc was started with.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().flat_map(expand).collect()
}

/// rustdoc hands rustc a file of arguments for doctests.
fn expand(arg: String) -> Vec<String> {
    match arg.strip_prefix('@').map(std::fs::read_to_string) {
        Some(Ok(text)) => text.lines().map(str::to_owned).collect(),
        _ => vec![arg],
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn what_compiles_is_known_by_its_name() {
        let plain = |args: &[&str]| is_plain(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert!(plain(&["/t/bin/rustc", "--crate-name", "x", "--cfg", "docsrs"]));
        assert!(!plain(&["/t/bin/rustc", "--cfg", "doc"]) && !plain(&["rustc", "--cfg=clippy"]));
        assert!(!plain(&["/t/bin/clippy-driver", "/t/bin/rustc"]) && !plain(&["rustdoc"]) && !plain(&[]));
    }
}
