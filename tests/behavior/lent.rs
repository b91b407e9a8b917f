//! Closures that wait for others from inside of a pool that has no thread for those: what they get is like any other one.

use crate::nested::with_blocking_threads;
use crate::pool::Gate;
use futures::StreamExt;
use guard_runtime::offload::Sink;
use guard_runtime::{Here, Pool, here, offload};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Notify, oneshot};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

/// How many closures run at once.
#[derive(Default)]
struct AtOnce {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtOnce {
    fn closure(self: &Arc<Self>) -> impl FnOnce() + Send + 'static + use<> {
        let all = Arc::clone(self);
        move || {
            let now = all.now.fetch_add(1, Ordering::SeqCst) + 1;
            all.most.fetch_max(now, Ordering::SeqCst);
            // Whoever may run as well has the time to do so.
            (0..1_000).for_each(|_| std::thread::yield_now());
            all.now.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_limit_of_a_pool_holds_for_all_that_wait_for_it() {
    for runtime in with_blocking_threads(4) {
        let (wide, narrow) =
            (Pool::builder("wide").threads(4).build(), Pool::builder("narrow").threads(1).build());
        let (all, at_once) = (Arc::new(Barrier::new(4)), Arc::new(AtOnce::default()));
        let (pool, counted) = (narrow.clone(), Arc::clone(&at_once));
        let waits = move |_: u32| {
            all.wait();
            Handle::current().block_on(pool.run(counted.closure())).unwrap();
        };
        runtime.block_on(async { wide.map(0..4, waits).await }).unwrap();
        assert_eq!((at_once.most(), narrow.stats().completed()), (1, 4));
    }
}

#[test]
fn a_slot_is_lent_to_one_at_a_time_and_then_to_the_next_one() {
    for runtime in with_blocking_threads(8) {
        let (outer, between) =
            (Pool::builder("outer").threads(1).build(), Pool::builder("between").threads(2).build());
        let at_once = Arc::new(AtOnce::default());
        let (pool, counted) = (outer.clone(), Arc::clone(&at_once));
        let nested = outer.run(move || {
            // Both wait for the closure that they are in, directly and by way of the other pool.
            let by_way = [(); 2].map(|()| {
                let run = pool.run(counted.closure());
                between.run(move || Handle::current().block_on(run).unwrap())
            });
            let directly = [(); 3].map(|()| pool.run(counted.closure()));
            Handle::current().block_on(async {
                let both = (futures::future::join_all(by_way), futures::future::join_all(directly));
                let (by_way, directly) = futures::future::join(both.0, both.1).await;
                assert!(by_way.iter().chain(&directly).all(Result::is_ok));
            });
        });
        runtime.block_on(nested).unwrap();
        assert_eq!((at_once.most(), outer.stats().completed()), (1, 6));
    }
}

#[test]
fn a_slot_that_is_lent_is_given_to_nobody_else_when_its_owner_ends_first() {
    let [runtime, _] = with_blocking_threads(8);
    let pool = Pool::builder("given up").threads(1).build();
    let (inner, begun) = (pool.clone(), Gate::new());
    let (lets, may_end) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let outer = pool.try_run(move || {
            let gate = Gate::new();
            let mut run = Box::pin(inner.run(gate.closure()));
            Handle::current().block_on(async { assert!(futures::poll!(&mut run).is_pending()) });
            gate.wait_for_one();
            let busy = inner.stats().busy();
            drop(run);
            may_end.recv().unwrap();
            (gate, busy, inner.stats().busy())
        });
        let outer = outer.unwrap();
        let next = pool.try_run(begun.announcer()).unwrap();
        lets.send(()).unwrap();
        let (gate, while_it_waited, then) = outer.await.unwrap();
        assert_eq!((while_it_waited, then), (1, 2), "one that waits does not count");
        let stats = pool.stats();
        assert_eq!((stats.busy(), stats.abandoned_running(), stats.queued()), (1, 1, 1));
        assert!(!begun.has_one_begun());
        gate.open_for_one();
        next.await.unwrap();
        begun.wait_for_one();
        assert_eq!(pool.shutdown(Duration::from_secs(60)).await.to_string(), "nothing left");
        assert_eq!((pool.stats().completed(), pool.stats().abandoned()), (2, 1));
    });
}

#[test]
fn shutdown_tokens_and_statistics_know_it() {
    let other = current_thread();
    for runtime in with_blocking_threads(1) {
        let (outer, pool) = (Pool::builder("asks").build(), Pool::builder("asked").threads(2).build());
        let (begun, asked) = (Gate::new(), pool.clone());
        let announce = begun.announcer();
        let nested = runtime.spawn(outer.run(move || {
            let listens = move |token: CancellationToken| {
                announce();
                while !token.is_cancelled() {
                    std::thread::yield_now();
                }
                (here(), std::thread::current().name() == Some("asked"))
            };
            Handle::current().block_on(asked.run_with_token(&CancellationToken::new(), listens)).unwrap()
        }));
        // A runtime of one thread does nothing unless it is driven.
        let driven = std::thread::spawn(move || runtime.block_on(nested).unwrap().unwrap());
        begun.wait_for_one();
        let stats = pool.stats();
        assert_eq!((stats.busy(), stats.queued()), (1, 0), "{stats}");
        let left = other.block_on(pool.shutdown(Duration::from_millis(10)));
        assert_eq!((left.running().len(), left.cancelled()), (1, 0), "{left}");
        // Its token was cancelled.
        assert_eq!(driven.join().unwrap(), (Here::Pool("asked"), true));
        assert_eq!((pool.stats().completed(), pool.stats().ran().count()), (1, 1));
    }
}

#[test]
fn it_runs_beside_the_event_loop_of_a_runtime_in_a_closure() {
    let [outer, _] = with_blocking_threads(8);
    let pool = Pool::builder("hosts").threads(1).build();
    let hosts = pool.run(|| {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let gate = Gate::new();
            let takes_the_thread = tokio::spawn(offload(gate.closure()));
            tokio::task::yield_now().await;
            gate.wait_for_one();
            let (begun, (sends, comes)) = (Arc::new(Notify::new()), oneshot::channel());
            let told = Arc::clone(&begun);
            let feeds = tokio::spawn(async move {
                begun.notified().await;
                sends.send(7).unwrap();
            });
            // It would panic on the event loop, and nobody would send anything.
            let seven = offload(move || {
                told.notify_one();
                comes.blocking_recv().unwrap()
            });
            assert_eq!(seven.await, 7);
            feeds.await.unwrap();
            gate.open_for_one();
            takes_the_thread.await.unwrap()
        })
    });
    assert_eq!(outer.block_on(hosts).unwrap(), 1);
}

#[test]
fn it_may_block_on_futures_as_its_waiter_does() {
    let [runtime, _] = with_blocking_threads(8);
    let pool = Pool::builder("blocks on").threads(1).build();
    let twice = |block_on: fn(guard_runtime::offload::Run<_, u32>) -> u32| {
        let (first, second) = (pool.clone(), pool.clone());
        let closure: Box<dyn FnOnce() -> u32 + Send> = Box::new(|| 7);
        let wait: Box<dyn FnOnce() -> u32 + Send> = Box::new(move || block_on(second.run(closure)));
        runtime.block_on(pool.run(move || block_on(first.run(wait)))).unwrap()
    };
    assert_eq!(twice(|run| futures::executor::block_on(run).unwrap()), 7);
    assert_eq!(twice(|run| current_thread().block_on(run).unwrap()), 7);
    assert_eq!(twice(|run| Handle::current().block_on(LocalSet::new().run_until(run)).unwrap()), 7);
}

#[test]
fn a_closure_that_puts_out_items_waits_for_whoever_takes_them() {
    let [runtime, _] = with_blocking_threads(8);
    let pool = Pool::builder("puts out").threads(1).build();
    let (inner, sent) = (pool.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&sent);
    let nested = pool.run(move || {
        let items = inner.stream_with(move |sink: &Sink<usize>| {
            // From a thread of its own, as well.
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while sink.send(0).is_ok() {
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                });
            });
        });
        Handle::current().block_on(items.take(1).collect::<Vec<_>>()).len()
    });
    assert_eq!(runtime.block_on(nested).unwrap(), 1);
    assert!(runtime.block_on(pool.shutdown(Duration::from_secs(60))).is_empty());
    // That one, those that wait, and one that found room meanwhile.
    assert!(sent.load(Ordering::SeqCst) <= 66, "{sent:?}");
}

/// Waits for three closures on the same pool and three on the next one, which do so as well, and counts them all.
fn spread(pools: Arc<[Pool]>, at: usize, deep: usize) -> u64 {
    if deep == 0 {
        return 1;
    }
    let inner = [at, at, at, at + 1, at + 1, at + 1].into_iter().filter_map(|at| {
        let next = Arc::clone(&pools);
        Some(pools.get(at)?.run(move || spread(next, at, deep - 1)))
    });
    let counts = Handle::current().block_on(futures::future::join_all(inner));
    counts.into_iter().map(Result::unwrap).sum::<u64>() + 1
}

#[test]
fn runtimes_that_share_pools_and_lack_threads_all_come_to_an_end() {
    let widths = [("first", 3), ("second", 1), ("third", 2)];
    let pools = widths.map(|(name, threads)| Pool::builder(name).threads(threads).build());
    let all: Arc<[Pool]> = Arc::new(pools.clone());
    let callers = [1, 2, 64].map(|most| {
        let pools = Arc::clone(&all);
        std::thread::spawn(move || {
            for runtime in with_blocking_threads(most) {
                let outer = (0..4).map(|_| {
                    let inner = Arc::clone(&pools);
                    pools[0].run(move || spread(inner, 0, 2))
                });
                let counts = runtime.block_on(futures::future::join_all(outer));
                assert!(counts.into_iter().all(|count| count.unwrap() == 43), "some were lost");
            }
        })
    });
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    let completed: u64 = pools.iter().map(|pool| pool.stats().completed()).sum();
    // Of three callers, on two runtimes each, four times.
    assert_eq!(completed, 3 * 2 * 4 * 43);
    assert!(pools.iter().all(|pool| (pool.stats().busy(), pool.stats().queued()) == (0, 0)));
}
