//! What a filter says of a call that is about to be made: how it blocks, and whether only time tells.

use super::flight::Flight;
use crate::config;
use crate::model::Kind;
use crate::region::{self, Quick};
use crate::thread::{executor, kernel};
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) kind: Kind,
    /// Exempt as long as such calls are quick.
    pub(super) quick: Option<Quick>,
}

impl From<Kind> for Ahead {
    fn from(kind: Kind) -> Ahead {
        Ahead { kind, quick: None }
    }
}

impl Ahead {
    /// To standard output or error.
    pub(super) const WRITES: Ahead = Ahead { kind: Kind::Stdio, quick: Some(Quick::Writing) };
    /// On the kernel's tables.
    pub(super) const TABLES: Ahead = Ahead { kind: Kind::Fs, quick: Some(Quick::Tables) };
}

/// Times one call, without the time in which the thread was ready to run and another one had the CPU.
pub(super) struct Watch {
    start: Instant,
}

/// Shorter calls are not asked about: asking opens a file.
const WORTH_ASKING_NS: u64 = 200_000;

impl Watch {
    /// To be called before the stretch so far is judged: whether the thread has left its CPU in it.
    pub(super) fn has_left() -> bool {
        kernel::may_have_left()
    }

    /// To be called after that.
    pub(super) fn start(has_left: bool) -> Watch {
        if has_left {
            config::contain("the kernel's account", kernel::look_at_queue);
        }
        Watch { start: Instant::now() }
    }

    /// To be called before the call itself is judged.
    pub(super) fn elapsed_ns(&self) -> u64 {
        let elapsed_ns = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match elapsed_ns >= WORTH_ASKING_NS && kernel::may_have_left() {
            true => {
                let queued = config::contain("the kernel's account", kernel::queued_since_look);
                elapsed_ns.saturating_sub(queued.unwrap_or(elapsed_ns))
            }
            false => elapsed_ns,
        }
    }
}

/// A call on the kernel's tables begins.
pub(super) fn begin_stretch() {
    match region::in_poll() {
        true => region::before_blocking(),
        false => kernel::begin(),
    }
}

/// An exempt call has returned, and the flight that it was on, if it was noted before: kept if such calls have taken too
/// long together.
pub(super) fn settle(
    quick: Quick,
    elapsed_ns: u64,
    slept: Option<bool>,
    flight: impl FnOnce() -> Option<Flight>,
) {
    if let Some(together) = region::spend(quick, elapsed_ns, executor::task()) {
        if let Some(flight) = flight() {
            flight.land(together, slept);
        }
    }
}
