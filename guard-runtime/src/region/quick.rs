//! Calls that are nobody's business as long as they are quick: how long they have taken together, in this poll or, on an
//! armed worker, since its task changed or it parked.

use super::{GUARD_MASK, REGION, Region};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is exempt as long as it is quick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quick {
    /// Writing to standard output or error.
    Writing,
    /// The kernel's tables: `/proc`, `/sys`.
    Tables,
}

/// How long that may take together.
pub(crate) const LONG_NS: u64 = 10_000_000;
/// The same of writing, as configured.
static WRITING_NS: AtomicU64 = AtomicU64::new(LONG_NS);

/// What a thread has spent, in nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    /// In which task; 0 is none.
    task: u64,
    writing: u64,
    tables: u64,
}

pub(super) const NOTHING: Spent = Spent { task: 0, writing: 0, tables: 0 };

/// How long writing may take: `u64::MAX` is as long as it will.
pub(crate) fn set_limit_of_writing(limit_ns: u64) {
    WRITING_NS.store(limit_ns, Ordering::Relaxed);
}

/// Adds what one call has taken. `Some`: how long all of them have taken, which is too long; then it begins anew.
pub(crate) fn spend(quick: Quick, elapsed_ns: u64, task: Option<u64>) -> Option<u64> {
    REGION.with(|region| {
        let task = task.unwrap_or(0);
        let mut spent = region.spent.get();
        let in_poll = region.word.get() & GUARD_MASK != 0;
        if spent.task != task && !in_poll {
            spent = NOTHING;
        }
        spent.task = task;
        let (sum, limit) = match quick {
            Quick::Writing => (&mut spent.writing, WRITING_NS.load(Ordering::Relaxed)),
            Quick::Tables => (&mut spent.tables, LONG_NS),
        };
        *sum = sum.saturating_add(elapsed_ns);
        let too_long = (*sum > limit).then_some(*sum);
        if too_long.is_some() {
            *sum = 0;
        }
        region.spent.set(spent);
        too_long
    })
}

/// The worker parks, or is between tasks.
pub(crate) fn forget_spent() {
    REGION.with(forget);
}

/// The poll has ended.
pub(super) fn forget(region: &Region) {
    region.spent.set(NOTHING);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_quick_calls_of_one_task_are_long_together() {
        let long = |quick, task| spend(quick, LONG_NS / 4, Some(task));
        forget_spent();
        for _ in 0..4 {
            assert_eq!(long(Quick::Tables, 1), None);
        }
        // What is written counts by itself.
        assert_eq!(long(Quick::Writing, 1), None);
        assert_eq!(long(Quick::Tables, 1), Some(LONG_NS / 4 * 5));
        assert_eq!(long(Quick::Tables, 1), None);
        // Another task, and after the worker has parked, the same.
        for task in 2..20 {
            assert_eq!(long(Quick::Tables, task), None);
        }
        for _ in 0..20 {
            assert_eq!(long(Quick::Tables, 7), None);
            forget_spent();
        }
    }
}
