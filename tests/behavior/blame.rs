//! What reports on a pool blame: what a closure itself has waited for, and who kept the threads meanwhile.

use crate::pool::{Gate, current_thread};
use crate::support::setup;
use guard_runtime::offload::OffloadError;
use guard_runtime::{Pool, Violation, testing};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Longer than the pools' limit.
async fn too_long() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn strict(name: &str, threads: usize) -> Pool {
    Pool::builder(name).threads(threads).queue(100).wait_limit(Duration::from_millis(2)).build()
}

/// The first line of each report on what was handed over in that line: others may have waited too, on a busy machine.
fn headlines(violations: &[Violation], line: u32) -> Vec<String> {
    let at = format!("{}:{line}:", file!());
    let there = |one: &&Violation| one.location().is_some_and(|location| location.starts_with(&at));
    let first = |one: &Violation| one.to_string().lines().next().unwrap().to_owned();
    violations.iter().filter(there).map(first).collect()
}

#[test]
fn a_closure_is_told_what_itself_has_waited_for() {
    setup();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().max_blocking_threads(1).build().unwrap();
    let (pool, gate) = (strict("twice late", 1), Gate::new());
    let mut line = 0;
    let violations = runtime.block_on(testing::capture(async {
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let (begins, has_begun) = channel();
        line = line!() + 1;
        let behind = pool.try_run(move || begins.send(()).unwrap()).unwrap();
        too_long().await;
        gate.open_for_one();
        has_begun.recv().unwrap();
        assert_eq!(running.await.unwrap(), 1);

        let taken = tokio::task::spawn_blocking(gate.closure());
        gate.wait_for_one();
        let without_thread = pool.try_run(|| 2).unwrap();
        too_long().await;
        gate.open_for_one();
        assert_eq!(taken.await.unwrap(), 1);
        assert_eq!(without_thread.await.unwrap(), 2);
        behind.await.unwrap();
    }));
    let found = headlines(&violations, line);
    assert!(found.len() == 1 && found[0].starts_with("pool `twice late` is saturated: "), "{violations:?}");
}

#[test]
fn who_had_every_thread_is_named_for_all_that_waited() {
    const LINE: u32 = line!() + 2;
    fn quick(pool: &Pool) -> impl Future<Output = Result<(), OffloadError>> + use<> {
        pool.try_run(|| ()).unwrap()
    }
    setup();
    let (pool, gate) = (strict("two hogs", 2), Gate::new());
    let violations = current_thread().block_on(testing::capture(async {
        let running = [(); 2].map(|()| pool.try_run(gate.closure()).unwrap());
        (0..2).for_each(|_| gate.wait_for_one());
        let waiting = [(); 2].map(|()| quick(&pool));
        too_long().await;
        (0..2).for_each(|_| gate.open_for_one());
        for one in running {
            assert_eq!(one.await.unwrap(), 1);
        }
        for one in waiting {
            one.await.unwrap();
        }
    }));
    let found = headlines(&violations, LINE);
    assert!(!found.is_empty(), "{violations:?}");
    for first in found {
        assert!(
            first.contains(" busy in `behavior::pool::Gate::closure`") && !first.contains("quick"),
            "{first}"
        );
    }
}
