//! On what a guarded poll runs decides whether blocking it is a violation: every row of the table of threads below.
//!
//! Several rows are told apart by stack frames alone, so they need the hooks.
#![cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]

use crate::support::{block, read_a_file, run, setup};
use guard_runtime::{Kind, Violation, testing};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking};

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// One violation for each engine.
async fn both_engines() -> Vec<Violation> {
    testing::capture(async {
        read_a_file();
        block();
    })
    .await
}

#[track_caller]
fn assert_seen(violations: &[Violation], worker: bool, task: bool) {
    let kinds: Vec<Kind> = violations.iter().map(|violation| violation.kind()).collect();
    assert_eq!(kinds, [Kind::Fs, Kind::BlockOn], "{violations:#?}");
    for violation in violations {
        assert_eq!((violation.worker().is_some(), violation.task().is_some()), (worker, task), "{violation}");
    }
}

#[track_caller]
fn assert_off(violations: &[Violation]) {
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn a_worker_of_a_multi_thread_runtime() {
    setup();
    let seen = multi_thread().block_on(async { tokio::spawn(both_engines()).await.unwrap() });
    assert_seen(&seen, true, true);
}

#[test]
fn the_root_of_a_current_thread_runtime() {
    setup();
    assert_seen(&current_thread().block_on(both_engines()), true, false);
}

#[test]
fn a_task_of_a_current_thread_runtime() {
    setup();
    let seen = current_thread().block_on(async { tokio::spawn(both_engines()).await.unwrap() });
    assert_seen(&seen, true, true);
}

#[test]
fn the_main_body_of_a_multi_thread_runtime() {
    setup();
    assert_seen(&multi_thread().block_on(both_engines()), false, false);
}

#[test]
fn a_thread_of_ones_own() {
    setup();
    let seen = std::thread::spawn(|| futures::executor::block_on(both_engines())).join().unwrap();
    assert_seen(&seen, false, false);
    assert_seen(&run(both_engines()), false, false);
    // Entering a runtime without running on it changes nothing.
    let runtime = multi_thread();
    let _entered = runtime.enter();
    assert_seen(&run(both_engines()), false, false);
}

#[test]
fn block_on_in_spawn_blocking_is_off() {
    setup();
    for runtime in [multi_thread(), current_thread()] {
        let seen = runtime
            .block_on(async { spawn_blocking(|| Handle::current().block_on(both_engines())).await.unwrap() });
        assert_off(&seen);
    }
}

#[test]
fn another_executor_in_spawn_blocking_is_off() {
    setup();
    let seen = multi_thread()
        .block_on(async { spawn_blocking(|| futures::executor::block_on(both_engines())).await.unwrap() });
    assert_off(&seen);
}

#[test]
fn block_in_place_below_a_guard_is_off() {
    setup();
    let runtime = multi_thread();
    let seen = runtime.block_on(async {
        let work = || {
            read_a_file();
            block();
        };
        tokio::spawn(testing::capture(async move { block_in_place(work) })).await.unwrap()
    });
    assert_off(&seen);
}

#[test]
fn block_on_in_block_in_place_is_off() {
    setup();
    let runtime = multi_thread();
    let seen = runtime.block_on(async {
        tokio::spawn(async { block_in_place(|| Handle::current().block_on(both_engines())) }).await.unwrap()
    });
    assert_off(&seen);
}

#[test]
fn a_task_goes_on_being_watched_after_block_in_place() {
    setup();
    let runtime = multi_thread();
    let seen = runtime.block_on(async {
        tokio::spawn(testing::capture(async {
            block_in_place(read_a_file);
            tokio::task::yield_now().await;
            read_a_file();
            block();
        }))
        .await
        .unwrap()
    });
    assert_seen(&seen, true, true);
}

#[test]
fn a_task_of_a_local_set_below_a_multi_thread_main() {
    setup();
    let local = LocalSet::new();
    let seen =
        local.block_on(&multi_thread(), async { tokio::task::spawn_local(both_engines()).await.unwrap() });
    assert_seen(&seen, false, true);
}

#[test]
fn a_current_thread_runtime_in_spawn_blocking_is_an_executor() {
    setup();
    let seen = multi_thread()
        .block_on(async { spawn_blocking(|| current_thread().block_on(both_engines())).await.unwrap() });
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert!(seen.iter().all(|violation| violation.worker().is_some()), "{seen:#?}");
}
