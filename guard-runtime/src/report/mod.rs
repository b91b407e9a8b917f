//! The one place that acts: judges what a boundary drained, counts, calls the handler, writes, and says what to panic
//! with. Runs outside the region and with hooks silenced.

mod event;
mod exit;
mod facts;
#[cfg(feature = "json")]
mod json;
mod remedy;
mod sink;
mod stats;
mod status;
mod text;
mod violation;

pub use stats::{Stats, stats};
pub use status::{EngineStatus, Status, status};
pub use violation::Violation;

use crate::config::{Action, Format, Settings, settings};
use crate::region::{self, Drained};
use event::Event;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

/// What ended, and therefore what may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// A poll returned: it may panic.
    Poll,
    /// The user's code is unwinding through a poll.
    Unwinding,
    /// A guarded future was dropped.
    Drop,
}

impl Boundary {
    /// The most that may be done here.
    fn at_most(self) -> Action {
        match self {
            Boundary::Poll => Action::Abort,
            Boundary::Drop if std::thread::panicking() => Action::Count,
            Boundary::Drop | Boundary::Unwinding => Action::Log,
        }
    }
}

/// Writes what was to be panicked with, and no longer can be.
#[cold]
pub(crate) fn say(message: &str) {
    let _quiet = region::quiet();
    sink::write(&settings(), message);
}

/// Acts on what one boundary drained. `Some`: the message to panic with.
#[cold]
pub(crate) fn act(drained: &Drained, boundary: Boundary) -> Option<String> {
    let _quiet = region::quiet();
    let settings = settings();
    stats::add_lost(drained.lost);
    let mut panicking: Vec<Violation> = Vec::new();
    let mut aborting = false;
    for event in event::events(drained, &settings) {
        let wanted = event.action(&settings);
        let action = wanted.min(boundary.at_most());
        if action == Action::Off {
            continue;
        }
        let violation = event.violation(action);
        stats::add(violation.kind());
        let first = violation.facts().first_sight();
        call_handler(&violation);
        match action {
            Action::Off | Action::Count => {}
            Action::Log if first => write(&violation, &settings),
            Action::Log => {}
            Action::Abort => {
                write(&violation, &settings);
                aborting = true;
            }
            Action::Panic => {
                // The message goes to stderr by itself; machines and files want the report as well.
                if first && (settings.format == Format::Json || settings.output.is_some()) {
                    write(&violation, &settings);
                }
                panicking.push(violation);
            }
        }
    }
    if aborting {
        exit::summary();
        std::process::abort();
    }
    (!panicking.is_empty()).then(|| message(&panicking, drained.lost))
}

/// What a test collects instead: every event, with the action that it would have had.
pub(crate) fn collect(drained: &Drained) -> Vec<Violation> {
    let _quiet = region::quiet();
    let settings = settings();
    let events = event::events(drained, &settings);
    let violations = events.iter().map(|event| event.violation(event.action(&settings)));
    violations.filter(|violation| violation.action() != Action::Off).collect()
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
    match settings.format {
        Format::Text => sink::write(settings, violation.facts().text(violation)),
        #[cfg(feature = "json")]
        Format::Json => {
            exit::register();
            sink::write(settings, &json::line(violation));
        }
        #[cfg(not(feature = "json"))]
        Format::Json => sink::write(settings, violation.facts().text(violation)),
    }
}

type Handler = Arc<dyn Fn(&Violation) + Send + Sync>;

static HANDLER: RwLock<Option<Handler>> = RwLock::new(None);

/// Calls `handler` for every violation, repeated ones included, unless the action for it is off.
///
/// It runs on the thread that blocked, after the poll and before any panic; it may block, since nothing is watched
/// while it runs. A later call replaces the handler. Violations that a test collects
/// ([`testing::capture`](crate::testing::capture)) do not reach it.
///
/// # Panics
///
/// A panic of the handler is caught after the panic hook has shown it.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static BLOCKED: AtomicU64 = AtomicU64::new(0);
/// guard_runtime::set_handler(|violation| {
///     BLOCKED.fetch_add(violation.elapsed().as_micros() as u64, Ordering::Relaxed);
/// });
/// ```
pub fn set_handler(handler: impl Fn(&Violation) + Send + Sync + 'static) {
    let _quiet = region::quiet();
    let new: Handler = Arc::new(handler);
    let old = HANDLER.write().unwrap_or_else(PoisonError::into_inner).replace(new);
    drop(old);
}

fn call_handler(violation: &Violation) {
    let handler = HANDLER.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(handler) = handler {
        // The hook has shown the panic; the violation is what matters here.
        let _ = catch_unwind(AssertUnwindSafe(|| handler(violation)));
    }
}

/// Written in verbose mode, once each: what a rule allowed.
fn mention_allowed(event: &Event<'_>, rule: &str, settings: &Settings) {
    if settings.verbose && event.facts.first_sight() {
        let place = event.facts.location.as_deref().unwrap_or("an unknown place");
        let text =
            format!("allowed ({rule}): {} ({}) at {place}", event.facts.judged.api, event.facts.judged.kind);
        sink::write(settings, &text);
    }
}
