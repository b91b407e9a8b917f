//! The one place that acts: counts what a boundary drained, calls the handler, writes, and says what to panic with. Runs
//! outside the region and with hooks silenced.

mod exit;
mod facts;
mod fingerprint;
mod gather;
mod handler;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod process;
mod proof;
mod sink;
mod stats;
mod text;
mod violation;

pub(crate) use exit::{End, register as at_exit, summary};
pub(crate) use handler::has_handler;
pub use handler::set_handler;
pub(crate) use proof::{Proof, prove_by};
pub use stats::Stats;
pub(crate) use stats::counted;
pub use violation::Violation;

use crate::config::{Action, Format, Settings, settings};
use crate::model::Record;
use crate::region;
use std::sync::Arc;

/// What ended, and therefore what may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// A poll returned: it may panic.
    Poll,
    /// The user's code is unwinding through a poll.
    Unwinding,
    /// A guarded future was dropped.
    Drop,
    /// Nothing of ours: a task of an armed runtime.
    Task,
    /// The process, in the middle of a poll.
    ProcessEnd,
}

impl Boundary {
    /// The most that may be done here.
    fn at_most(self) -> Action {
        match self {
            Boundary::Poll | Boundary::Task => Action::Abort,
            Boundary::Drop if std::thread::panicking() => Action::Count,
            Boundary::Drop | Boundary::Unwinding | Boundary::ProcessEnd => Action::Log,
        }
    }

    /// Whether what should panic, and cannot here, fails something later.
    fn leaves_failures(self) -> bool {
        matches!(self, Boundary::Drop | Boundary::Task | Boundary::ProcessEnd)
    }
}

/// What to panic with.
pub(crate) struct Message {
    pub(crate) text: String,
    /// Whether all of it has panicked before.
    pub(crate) again: bool,
}

/// The process begins, or a forked child does.
pub(crate) fn begin() {
    stats::begin();
    #[cfg(feature = "json")]
    process::begin();
}

/// Writes what was to be panicked with, and no longer can be.
#[cold]
pub(crate) fn say(message: &str) {
    let _quiet = region::quiet();
    sink::write(&settings(), message);
}

/// Writes a line about the guard itself, to standard error in any case.
#[cold]
pub(crate) fn tell(line: &str) {
    let _quiet = region::quiet();
    sink::to_stderr(&format!("guard: {line}\n"));
}

/// Counts calls that were seen, and could not be kept. The first time it is said at once, where anything is.
pub(crate) fn lose(calls: u32) {
    if !stats::add_lost(calls) {
        return;
    }
    let _quiet = region::quiet();
    let settings = settings();
    if settings.action < Action::Log {
        return;
    }
    let message = format!(
        "{calls} blocking calls were seen, but found no place to be kept in: they are missing in what is reported"
    );
    #[cfg(feature = "json")]
    if settings.format == Format::Json {
        return sink::write(&settings, &json::loss(message, calls));
    }
    sink::write(&settings, &format!("guard: {message}"));
}

/// Acts on the records that one boundary drained, and on the calls that it lost. `Some`: what to panic with.
///
/// `fails_later`: is given each one that should panic and cannot here, at once, since a handler may end the process.
#[cold]
pub(crate) fn act(
    records: &[Record],
    lost: u32,
    boundary: Boundary,
    fails_later: impl Fn(&Violation),
) -> Option<Message> {
    let _quiet = region::quiet();
    let settings = settings();
    lose(lost);
    // What workers noted knows its thread.
    let here = !matches!(boundary, Boundary::Task | Boundary::ProcessEnd);
    let thread = if here { this_thread() } else { None };
    let (mut panicking, mut aborting) = (Vec::new(), false);
    for mut violation in gather::violations(records, &settings, thread.as_ref(), boundary == Boundary::Task) {
        let wanted = violation.action;
        violation.action = wanted.min(boundary.at_most());
        if violation.action == Action::Off {
            continue;
        }
        // In a poll it is one occurrence; what a worker noted may be those of many polls.
        stats::add(violation.kind(), if boundary == Boundary::Task { violation.times() } else { 1 });
        let first = violation.facts().first_sight();
        if wanted >= Action::Panic && boundary.leaves_failures() {
            fails_later(&violation);
        }
        handler::call(&violation);
        // A message of a panic goes to stderr by itself; machines and files want the report as well.
        let is_message = violation.action == Action::Panic && boundary == Boundary::Poll;
        let by_itself = is_message && settings.format == Format::Text && settings.output.is_none();
        match violation.action {
            Action::Abort => write(&violation, &settings),
            Action::Log | Action::Panic if first && !by_itself => write(&violation, &settings),
            _ => {}
        }
        aborting |= violation.action == Action::Abort;
        if is_message {
            panicking.push(violation);
        }
    }
    if aborting {
        exit::summary(&End::aborted());
        std::process::abort();
    }
    if panicking.is_empty() {
        return None;
    }
    let new = panicking.iter().filter(|violation| violation.facts().first_panic()).count();
    Some(Message { text: message(&panicking, lost), again: new == 0 })
}

fn this_thread() -> Option<Arc<str>> {
    std::thread::current().name().map(Arc::from)
}

/// What a test collects instead: every violation, with the action that it would have had.
pub(crate) fn collect(records: &[Record]) -> Vec<Violation> {
    let _quiet = region::quiet();
    let mut violations = gather::violations(records, &settings(), this_thread().as_ref(), false);
    violations.retain(|violation| violation.action != Action::Off);
    violations
}

/// All reports of one poll as one text; cached where it is one violation that was seen before.
pub(crate) fn message(violations: &[Violation], lost: u32) -> String {
    let mut message = String::new();
    for violation in violations {
        if !message.is_empty() {
            message.push('\n');
        }
        message.push_str(violation.facts().text(violation));
    }
    if lost > 0 {
        message.push_str(&format!("\n  {lost} more calls of this poll did not fit into its records"));
    }
    message
}

fn write(violation: &Violation, settings: &Settings) {
    #[cfg(feature = "json")]
    if settings.format == Format::Json {
        exit::register(summary_alone);
        return sink::write(settings, &json::line(violation));
    }
    sink::write(settings, violation.facts().text(violation));
}

/// Whether no thread is in the middle of a report, as one may be that a forked child does not have.
pub(crate) fn is_idle() -> bool {
    facts::is_idle() && sink::is_idle() && handler::is_idle()
}

/// A forked child begins anew.
pub(crate) fn in_child() {
    stats::in_child();
}

/// The end of a process in which nothing else waits for it.
#[cfg(feature = "json")]
fn summary_alone(status: Option<i32>) -> Option<i32> {
    exit::summary(&End { status, failed: 0 });
    None
}

/// Written in verbose mode, once each: what a rule allowed.
fn mention_allowed(violation: &Violation, rule: &str, settings: &Settings) {
    if settings.verbose && violation.facts().first_mention() {
        let place = violation.location().unwrap_or("an unknown place");
        let text = format!("allowed ({rule}): {} ({}) at {place}", violation.api(), violation.kind());
        sink::write(settings, &text);
    }
}
