//! Which names of macros the crate being compiled takes for something else than the well-known one: it defines such a macro,
//! or imports one from a crate that is not known for it.
//!
//! A bounded look into the crate's files (`sources.rs`), as words and not as Rust. A name that stands in a comment is taken for
//! defined: then arguments are not looked into, and the run time alone sees what they call. What a glob import brings is
//! not seen.

use super::sources;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Crates whose macros of these names are the well-known ones.
const KNOWN: &[&str] = &[
    "alloc",
    "anyhow",
    "async_std",
    "async_stream",
    "color_eyre",
    "core",
    "eyre",
    "futures",
    "futures_lite",
    "futures_util",
    "log",
    "serde_json",
    "smol",
    "std",
    "tokio",
    "tracing",
];

/// Whether a crate's macro of a well-known name is the well-known one.
pub(crate) fn is_known_for_macros(krate: &str) -> bool {
    KNOWN.contains(&krate)
}

/// Whether the crate has a macro of its own of this name.
pub(crate) fn is_own_macro(name: &str) -> bool {
    static OWN: OnceLock<HashSet<String>> = OnceLock::new();
    let read = || {
        let mut own = HashSet::new();
        sources::each(&mut |text| {
            own_in(text, &mut own);
            true
        });
        own
    };
    OWN.get_or_init(read).contains(name)
}

/// The names behind `macro_rules!` and `macro`, and those that a `use` has from elsewhere.
fn own_in(text: &str, own: &mut HashSet<String>) {
    for (at, word) in text.match_indices("macro") {
        let after = &text[at + word.len()..];
        let after =
            after.strip_prefix("_rules").map_or(after, |after| after.trim_start().trim_start_matches('!'));
        own.extend(word_of(after.trim_start()).map(str::to_owned));
    }
    for (at, word) in text.match_indices("use ") {
        let starts =
            text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_');
        let path = text[at + word.len()..].split(';').next().unwrap_or_default();
        let first = path.trim_start().trim_start_matches("::").split("::").next().unwrap_or_default().trim();
        // No list: more than that is no import.
        if starts && path.len() < 2_000 && !is_known_for_macros(first) && path.contains("::") {
            // What is imported, and no part of its path.
            let leaves = path.split([',', '{', '}']).filter_map(|part| part.trim().rsplit("::").next());
            own.extend(leaves.filter_map(word_of).map(str::to_owned));
        }
    }
}

fn word_of(text: &str) -> Option<&str> {
    let end = text.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_of_the_crate_s_own_are_found() {
        let mut own = HashSet::new();
        let text = "macro_rules! info { () => {} }\nmacro_rules ! warn{}\npub macro select($x:expr) {}\nuse slog::{o, \
                    error as bad, crit};\npub use crate::logging::debug; use crate::panic::{Caught, in_it::X};\nuse std::{write, fmt::Write as _};\n\
                    use tracing::trace; // because trace!";
        own_in(text, &mut own);
        let has = |name: &str| own.contains(name);
        assert!(has("info") && has("warn") && has("select") && has("error") && has("debug"), "{own:?}");
        assert!(!has("write") && !has("trace") && !has("panic") && !has("in_it"), "{own:?}");
    }
}
