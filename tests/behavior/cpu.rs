//! `Pool::cpu`.

use crate::pool::{Gate, current_thread, multi_thread};
use crate::support::{block, run, setup};
use guard_runtime::offload::OffloadError;
use guard_runtime::{Here, Pool, guard, here, testing};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn it_computes_on_threads_of_its_own() {
    let pool = Pool::cpu("own").threads(2).build();
    for runtime in [current_thread(), multi_thread()] {
        let (name, threads) = runtime
            .block_on(
                pool.run(|| (std::thread::current().name().map(str::to_owned), rayon::current_num_threads())),
            )
            .unwrap();
        assert!(name.unwrap().starts_with("own-"));
        assert_eq!(threads, 2, "rayon's parallel iterators use the pool");
    }
    assert_eq!(pool.threads(), 2);
    assert!(Pool::cpu("cores").build().threads() >= 1);
}

#[test]
fn no_runtime_is_needed() {
    let pool = Pool::cpu("free").threads(1).build();
    assert_eq!(run(pool.run(|| 7)).unwrap(), 7);
    assert_eq!(run(pool.try_run(here).unwrap()).unwrap(), Here::Pool("free"));
}

#[test]
fn parallel_work_inside_of_it_ends() {
    let pool = Pool::cpu("parallel").threads(2).build();
    let sums = current_thread().block_on(async {
        pool.map(0..200_u64, |n| (0..1_000_u64).into_par_iter().map(|m| n ^ m).sum::<u64>()).await.unwrap()
    });
    assert_eq!(sums.len(), 200);
    assert_eq!(sums[1], (0..1_000_u64).map(|m| 1 ^ m).sum::<u64>());
    assert_eq!((pool.stats().completed(), pool.stats().busy()), (200, 0));
}

#[test]
fn its_limits_and_errors_are_those_of_any_pool() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::cpu("limits").threads(1).queue(1).build(), Gate::new());
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let queued = pool.try_run(|| 2).unwrap();
        assert!(matches!(pool.run(|| 3).await, Err(OffloadError::QueueFull)));
        drop(queued);
        let late = pool.run_with_deadline(Duration::from_millis(1), || panic!("it ran")).await;
        assert!(matches!(late, Err(OffloadError::DeadlineInQueue)));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        let error = pool.run(|| -> u8 { panic!("computed wrongly") }).await.unwrap_err();
        assert_eq!(error.to_string(), "panicked: computed wrongly");
        assert_eq!(pool.run(|| 4).await.unwrap(), 4, "the thread goes on");
        let stats = pool.stats();
        let counts =
            [stats.completed(), stats.panicked(), stats.rejected(), stats.cancelled(), stats.expired()];
        assert_eq!(counts, [2, 1, 1, 1, 1]);
        assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
        assert!(matches!(pool.run(|| 5).await, Err(OffloadError::Closed)));
    });
}

#[test]
fn a_closure_that_waits_for_its_own_pool_does_not_hang() {
    let pool = Pool::cpu("cpu nested").threads(1).build();
    let inner = pool.clone();
    let nested = pool.run(move || {
        let deep = inner.clone();
        let twice = inner.run(move || futures::executor::block_on(deep.run(|| 7)).unwrap());
        // The executor of `futures` refuses to run inside of itself: a runtime of its own does not.
        current_thread().block_on(twice).map_err(|error| error.to_string())
    });
    assert_eq!(run(nested).unwrap(), Ok(7));
}

/// Closures that each hand over the next one, so that the queue is never empty: until `done`, or until there were so many
/// that nothing else gets its turn.
#[derive(Clone)]
struct Chain {
    pool: Pool,
    done: Arc<AtomicBool>,
    ran: Arc<AtomicUsize>,
}

const ENDLESS: usize = 300_000;

impl Chain {
    fn new(pool: &Pool) -> Chain {
        Chain { pool: pool.clone(), done: Arc::default(), ran: Arc::default() }
    }

    fn hand_over(&self) {
        let next = self.clone();
        let link = move || {
            if next.ran.fetch_add(1, Ordering::SeqCst) < ENDLESS && !next.done.load(Ordering::SeqCst) {
                next.hand_over();
            }
        };
        self.pool.try_run(link).unwrap().detach();
    }

    fn ran(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }

    /// Lets another thread go on, until that holds or the chain is at its end.
    fn until(&self, holds: impl Fn() -> bool) {
        while !holds() && self.ran() < ENDLESS {
            std::thread::yield_now();
        }
    }
}

#[test]
fn what_closures_have_spawned_gets_its_turn_while_others_wait() {
    let pool = Pool::cpu("spawns").threads(1).build();
    let chain = Chain::new(&pool);
    let (first, done) = (chain.clone(), Arc::clone(&chain.done));
    let spawns = pool.try_run(move || {
        (0..2).for_each(|_| first.hand_over());
        rayon::spawn(move || done.store(true, Ordering::SeqCst));
    });
    run(spawns.unwrap()).unwrap();
    chain.until(|| chain.done.load(Ordering::SeqCst));
    assert!(chain.ran() < ENDLESS, "it was spawned before all of them");
}

#[test]
fn parallel_work_gets_more_threads_while_others_wait() {
    let pool = Pool::cpu("helps").threads(2).build();
    let chain = Chain::new(&pool);
    let parallel = chain.clone();
    run(pool.run(move || {
        let began = AtomicBool::new(false);
        (0..2).for_each(|_| parallel.hand_over());
        // The other thread is at work on the chain.
        parallel.until(|| parallel.ran() > 100);
        rayon::join(
            || parallel.until(|| began.load(Ordering::SeqCst)),
            || began.store(true, Ordering::SeqCst),
        );
        parallel.done.store(true, Ordering::SeqCst);
    }))
    .unwrap();
    assert!(chain.ran() < ENDLESS, "the other half waited for all of them");
}

#[test]
fn a_closure_that_waits_for_its_other_half_does_not_wait_for_all_that_is_queued() {
    let pool = Pool::cpu("nests").threads(2).build();
    let chain = Chain::new(&pool);
    let parallel = chain.clone();
    run(pool.run(move || {
        let stolen = AtomicBool::new(false);
        rayon::join(
            || {
                while !stolen.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                (0..2).for_each(|_| parallel.hand_over());
            },
            || {
                stolen.store(true, Ordering::SeqCst);
                // This thread is taken: who runs them is the one that waits.
                parallel.until(|| parallel.ran() > 10);
            },
        );
        parallel.done.store(true, Ordering::SeqCst);
    }))
    .unwrap();
    assert!(chain.ran() < ENDLESS, "it waited for all of them");
    assert!(chain.ran() > 10, "they were run meanwhile");
}

#[test]
fn a_pool_dropped_by_its_own_closure_ends() {
    let pool = Pool::cpu("dropped").threads(2).build();
    let last = pool.clone();
    let dropped = pool.try_run(move || drop(last)).unwrap();
    drop(pool);
    run(dropped).unwrap();
}

#[test]
fn nothing_in_it_is_a_violation() {
    setup();
    let pool = Pool::cpu("cpu silent").threads(2).build();
    let violations = current_thread().block_on(testing::capture(async {
        pool.run(|| {
            block();
            futures::executor::block_on(guard(async { block() }));
        })
        .await
        .unwrap();
    }));
    assert!(violations.is_empty(), "{violations:?}");
}
