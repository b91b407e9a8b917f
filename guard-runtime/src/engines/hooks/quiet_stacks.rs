//! What hooks remember of verdicts: stacks that are nobody's business on an armed worker. Parking is the usual one.
//!
//! A fixed table without locks. An entry that another one has driven out is judged again, and comes back.

use crate::model::Record;
use std::sync::atomic::{AtomicU64, Ordering};

const ENTRIES: usize = 1024;
/// What is known of an entry's stack, in the bits that no key has.
const ON_POOL: u64 = 1;
const PARKED: u64 = 2;
const FLAGS: u64 = ON_POOL | PARKED;

static QUIET: [AtomicU64; ENTRIES] = [const { AtomicU64::new(0) }; ENTRIES];

/// Everything that a verdict depends on outside of guarded polls.
pub(super) fn key(record: &Record) -> u64 {
    let clock = u64::from(record.by_clock) << 2;
    let lane = clock | u64::from(record.worker.is_some()) << 1 | u64::from(record.task.is_some());
    let parts = [record.kind as u64, record.symbol.as_ptr() as u64, lane];
    let mixed = parts.iter().fold(record.stack.hash, |mixed, part| {
        let mixed = (mixed ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    });
    // Never 0, which is an empty entry.
    mixed & !FLAGS | 4
}

// The remainder is a place.
#[allow(clippy::indexing_slicing)]
fn entry(key: u64) -> &'static AtomicU64 {
    &QUIET[(key >> 8) as usize % ENTRIES]
}

/// What is known of a stack.
pub(super) struct Quiet {
    /// Whether its thread is one of a blocking pool: such a thread runs tasks off the executor only, unless it answers
    /// to be a worker.
    pub(super) on_pool: bool,
    /// Whether a worker waits for work: it holds no lock of anybody's.
    pub(super) parked: bool,
}

pub(super) fn look_up(key: u64) -> Option<Quiet> {
    let seen = entry(key).load(Ordering::Relaxed);
    (seen & !FLAGS == key).then_some(Quiet { on_pool: seen & ON_POOL != 0, parked: seen & PARKED != 0 })
}

/// From now on calls with this stack are not even noted.
pub(super) fn remember(key: u64, quiet: &Quiet) {
    let flags = if quiet.on_pool { ON_POOL } else { 0 } | if quiet.parked { PARKED } else { 0 };
    entry(key).store(key | flags, Ordering::Relaxed);
}

/// The rules have changed.
pub(super) fn forget() {
    for entry in &QUIET {
        entry.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Guarding, Kind, RawStack};

    #[test]
    fn a_stack_is_remembered_for_its_call_alone() {
        let of = |kind, on_worker: bool| {
            key(&Record {
                stack: RawStack { hash: 0x1234_5678, ..RawStack::EMPTY },
                worker: on_worker.then_some(0),
                ..Record::new(Engine::Intercept, kind, "epoll_wait", Guarding::RUNTIME)
            })
        };
        assert!(look_up(of(Kind::Other, true)).is_none());
        remember(of(Kind::Other, true), &Quiet { on_pool: false, parked: true });
        assert!(look_up(of(Kind::Other, true)).is_some_and(|quiet| quiet.parked && !quiet.on_pool));
        assert!(look_up(of(Kind::Lock, true)).is_none() && look_up(of(Kind::Other, false)).is_none());
        remember(of(Kind::Other, false), &Quiet { on_pool: true, parked: false });
        assert!(look_up(of(Kind::Other, false)).is_some_and(|quiet| quiet.on_pool && !quiet.parked));
    }
}
