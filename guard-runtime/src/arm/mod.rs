//! Runtimes with armed workers: which they are, when what their workers noted is reported, and what their end, or that of
//! the process, fails by.

mod end;
mod hand_over;
#[cfg(hooks_target)]
mod reporter;
#[cfg(not(hooks_target))]
#[path = "no_reporter.rs"]
mod reporter;
mod runtimes;
mod turn;

pub(crate) use end::at_end;
pub(crate) use hand_over::{When, after_fork, before_fork, hand_over};
pub(crate) use reporter::{prepare, start as start_thread, why_not as why_no_thread};
#[cfg(feature = "workers")]
pub use runtimes::build_armed;
#[cfg(feature = "workers")]
pub(crate) use runtimes::{arm, disarm};
pub(crate) use runtimes::{fail_its_end, read_environment, runtimes};

/// Whether no thread is in the middle of something here, as one may be that a forked child does not have.
pub(crate) fn is_idle() -> bool {
    runtimes::is_idle()
}

/// A forked child begins anew.
pub(crate) fn in_child() {
    hand_over::in_child();
    reporter::in_child();
    runtimes::in_child();
}
