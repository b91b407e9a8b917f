//! Test: the documents that are made from the catalogue are as the catalogue is. `UPDATE_DOCS=1` writes them.

use crate::catalog::{self, KINDS, Level, Row};
use std::fmt::Write as _;
use std::path::Path;

fn level(row: &Row) -> &'static str {
    match row.level() {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}

/// The table of the catalogue.
fn table() -> String {
    let mut text = "# The catalogue\n\nEvery API that the attribute knows, made from `guard-macros/src/catalog/`. The level is \
                    the default: `#[no_block(warn(lock))]` and its like change it. The last column says when such a call is no \
                    defect: then `#[allow(deprecated)]` silences the one warning, and `allow_blocking!` says why.\n"
        .to_owned();
    let mut krate = "";
    for row in catalog::rows() {
        if row.krate() != krate {
            krate = row.krate();
            write!(
                text,
                "\n## {krate}\n\n| API | kind | level | instead | no defect when |\n|---|---|---|---|---|\n"
            )
            .unwrap();
        }
        let (path, kind, fine) = (row.path, row.kind, row.fine_when());
        writeln!(text, "| `{path}` | {kind} | {} | {} | {fine} |", level(row), row.remedy).unwrap();
    }
    text
}

/// What clippy's `disallowed-methods` can take over: std's and tokio's APIs that warn by default. It goes by path, in
/// sync code as well.
fn clippy() -> String {
    let mut text = "# For clippy.toml, where clippy shall refuse the same calls, in sync code as well.\n\
                    # Made from guard-macros/src/catalog/.\ndisallowed-methods = [\n"
        .to_owned();
    for row in catalog::rows().filter(|row| row.is_built_in() && level(row) == "warn" && !row.is_io()) {
        writeln!(text, "    {{ path = \"{}\", reason = \"{}\" }},", row.path, row.remedy.replace('"', "'"))
            .unwrap();
    }
    text + "]\n"
}

#[test]
fn documents_are_as_the_catalogue_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guard-runtime/docs");
    for (name, text) in [("catalogue.md", table()), ("clippy.toml", clippy())] {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            old == text,
            "{name} is stale: run `UPDATE_DOCS=1 cargo test -p guard-runtime-macros documents`"
        );
    }
}

#[test]
fn kinds_are_the_run_times_kinds_in_the_same_order() {
    let ours: Vec<_> = KINDS.iter().map(|kind| (kind.name, kind.variant)).collect();
    let theirs: Vec<_> =
        guard_runtime::Kind::ALL.iter().map(|kind| (kind.name(), format!("{kind:?}"))).collect();
    let theirs: Vec<_> = theirs.iter().map(|(name, variant)| (*name, variant.as_str())).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn every_row_says_when_it_is_no_defect_and_every_such_text_is_used() {
    let silent: Vec<_> =
        catalog::rows().filter(|row| row.fine_when().is_empty()).map(|row| row.path).collect();
    assert!(silent.is_empty(), "{silent:?}");
    let used: std::collections::BTreeSet<_> = catalog::rows().map(Row::fine_when).collect();
    let unused: Vec<_> = catalog::fine_texts().filter(|text| !used.contains(text)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// Rows of other crates are tried by `stub_crates.rs`; these have the real types at hand.
#[test]
fn every_row_of_std_and_tokio_has_a_ui_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/warn");
    let said: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let missing: Vec<_> = catalog::rows()
        .filter(|row| row.is_built_in())
        .filter(|row| !said.contains(&format!("`{}` blocks the executor thread ({})", row.path, row.kind)))
        .map(|row| format!("{} ({})", row.path, row.kind))
        .collect();
    assert!(missing.is_empty(), "no case in tests/ui/warn for:\n{}", missing.join("\n"));
}
