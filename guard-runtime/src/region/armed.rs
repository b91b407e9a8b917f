//! Which workers are armed, as hooks ask it: without a lock. What the end of a runtime fails by is `arm`'s.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Every worker of the process.
static ALL: AtomicBool = AtomicBool::new(false);
/// How many reasons there are to look at calls outside of guarded polls: armed runtimes, and the environment.
static REASONS: AtomicU32 = AtomicU32::new(0);
/// The armed runtimes. 0 is no runtime's number.
static NUMBERS: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
/// More runtimes were armed than have room there: then hooks look at all, and `arm`'s list decides.
static TOO_MANY: AtomicBool = AtomicBool::new(false);

/// Whether any worker is armed: what a hook asks outside of guarded polls.
#[inline]
pub(crate) fn is_any() -> bool {
    REASONS.load(Ordering::Relaxed) > 0
}

/// Whether all workers of the process are armed.
pub(crate) fn is_all() -> bool {
    ALL.load(Ordering::Relaxed)
}

/// Whether a runtime's workers may be armed: it errs where very many runtimes are.
pub(crate) fn may_cover(runtime: u64) -> bool {
    let holds = |number: &AtomicU64| number.load(Ordering::Relaxed) == runtime;
    is_all() || TOO_MANY.load(Ordering::Relaxed) || NUMBERS.iter().any(holds)
}

/// From now on every worker of the process is armed.
pub(crate) fn arm_all() {
    if !ALL.swap(true, Ordering::Relaxed) {
        REASONS.fetch_add(1, Ordering::Relaxed);
    }
}

/// From now on the workers of this runtime are armed.
#[cfg(feature = "workers")]
pub(crate) fn arm(runtime: u64) {
    let free = |number: &AtomicU64| {
        number.compare_exchange(0, runtime, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    if !NUMBERS.iter().any(free) {
        TOO_MANY.store(true, Ordering::Relaxed);
    }
    REASONS.fetch_add(1, Ordering::Relaxed);
}

/// Takes back one [`arm`].
#[cfg(feature = "workers")]
pub(crate) fn disarm(runtime: u64) {
    for number in &NUMBERS {
        let _ = number.compare_exchange(runtime, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
    REASONS.fetch_sub(1, Ordering::Relaxed);
}
