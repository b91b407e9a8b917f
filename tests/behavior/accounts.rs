//! A hundred thousand closures with random panics, drops and deadlines: each of them accounted for exactly once.

use guard_runtime::Pool;
use guard_runtime::offload::OffloadError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Builder;

const JOBS: u64 = 100_000;
const TASKS: u64 = 20;

/// What the callers saw.
#[derive(Default)]
struct Seen {
    values: AtomicU64,
    panics: AtomicU64,
    full: AtomicU64,
    late_in_queue: AtomicU64,
    late_running: AtomicU64,
    dropped: AtomicU64,
    dropped_unsubmitted: AtomicU64,
    ran: AtomicU64,
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

async fn one(pool: &Pool, random: &mut Random, seen: &Arc<Seen>) {
    let (panics, spins) = (random.below(20) == 0, random.below(300));
    let counted = Arc::clone(seen);
    let work = move || {
        add(&counted.ran);
        (0..spins).for_each(|_| std::hint::spin_loop());
        if panics {
            std::panic::resume_unwind(Box::new("planned"));
        }
    };
    let deadline = match random.below(4) {
        0 => Duration::from_micros(random.below(400)),
        _ => Duration::from_secs(3_600),
    };
    let mut run = pool.run_with_deadline(deadline, work);
    if random.below(4) == 0 {
        // Polled some times, and dropped wherever it then is.
        let polls = random.below(4);
        for poll in 0..polls {
            let polled = futures::poll!(&mut run);
            if let std::task::Poll::Ready(outcome) = polled {
                return count(seen, outcome);
            }
            if poll + 1 < polls {
                tokio::task::yield_now().await;
            }
        }
        add(if polls == 0 { &seen.dropped_unsubmitted } else { &seen.dropped });
        return;
    }
    count(seen, run.await);
}

fn count(seen: &Seen, outcome: Result<(), OffloadError>) {
    add(match outcome {
        Ok(()) => &seen.values,
        Err(OffloadError::Panicked(_)) => &seen.panics,
        Err(OffloadError::QueueFull) => &seen.full,
        Err(OffloadError::DeadlineInQueue) => &seen.late_in_queue,
        Err(OffloadError::DeadlineRunning) => &seen.late_running,
        Err(other) => panic!("{other}"),
    });
}

#[test]
fn every_closure_is_accounted_for_exactly_once() {
    account_for_all(&Pool::builder("accounts").threads(4).queue(8).build());
}

#[test]
fn every_closure_of_a_computing_pool_is_accounted_for_exactly_once() {
    account_for_all(&Pool::cpu("accounts of computing").threads(4).queue(8).build());
}

fn account_for_all(pool: &Pool) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let seen = Arc::new(Seen::default());
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            let (pool, seen) = (pool.clone(), Arc::clone(&seen));
            tasks.spawn(async move {
                let mut random = Random(0x9e37_79b9_7f4a_7c15 + task);
                for _ in 0..JOBS / TASKS {
                    one(&pool, &mut random, &seen).await;
                }
            });
        }
        tasks.join_all().await;
    });
    // What was abandoned runs to its end.
    let left = runtime.block_on(pool.shutdown(Duration::from_secs(3_600)));
    assert!(left.is_empty(), "{left}");

    let stats = pool.stats();
    let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let settled = [
        stats.rejected(),
        stats.cancelled(),
        stats.expired(),
        stats.completed(),
        stats.panicked(),
        stats.abandoned(),
    ];
    assert_eq!(stats.submitted(), JOBS - get(&seen.dropped_unsubmitted), "{stats}");
    assert_eq!(settled.iter().sum::<u64>(), stats.submitted(), "{stats}");
    assert_eq!((stats.busy(), stats.queued(), stats.abandoned_running()), (0, 0, 0), "{stats}");
    assert_eq!(stats.ran().count(), get(&seen.ran), "each one that ran has its times");
    assert_eq!(stats.waited().count(), get(&seen.ran));

    assert_eq!(stats.rejected(), get(&seen.full));
    // What a dropped future had come to, nobody has seen; whoever waited to the end knows.
    let expired_unseen = stats.expired() - get(&seen.late_in_queue);
    let (ended, dropped) = (stats.completed() + stats.panicked(), get(&seen.dropped));
    let waited_for = get(&seen.values) + get(&seen.panics);
    assert!(ended >= waited_for && ended <= waited_for + dropped, "{ended} ended, {waited_for} seen");
    let given_up = stats.cancelled() + stats.abandoned() + expired_unseen + (ended - waited_for);
    assert_eq!(given_up, dropped + get(&seen.late_running), "{stats}");
    for (count, what) in [
        (stats.cancelled(), "cancelled"),
        (stats.expired(), "expired"),
        (stats.panicked(), "panicked"),
        (stats.rejected(), "rejected"),
        (stats.completed(), "completed"),
    ] {
        assert!(count > 0, "no job was {what}: the test does not test it; {stats}");
    }
}
