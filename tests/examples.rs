//! Runs each example as a user would, and checks what it prints.

use std::path::PathBuf;
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// `cargo run --example NAME` in the workspace root, in the profile of this test, with the guard's defaults.
fn run(example: &str) -> Output {
    run_with(example, &[], &[])
}

/// As [`run`], with these arguments, and these variables set.
fn run_with(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--example", example]).current_dir(root());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NO_BLOCK_") {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_TERM_COLOR", "never").env("RUST_BACKTRACE", "0").envs(variables.iter().copied());
    cargo.arg("--").args(arguments).output().expect("cargo starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `FILE:LINE:` of the only line of `file` that contains `call`.
fn place(file: &str, call: &str) -> String {
    let source = std::fs::read_to_string(root().join(file)).expect(file);
    let mut lines = source.lines().enumerate().filter(|(_, line)| line.contains(call));
    let (index, _) = lines.next().unwrap_or_else(|| panic!("{file} has no `{call}`"));
    assert!(lines.next().is_none(), "`{call}` stands more than once in {file}");
    format!("{file}:{}:", index + 1)
}

#[track_caller]
fn assert_has(haystack: &str, needle: &str) {
    assert!(haystack.contains(needle), "expected `{needle}` in:\n{haystack}");
}

#[test]
fn quickstart_warns_and_panics_with_the_report() {
    let output = run("quickstart");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    if !cfg!(debug_assertions) {
        assert!(output.status.success(), "release builds hold the original body:\n{stderr}");
        assert_has(&stdout, "//! A blocking call");
        return assert!(!stderr.contains("blocking call on an executor thread"), "{stderr}");
    }
    let call = place("examples/quickstart.rs", "read_to_string");

    let (build, report) =
        stderr.split_once("panicked at").unwrap_or_else(|| panic!("no panic in:\n{stderr}"));
    assert_has(build, "warning: ");
    assert_has(build, &format!("--> {call}"));

    assert_eq!(output.status.code(), Some(101), "{stderr}");
    assert_has(report, "blocking call on an executor thread: std::fs::read_to_string (fs)");
    assert_has(report, &call);
    assert_has(report, "quickstart::first_line");
    assert_has(report, "fix:");
    assert!(!stdout.contains("//!"), "the value of a violating poll is dropped:\n{stdout}");
}

#[test]
fn service_finds_its_mistakes_and_shows_both_tables() {
    // The program itself only counts and collects; the variable beats it and adds the reports that README shows.
    let output = run_with("service", &[], &[("NO_BLOCK_ACTION", "log")]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    if !cfg!(debug_assertions) {
        assert!(!output.status.success(), "a build without the guard must not claim to have found anything");
        assert_has(&stderr, "the guard missed");
        return assert_has(&stderr, "the guard in this build: no engines");
    }
    assert!(output.status.success(), "{stderr}\n{stdout}");

    let sections: Vec<&str> = stdout.split("\n\n").collect();
    let section = |route: &str| -> &str {
        let found = sections.iter().find(|section| section.trim_start().starts_with(route));
        found.unwrap_or_else(|| panic!("no section for {route} in:\n{stdout}"))
    };
    let mistakes = "examples/service/mistakes.rs";
    for (route, kind, file, call) in [
        ("GET /spent", "db", mistakes, "Connection::open("),
        ("GET /spent", "db", mistakes, "connection.query_row("),
        ("GET /welcome", "fs", "examples/service/template.rs", "fs::read_to_string("),
        ("POST /reserve", "sleep", mistakes, "std::thread::sleep("),
        ("GET /statistics", "lock", mistakes, "app.shared.lock()"),
        ("POST /archive", "pool", mistakes, "app.narrow.run("),
    ] {
        let place = place(file, call);
        let mut lines = section(route).lines();
        let found = lines.any(|line| line.trim_start().starts_with(kind) && line.contains(&place));
        assert!(found, "{route}: no {kind} at {place} in:\n{stdout}");
    }
    assert_has(section("POST /login"), "not seen");
    // The pool says who keeps its thread busy.
    assert_has(&stderr, "pool `narrow` is saturated: ");
    assert_has(&stderr, "1 of 1 threads busy in `service::mistakes::archive`");

    assert_has(section("with mistakes"), "repaired");
    for row in ["p50", "p99", "max"] {
        let line = stdout.lines().find(|line| line.trim_start().starts_with(row)).expect(row);
        let columns: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert!(matches!(columns[..], [before, after] if before > 0.0 && after > 0.0), "{line}");
    }

    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let report =
        readme.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("a report");
    assert!(report.lines().count() > 3, "{report}");
    for line in report.lines() {
        // Times and threads are of one run, columns of one compiler.
        let parts: Vec<&str> = match line.split_once(" in ") {
            Some((at, function)) => vec![at.trim().rsplit_once(':').expect("a column").0, function],
            None if line.trim().starts_with("on thread") => continue,
            None => vec![line.split(", ").next().unwrap_or(line)],
        };
        let printed = stderr.lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(printed, "README shows `{line}`, which is not in:\n{stderr}");
    }
}

#[test]
fn hybrid_accounts_for_every_closure() {
    let output = run_with("hybrid", &["5"], &[]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stderr}\n{stdout}");
    assert_has(&stdout, "every closure is accounted for, and every user is stored");
    let guarded =
        if cfg!(debug_assertions) { "0 blocking calls on executor threads" } else { "nobody looked" };
    assert_has(&stdout, guarded);
    // Each user is hashed once and verified twelve times; inserted once and looked up twelve times; journalled once.
    for (pool, closures) in [("hashing", 5 * 13), ("users", 5 * 13), ("journal", 5)] {
        let row = stdout.lines().find(|line| line.trim_start().starts_with(pool)).expect(pool);
        let columns: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(columns[1].parse(), Ok(closures), "{row}");
        assert_eq!(columns.iter().filter(|column| **column == "ms").count(), 4, "{row}");
    }
    for function in ["hybrid::app::register", "hybrid::app::login", "hybrid::app::Journal::append"] {
        assert!(
            stdout.lines().any(|line| line.contains(&format!(" in {function},"))),
            "{function}:\n{stdout}"
        );
    }
}
