//! Whether what the pools say, what the clients saw and what is stored go together.

use guard_runtime::offload::PoolStats;

use crate::load::Outcome;

type Pools = [(&'static str, PoolStats); 3];

/// What does not add up. `under_load`: the pools when the clients were done; `end`: when they were shut down.
pub(crate) fn audit(under_load: &Pools, end: &Pools, seen: &Outcome, stored: (u64, u64)) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, stats) in end {
        let settled = stats.rejected()
            + stats.cancelled()
            + stats.expired()
            + stats.completed()
            + stats.panicked()
            + stats.abandoned();
        if settled != stats.submitted() || stats.busy() + stats.queued() > 0 {
            wrong.push(format!("{name}: {} were handed over, but {stats}", stats.submitted()));
        }
    }
    // A registration is one closure in each pool, a login one in the first two: neither lost nor run twice.
    let all = seen.registered + seen.logged_in;
    let wanted = [all, all, seen.registered];
    for ((name, stats), wanted) in under_load.iter().zip(wanted) {
        if seen.failures.is_empty() && stats.completed() != wanted {
            wrong.push(format!("{name}: the clients got the answers of {wanted} closures, but {stats}"));
        }
    }
    if seen.failures.is_empty() && stored != (seen.registered, seen.registered) {
        wrong.push(format!("{} registered, but rows and lines are {stored:?}", seen.registered));
    }
    wrong
}
