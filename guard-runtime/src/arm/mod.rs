//! Runtimes with armed workers: which they are, when what their workers noted is reported, and what their end, or that of
//! the process, fails by.

mod end;
mod hand_over;
mod runtimes;

pub(crate) use end::at_end;
pub(crate) use hand_over::{When, hand_over};
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
    runtimes::in_child();
}
