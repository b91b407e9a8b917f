//! Where a runtime has no thread left: closures that offload again and wait, and others that use the same pool.

use crate::pool::Gate;
use crate::support::{handled, setup};
use guard_runtime::{Here, Pool, here, offload};
use std::sync::{Arc, Barrier};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Notify, oneshot};

/// Runtimes that lend no more threads than these.
pub(crate) fn with_blocking_threads(most: usize) -> [Runtime; 2] {
    let builders = [Builder::new_current_thread(), Builder::new_multi_thread()];
    builders.map(|mut builder| builder.enable_all().max_blocking_threads(most).build().unwrap())
}

#[test]
fn offloads_inside_of_offloads_end_where_the_runtime_has_no_thread_left() {
    setup();
    for most in [1, 2] {
        for runtime in with_blocking_threads(most) {
            // As many as take all threads, before one of them waits.
            let all = Arc::new(Barrier::new(most));
            let outer = (0..most).map(|n| {
                let all = Arc::clone(&all);
                offload(move || {
                    all.wait();
                    let inner = async { tokio::join!(offload(move || n), offload(move || n * 10)) };
                    Handle::current().block_on(inner)
                })
            });
            let sums = runtime.block_on(futures::future::join_all(outer));
            assert_eq!(sums, [(0, 0), (1, 10)][..most]);
        }
    }
    let found = handled("nested::offloads_inside_of_offloads_end_where_the_runtime_has_no_thread_left");
    // On a slow machine some have waited over the limit, too.
    let itself = found
        .iter()
        .map(ToString::to_string)
        .find(|one| one.starts_with("pool `default` waits for itself: "));
    let itself = itself.expect("it is reported");
    assert!(itself.contains("fix: call the function directly"), "{itself}");
}

#[test]
fn a_pool_wider_than_the_runtime_ends_though_its_closures_wait_for_it_and_for_others() {
    setup();
    for most in [1, 2] {
        for runtime in with_blocking_threads(most) {
            let wide = Pool::builder("wide").threads(8).build();
            let other = Pool::builder("other").threads(8).build();
            let (again, aside) = (wide.clone(), other.clone());
            let through = move |n: u32| {
                let (again, aside) = (again.clone(), aside.clone());
                let both = async move { tokio::join!(again.run(move || n), aside.run(move || n * 10)) };
                let (one, ten) = Handle::current().block_on(both);
                one.unwrap() + ten.unwrap()
            };
            assert_eq!(runtime.block_on(async { wide.map([1, 2, 3], through).await }).unwrap(), [11, 22, 33]);
            assert_eq!((wide.stats().completed(), other.stats().completed()), (6, 3));
        }
    }
    let found =
        handled("nested::a_pool_wider_than_the_runtime_ends_though_its_closures_wait_for_it_and_for_others");
    let says = |what: &str| found.iter().any(|one| one.to_string().starts_with(what));
    assert!(says("pool `wide` waits for itself: ") && says("pool `other` gets no thread: "), "{found:?}");
}

#[test]
fn what_waits_inside_of_a_closure_goes_on_while_a_thread_comes() {
    // The first one ends by the second, and that by what is polled beside it: none may be run in place.
    for runtime in with_blocking_threads(3) {
        let pool = Pool::builder("beside").threads(8).build();
        let inner = pool.clone();
        let nested = pool.run(move || {
            Handle::current().block_on(async {
                let (sends, ends) = std::sync::mpsc::channel::<u32>();
                let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
                let (told, tells) = (Arc::clone(&first), Arc::clone(&second));
                let beside = async move {
                    first.notified().await;
                    second.notify_one();
                };
                let second = inner.run(move || {
                    told.notify_one();
                    Handle::current().block_on(tells.notified());
                    sends.send(7).unwrap();
                });
                let (seven, sent, ()) = tokio::join!(inner.run(move || ends.recv()), second, beside);
                sent.unwrap();
                seven.unwrap().unwrap()
            })
        });
        assert_eq!(runtime.block_on(nested).unwrap(), 7);
    }
}

#[test]
fn a_runtime_without_a_thread_to_spare_holds_up_no_other_one() {
    let [starved, other] = with_blocking_threads(1);
    let (pool, gate) = (Pool::builder("shared").threads(1).build(), Gate::new());
    let taken = starved.spawn_blocking(gate.closure());
    gate.wait_for_one();
    let waits = {
        let _in = starved.enter();
        pool.try_run(here).unwrap()
    };
    for n in 0..3 {
        assert_eq!(other.block_on(pool.run(move || n)).unwrap(), n);
    }
    assert_eq!((pool.stats().queued(), pool.stats().completed()), (1, 3));
    gate.open_for_one();
    assert_eq!(starved.block_on(waits).unwrap(), Here::Pool("shared"));
    assert_eq!(starved.block_on(taken).unwrap(), 1);
}

#[test]
fn what_is_awaited_beside_a_closure_that_waits_as_well_is_not_forgotten() {
    for runtime in with_blocking_threads(8) {
        let pool = Pool::builder("beside a wait").threads(1).build();
        let inner = pool.clone();
        let both = pool.run(move || {
            let (sends, comes) = oneshot::channel();
            let (lets, may_end) = oneshot::channel();
            let gate = Gate::new();
            let begun = gate.announcer();
            let sends_it = std::thread::spawn(move || {
                gate.wait_for_one();
                sends.send(7).unwrap();
                lets.send(()).unwrap();
            });
            let waits = inner.run(move || {
                begun();
                Handle::current().block_on(may_end).unwrap();
            });
            let (seven, ended) = Handle::current().block_on(async { tokio::join!(comes, waits) });
            sends_it.join().unwrap();
            ended.unwrap();
            seven.unwrap()
        });
        assert_eq!(runtime.block_on(both).unwrap(), 7);
    }
}

#[test]
fn a_closure_that_had_no_room_at_first_is_run_when_there_is_some() {
    for runtime in with_blocking_threads(1) {
        let [other, _] = with_blocking_threads(1);
        let (waits, busy) =
            (Pool::builder("waits").threads(1).build(), Pool::builder("busy").threads(1).build());
        let gate = Gate::new();
        let taken = {
            let _in = other.enter();
            busy.try_run(gate.closure()).unwrap()
        };
        gate.wait_for_one();
        let (again, asked) = (busy.clone(), Gate::new());
        let asks = asked.announcer();
        let nested = runtime.spawn(waits.run(move || {
            Handle::current().block_on(async {
                let mut run = std::pin::pin!(again.run(|| 7));
                assert!(futures::poll!(&mut run).is_pending());
                asks();
                run.await
            })
        }));
        let opens = std::thread::spawn(move || {
            asked.wait_for_one();
            gate.open_for_one();
        });
        assert_eq!(runtime.block_on(nested).unwrap().unwrap().unwrap(), 7);
        opens.join().unwrap();
        assert_eq!(other.block_on(taken).unwrap(), 1);
    }
}
