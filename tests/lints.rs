//! What rustc and clippy say of the code in `lints/`, with and without the attribute: the same, but for our warnings.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const CODE: &str = include_str!("lints/code.rs");

/// Where what is checked lies, beside what is built of it: `generated.rs` shares it.
fn checked() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("checked")
}

/// A crate of its own, which cargo checks.
struct Checked {
    folder: PathBuf,
}

impl Checked {
    fn new(name: &str) -> Checked {
        let folder = checked().join(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        fs::create_dir_all(folder.join("src")).unwrap();
        let runtime = root.join("guard-runtime");
        let manifest = format!(
            "[package]\nname = \"lints\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
             guard-runtime = {{ path = {runtime:?} }}\nserde_json = \"1\"\ntokio = {{ version = \"1\", features = [\"full\"] }}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // So that nothing has to be fetched.
        let _ = fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"));
        Checked { folder }
    }

    /// Each warning or error with its lint and place, sorted; none where this cargo has no such command.
    fn says(&self, command: &str, code: &str) -> Option<Vec<Said>> {
        fs::write(self.folder.join("src/lib.rs"), code).unwrap();
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([command, "--message-format=json"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", checked().join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("no such command") || stderr.contains("is not installed") {
            println!("SKIPPED: cargo {command} is not there");
            return None;
        }
        let mut said: Vec<_> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter_map(|message| Said::of(&message))
            .collect();
        assert!(!said.is_empty(), "{stderr}");
        said.sort();
        Some(said)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    line: u64,
    column: u64,
    lint: String,
    level: String,
    text: String,
    /// Notes, and what would be written instead.
    more: Vec<String>,
}

impl Said {
    fn of(message: &serde_json::Value) -> Option<Said> {
        if message["reason"] != "compiler-message" || message["target"]["name"] != "lints" {
            return None;
        }
        let message = &message["message"];
        let spans = message["spans"].as_array()?;
        let span = spans.iter().find(|span| span["is_primary"] == true)?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        // Which level a lint has, is said the first time only.
        let of_the_level = |text: &str| {
            text.contains("on by default")
                || text.contains("implied by")
                || text.contains("to override")
                || text.contains("is defined here")
        };
        let children = message["children"].as_array()?.iter();
        let more = children.filter(|child| !of_the_level(&text(&child["message"]))).flat_map(|child| {
            let instead = child["spans"].as_array().into_iter().flatten().map(|span| {
                format!("{}:{} {}", span["line_start"], span["column_start"], span["suggested_replacement"])
            });
            [text(&child["message"])].into_iter().chain(instead).collect::<Vec<_>>()
        });
        Some(Said {
            more: more.collect(),
            line: span["line_start"].as_u64()?,
            column: span["column_start"].as_u64()?,
            lint: text(&message["code"]["code"]),
            level: text(&message["level"]),
            text: text(&message["message"]),
        })
    }

    fn is_ours(&self) -> bool {
        self.lint == "deprecated" && self.text.contains("guard_runtime::blocking")
    }
}

/// The same lines without the attribute.
fn plain() -> String {
    let lines = CODE.lines().map(|line| match line.trim() {
        "#[no_block]" | "use guard_runtime::no_block;" => "",
        // It expects one of ours.
        "#[expect(deprecated)]" => "#[allow(deprecated)]",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lints that the code's comments name, with their lines.
fn named() -> Vec<(u64, &'static str)> {
    let mut named = Vec::new();
    let mut above = 0;
    for (number, line) in (1..).zip(CODE.lines()) {
        match line.trim().strip_prefix("//= ") {
            Some(lint) => named.push((above, lint)),
            None => above = number,
        }
    }
    named
}

#[test]
fn lints_say_the_same_with_the_attribute() {
    let checked = Checked::new("lints");
    for command in ["check", "clippy"] {
        let Some(without) = checked.says(command, &plain()) else { continue };
        let with = checked.says(command, CODE).expect("the command is there");
        let (ours, with): (Vec<_>, Vec<_>) = with.into_iter().partition(Said::is_ours);
        assert!(ours.len() > 15, "{command}: the attribute warns of its own: {ours:#?}");
        let lost: Vec<_> = without.iter().filter(|said| !with.contains(said)).collect();
        let new: Vec<_> = with.iter().filter(|said| !without.contains(said)).collect();
        assert!(lost.is_empty() && new.is_empty(), "{command}: lost {lost:#?}\nnew {new:#?}");
        assert_eq!(with.len(), without.len(), "{command}: nothing is said twice");
        for (line, lint) in named() {
            let is_looked_for = command == "clippy" || !lint.starts_with("clippy::");
            let found = with.iter().any(|said| said.line == line && said.lint == lint);
            assert!(found || !is_looked_for, "{command}: {lint} in line {line}: {with:#?}");
        }
    }
}

/// Not in `ui/fail`: the note to this error quotes std, where the component rust-src is installed.
#[test]
fn a_wrong_argument_of_a_function_of_std_is_an_error_at_its_call() {
    let code = "use std::fs;\n#[guard_runtime::no_block]\npub async fn reads() {\n    fs::read(5).ok();\n}\n";
    let said = Checked::new("wrong").says("check", code).expect("cargo has `check`");
    let (ours, said): (Vec<_>, Vec<_>) = said.into_iter().partition(Said::is_ours);
    let at_the_call = |said: &Said| said.line == 4 && (5..14).contains(&said.column);
    assert!(
        ours.len() == 1 && said.len() == 1 && at_the_call(&ours[0]) && at_the_call(&said[0]),
        "{ours:#?} {said:#?}"
    );
    let error = &said[0];
    // The words are those of the compiler at hand; that they name the user's own function is ours to keep.
    assert!(
        error.lint == "E0277" && error.more.iter().any(|note| note.contains("std::fs::read")),
        "{error:#?}"
    );
}
