//! The one place that acts: judges what a boundary drained, counts, calls the handler, writes, and says what to panic
//! with. Runs outside the region and with hooks silenced.

mod event;
mod exit;
mod facts;
mod hand_over;
#[cfg(feature = "json")]
mod json;
mod remedy;
mod sink;
mod stats;
mod status;
mod text;
mod violation;

#[allow(unused_imports)] // Only hooks use it, and not every build has them.
pub(crate) use exit::register as at_exit;
#[allow(unused_imports)] // As above.
pub(crate) use hand_over::{When, hand_over, in_child};
pub use stats::{Stats, stats};
pub use status::{EngineStatus, Status, status};
pub use violation::Violation;

use crate::arm;
use crate::config::{Action, Format, Settings, settings};
use crate::detect::executor;
use crate::region::{self, Drained};
use event::Event;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Nothing of ours: a task of an armed runtime, which fails later. With the runtime's number.
    Task(u64),
    /// The process, in the middle of a poll.
    ProcessEnd,
}

impl Boundary {
    /// The most that may be done here.
    fn at_most(self) -> Action {
        match self {
            Boundary::Poll | Boundary::Task(_) => Action::Abort,
            Boundary::Drop if std::thread::panicking() => Action::Count,
            Boundary::Drop | Boundary::Unwinding | Boundary::ProcessEnd => Action::Log,
        }
    }

    /// Where a violation is kept that cannot panic here, though it should.
    fn fail(self, violation: &Violation) {
        match self {
            Boundary::Poll | Boundary::Unwinding => {}
            Boundary::Drop => {
                if let Some(runtime) = executor::runtime() {
                    arm::fail_its_end(runtime.id, violation);
                }
            }
            Boundary::Task(runtime) => arm::fail_later(runtime, violation),
            Boundary::ProcessEnd => arm::fail_process(),
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
    let mut acts = Acts::new(boundary, this_thread(), &settings);
    for event in event::events(&drained.records, &settings) {
        acts.act(&event);
    }
    acts.finish(drained.lost)
}

fn this_thread() -> Option<Arc<str>> {
    std::thread::current().name().map(Arc::from)
}

/// What is done about the events of one poll, or of one task.
struct Acts<'s> {
    boundary: Boundary,
    /// The thread that blocked, if it is this one.
    thread: Option<Arc<str>>,
    settings: &'s Settings,
    panicking: Vec<Violation>,
    aborting: bool,
}

impl<'s> Acts<'s> {
    fn new(boundary: Boundary, thread: Option<Arc<str>>, settings: &'s Settings) -> Acts<'s> {
        Acts { boundary, thread, settings, panicking: Vec::new(), aborting: false }
    }

    fn act(&mut self, event: &Event<'_>) {
        let wanted = event.action(self.settings);
        let action = wanted.min(self.boundary.at_most());
        if action == Action::Off {
            return;
        }
        let violation = event.violation(action, self.thread.as_ref());
        // In a poll an event is one occurrence; what a worker noted may be those of many polls.
        let times = if matches!(self.boundary, Boundary::Task(_)) { violation.times() } else { 1 };
        stats::add(violation.kind(), times);
        let first = violation.facts().first_sight();
        call_handler(&violation);
        if wanted >= Action::Panic {
            self.boundary.fail(&violation);
        }
        match (action, self.boundary) {
            (Action::Off | Action::Count, _) => {}
            (Action::Abort, _) => {
                write(&violation, self.settings);
                self.aborting = true;
            }
            (Action::Panic, Boundary::Poll) => {
                // The message goes to stderr by itself; machines and files want the report as well.
                if first && (self.settings.format == Format::Json || self.settings.output.is_some()) {
                    write(&violation, self.settings);
                }
                self.panicking.push(violation);
            }
            (Action::Log | Action::Panic, _) if first => write(&violation, self.settings),
            (Action::Log | Action::Panic, _) => {}
        }
    }

    /// The message to panic with.
    fn finish(self, lost: u32) -> Option<String> {
        if self.aborting {
            exit::summary();
            std::process::abort();
        }
        (!self.panicking.is_empty()).then(|| message(&self.panicking, lost))
    }
}

/// What a test collects instead: every event, with the action that it would have had.
pub(crate) fn collect(drained: &Drained) -> Vec<Violation> {
    let _quiet = region::quiet();
    let settings = settings();
    let events = event::events(&drained.records, &settings);
    let thread = this_thread();
    let violations = events.iter().map(|event| event.violation(event.action(&settings), thread.as_ref()));
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
/// The same for hooks, which take no lock.
static HANDLED: AtomicBool = AtomicBool::new(false);

/// Calls `handler` for every violation, repeated ones included, unless the action for it is off.
///
/// It runs on the thread that blocked, after the poll and before any panic; it may block, since nothing is watched
/// while it runs. For tasks that only an armed worker covers, it runs on a worker that is about to wait for events, which
/// in an idle runtime may be only after the next one, or at the end of the runtime or the process; it must not wait for a
/// task there. A later call replaces the handler. Violations that a test collects
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
    HANDLED.store(true, Ordering::Relaxed);
    let old = HANDLER.write().unwrap_or_else(PoisonError::into_inner).replace(new);
    drop(old);
}

/// Whether no thread is in the middle of a report, as one may be that a forked child does not have.
#[allow(dead_code)] // Only hooks ask, and not every build has them.
pub(crate) fn is_idle() -> bool {
    facts::is_idle() && sink::is_idle() && HANDLER.try_write().is_ok()
}

/// Whether [`set_handler`] was called.
#[allow(dead_code)] // Only hooks ask, and not every build has them.
pub(crate) fn has_handler() -> bool {
    HANDLED.load(Ordering::Relaxed)
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
    if settings.verbose && event.facts.first_mention() {
        let place = event.facts.location.as_deref().unwrap_or("an unknown place");
        let text =
            format!("allowed ({rule}): {} ({}) at {place}", event.facts.judged.api, event.facts.judged.kind);
        sink::write(settings, &text);
    }
}
