//! Counts of violations, for the whole process.

use crate::model::Kind;
use std::sync::atomic::{AtomicU64, Ordering};

const KINDS: usize = Kind::ALL.len();

static VIOLATIONS: [AtomicU64; KINDS] = [const { AtomicU64::new(0) }; KINDS];
static LOST: AtomicU64 = AtomicU64::new(0);

/// What has been counted since the process began. Made by [`stats`](crate::stats).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    by_kind: [u64; KINDS],
    lost: u64,
}

impl Stats {
    /// All violations; each occurrence counts, whether it was written out or not.
    pub fn violations(&self) -> u64 {
        self.by_kind.iter().sum()
    }

    /// The violations of one kind.
    pub fn of(&self, kind: Kind) -> u64 {
        self.by_kind[kind as usize]
    }

    /// Blocking calls that were seen but not judged, because one poll made too many different ones, or armed workers did
    /// before they could be reported.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

/// What has been handed over so far.
pub(crate) fn counted() -> Stats {
    Stats {
        by_kind: std::array::from_fn(|kind| VIOLATIONS[kind].load(Ordering::Relaxed)),
        lost: LOST.load(Ordering::Relaxed),
    }
}

pub(super) fn add(kind: Kind, times: u32) {
    VIOLATIONS[kind as usize].fetch_add(times.into(), Ordering::Relaxed);
}

/// Whether these are the first that were lost.
pub(super) fn add_lost(calls: u32) -> bool {
    calls > 0 && LOST.fetch_add(calls.into(), Ordering::Relaxed) == 0
}

/// A forked child has done nothing yet.
pub(super) fn begin() {
    VIOLATIONS.iter().for_each(|kind| kind.store(0, Ordering::Relaxed));
    LOST.store(0, Ordering::Relaxed);
}

/// A forked child counts its own.
pub(super) fn in_child() {
    for count in VIOLATIONS.iter().chain([&LOST]) {
        count.store(0, Ordering::Relaxed);
    }
}
