//! What a forked child makes of the thread that it has inherited: silent, if the thread was armed when it was forked.

use super::{FLAGS, FORKED, GUARD_MASK, HOOK, REGION, Region, armed, records};
use crate::thread::{executor, kernel};

/// As the runtime at the fork: it is not known, so that no later one is known to be the child's own.
const UNKNOWN: u64 = u64::MAX;

/// A forked child begins anew: nothing is armed on its thread until exec, or until it runs a runtime of its own, if the
/// thread was polling a guarded future or was an armed worker. One that was forked elsewhere, as by a service that puts
/// itself into the background, is like any other thread.
///
/// Allocates nothing, as this may be before an allocator has put itself right.
pub(crate) fn in_child() {
    kernel::in_child();
    REGION.with(|region| {
        if let Ok(inherited) = region.records.try_borrow() {
            records::in_child(&inherited);
        }
        let word = region.word.get();
        // Tokio's first answer on a thread may allocate.
        let asked = region.asked.get();
        let is_worker = || executor::worker().is_some() || executor::is_in_task();
        if word & (GUARD_MASK | FORKED) != 0 || asked && armed::is_any() && is_worker() {
            if word & FORKED == 0 {
                region.forked_in.set(if asked { runtime() } else { UNKNOWN });
            }
            region.word.set(word & !GUARD_MASK | FORKED);
        }
    });
}

/// The number of the runtime that the thread has entered; 0 is none.
fn runtime() -> u64 {
    executor::runtime().map_or(0, |runtime| runtime.id)
}

/// Whether the thread was armed when its process was forked off, and still stands for its parent's.
pub(crate) fn is_forked() -> bool {
    REGION.with(|region| region.word.get() & FLAGS != 0)
}

/// The thread has nothing in progress: if it runs a runtime that was made since the fork, it is armed again. Whether it
/// is. To be called for a thread whose only flag is that it was forked.
#[cold]
pub(super) fn wake(region: &Region) -> bool {
    let before = region.forked_in.get();
    if region.word.get() != FORKED || before == UNKNOWN {
        return false;
    }
    region.word.set(FORKED | HOOK);
    // Tokio counts its runtimes upwards.
    let is_own = runtime() > before;
    region.word.set(if is_own { 0 } else { FORKED });
    if is_own {
        if let Ok(mut inherited) = region.records.try_borrow_mut() {
            inherited.forget();
        }
        region.touched.set(false);
        region.blind.set(false);
    }
    is_own
}
