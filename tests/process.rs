//! Child programs: each file of `process/` runs in a process of its own, and its header says what must come out.
//!
//! ```text
//! // env: NAME=value        for the child; by default violations are logged as JSON; $TMP is a folder for tests
//! // strip: --strip-debug    the child's program has been through `strip` with this option
//! // exit: panic            the child must fail; by default it must not
//! // expect: kind api @mark a violation of that kind and API, located at the line that ends in `// @mark`
//! // expect: text @mark     some line on stderr holds the text and that place; without a mark, the text alone
//! // forbid: text           no line on stderr holds it
//! // forbid: @mark          no violation is located at that line
//! // once: as above         the same, and there is one such line
//! // set-user-ID            the child's program runs with another user's rights than its caller
//! // only                   the expected violations are all that there are
//! ```
//!
//! The child is this very program, told to run one test only, which then runs the file's `main`.

#[path = "process/set_user_id/file.rs"]
mod set_user_id;

use std::path::PathBuf;
use std::process::{Command, Output};

/// Set in a child.
const CHILD: &str = "GUARD_TESTS_CHILD";

macro_rules! programs {
    ($($name:ident)*) => {
        mod process {
            $(pub(crate) mod $name;)*
        }

        $(#[test]
        fn $name() {
            if std::env::var_os(CHILD).is_some() {
                // Shows the error that a `main` ends with.
                let _ = std::process::Termination::report(process::$name::main());
            } else {
                Program {
                    name: stringify!($name),
                    source: include_str!(concat!("process/", stringify!($name), ".rs")),
                }
                .check();
            }
        })*
    };
}

programs! {
    actions_by_kind
    c_code
    callers
    cancelled
    clone
    descriptors
    ends_badly
    ends_badly_in_a_file
    ends_by_signals
    ends_with_an_error
    executors
    exempt
    exempt_armed
    first_waits
    fork
    fork_armed
    fork_daemons
    fork_in_hooks
    fork_inherits
    forks_while_reporting
    handler_exits
    handler_wakes
    json_fields
    keeps_errno
    kernel
    kernel_account
    lock_holder
    lock_waits
    locks
    look_alikes
    loses
    never_returns
    never_waits
    no_thread
    nothing_found
    off
    own_thread
    own_c
    owners
    panics
    panics_again
    parking
    pre_exec
    processes
    set_user_id
    sleeps
    sockets
    sqlite
    standard_input
    time_zone
    unloads
    vfork
    waits
    without_lines
    without_lines_armed
    without_symbols
    without_symbols_armed
    workers
    workers_by_hand
    workers_report_at_once
    zero_waits
}

/// This very program again, to run a file's `main` in one more process. What differs for it, it is told by variables.
pub(crate) fn child(name: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().expect("this program's path"));
    child.args([name, "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    child
}

struct Program {
    name: &'static str,
    source: &'static str,
}

impl Program {
    fn header(&self, key: &str) -> impl Iterator<Item = &'static str> {
        let lead = format!("// {key}");
        self.source
            .lines()
            .take_while(|line| line.starts_with("//"))
            .filter_map(move |line| Some(line.strip_prefix(lead.as_str())?.trim_start_matches(':').trim()))
    }

    /// This very program, or a copy of it: with another user's rights, or without what the header has stripped from it.
    fn path(&self) -> PathBuf {
        let own = std::env::current_exe().expect("this program's path");
        if self.header("set-user-ID").next().is_some() {
            return set_user_id::copy(&own, self.name);
        }
        let Some(option) = self.header("strip").next() else { return own };
        let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("stripped-{}", self.name));
        let stripped = Command::new("strip").arg(option).arg("-o").args([&copy, &own]).status();
        assert!(stripped.expect("`strip` is there, as `cc` is").success());
        copy
    }

    fn run(&self) -> Output {
        let mut child = Command::new(self.path());
        child.args([self.name, "--exact", "--nocapture", "--test-threads=1"]);
        child.env(CHILD, "1").env("NO_BLOCK_ACTION", "log").env("NO_BLOCK_FORMAT", "json");
        for variable in self.header("env") {
            let (name, value) = variable.split_once('=').expect("`// env: NAME=value`");
            child.env(name, value.replace("$TMP", env!("CARGO_TARGET_TMPDIR")));
        }
        child.output().expect("the child starts")
    }

    fn check(&self) {
        let changes_user = self.header("set-user-ID").next().is_some();
        if let Some(Err(why)) = changes_user.then(set_user_id::is_possible) {
            eprintln!("{}: skipped, {why}", self.name);
            return;
        }
        let output = self.run();
        if changes_user {
            set_user_id::remove(self.name);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = stderr.lines().collect();
        let mut wrong = Vec::new();
        let should_panic = self.header("exit").any(|exit| exit == "panic");
        if output.status.success() == should_panic {
            wrong.push(format!("ended with {}", output.status));
        }
        let mut expected = vec![false; lines.len()];
        let mut expectations = 0;
        let once = self.header("once").map(|expect| (expect, true));
        for (expect, once) in self.header("expect").map(|expect| (expect, false)).chain(once) {
            expectations += 1;
            let mut found = 0;
            for (line, known) in lines.iter().zip(&mut expected) {
                if self.matches(expect, line) {
                    (found, *known) = (found + 1, true);
                }
            }
            if found == 0 || once && found > 1 {
                wrong.push(format!("expected, there {found} times: {expect}"));
            }
        }
        for forbid in self.header("forbid") {
            expectations += 1;
            wrong.extend(
                lines
                    .iter()
                    .filter(|line| self.forbidden(forbid, line))
                    .map(|line| format!("forbidden: {line}")),
            );
        }
        if self.header("only").next().is_some() {
            let others = lines.iter().zip(&expected).filter(|(line, known)| !**known && is_violation(line));
            wrong.extend(others.map(|(line, _)| format!("not expected: {line}")));
        }
        assert!(expectations > 0, "{}: its header expects nothing", self.name);
        assert!(
            wrong.is_empty(),
            "{}:\n{}\n--- stderr\n{stderr}\n--- stdout\n{}",
            self.name,
            wrong.join("\n"),
            String::from_utf8_lossy(&output.stdout)
        );
    }

    fn matches(&self, expect: &str, line: &str) -> bool {
        match expect.split_whitespace().collect::<Vec<_>>()[..] {
            [kind, .., mark] if mark.starts_with('@') && is_kind(kind) => {
                let api = expect[kind.len()..expect.len() - mark.len()].trim();
                is_violation(line)
                    && line.contains(&format!("\"kind\":\"{kind}\""))
                    && line.contains(&format!("\"api\":\"{api}\""))
                    && line.contains(&format!("\"location\":\"{}", self.place(mark)))
            }
            [.., mark] if mark.starts_with('@') => line.contains(&expect.replace(mark, &self.place(mark))),
            _ => line.contains(expect),
        }
    }

    fn forbidden(&self, forbid: &str, line: &str) -> bool {
        match forbid.starts_with('@') {
            true => line.contains(&format!("\"location\":\"{}", self.place(forbid))),
            false => line.contains(forbid),
        }
    }

    /// File and line of the mark, as reports write them.
    fn place(&self, mark: &str) -> String {
        let marked = |text: &str| text.trim_end().ends_with(&format!("// {mark}"));
        let at: Vec<usize> =
            self.source.lines().zip(1..).filter(|(text, _)| marked(text)).map(|(_, at)| at).collect();
        assert_eq!(at.len(), 1, "{}: `{mark}` must mark one line", self.name);
        format!("tests/process/{}.rs:{}:", self.name, at[0])
    }
}

fn is_kind(word: &str) -> bool {
    guard_runtime::Kind::ALL.iter().any(|kind| kind.name() == word)
}

/// Summary lines have no kind.
fn is_violation(line: &str) -> bool {
    line.starts_with('{') && line.contains("\"kind\":")
}
