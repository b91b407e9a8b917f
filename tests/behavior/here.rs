//! `here()`: each row of the table of what code may run on. Without the hooks' stacks not all of them are told apart.
#![cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]

use crate::support::{read_a_file, setup};
use guard_runtime::{Here, here, testing};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking, spawn_local};

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

#[test]
fn threads_of_ones_own_are_plain() {
    assert_eq!(here(), Here::Plain);
    assert_eq!(std::thread::spawn(here).join().unwrap(), Here::Plain);
    let runtime = multi_thread();
    let _entered = runtime.enter();
    assert_eq!(here(), Here::Plain);
}

#[test]
fn tasks_run_on_workers() {
    let on_one = current_thread().block_on(async { (here(), tokio::spawn(async { here() }).await.unwrap()) });
    assert_eq!(on_one, (Here::Worker(0), Here::Worker(0)));
    let on_many = multi_thread().block_on(async { tokio::spawn(async { here() }).await.unwrap() });
    assert_eq!(on_many, Here::Worker(0));
    let inside = || current_thread().block_on(async { here() });
    let nested = multi_thread().block_on(async { spawn_blocking(inside).await.unwrap() });
    assert_eq!(nested, Here::Worker(0));
}

#[test]
fn blocking_code_runs_on_the_pool_or_in_place() {
    let seen = multi_thread().block_on(async {
        let pool = spawn_blocking(here).await.unwrap();
        let in_place = tokio::spawn(async { block_in_place(here) }).await.unwrap();
        let offloaded = guard_runtime::offload(here).await;
        (pool, in_place, offloaded)
    });
    assert_eq!(seen, (Here::Blocking, Here::InPlace, Here::Pool("default")));
}

#[test]
fn closures_of_a_pool_run_on_it() {
    let pool = guard_runtime::Pool::builder("io").threads(1).build();
    let seen = multi_thread().block_on(async {
        let inner = || (here(), current_thread().block_on(async { here() }));
        (pool.run(inner).await.unwrap(), spawn_blocking(here).await.unwrap())
    });
    assert_eq!(seen, ((Here::Pool("io"), Here::Worker(0)), Here::Blocking));
}

#[test]
fn a_future_may_be_driven_by_a_thread_that_waits_for_it_alone() {
    let seen = multi_thread().block_on(async {
        let in_place = async { block_in_place(|| Handle::current().block_on(async { here() })) };
        let in_place = tokio::spawn(in_place).await.unwrap();
        let on_pool = spawn_blocking(|| Handle::current().block_on(async { here() })).await.unwrap();
        (here(), in_place, on_pool)
    });
    assert_eq!(seen, (Here::BlockOn, Here::BlockOn, Here::BlockOn));
    let local =
        LocalSet::new().block_on(&multi_thread(), async { spawn_local(async { here() }).await.unwrap() });
    assert_eq!(local, Here::BlockOn);
    assert_eq!(futures::executor::block_on(async { here() }), Here::BlockOn);
}

#[test]
fn every_report_says_where_it_was() {
    setup();
    let of = |violations: Vec<guard_runtime::Violation>| {
        let violation = violations.into_iter().next().unwrap();
        let json: serde_json::Value = serde_json::from_str(&violation.to_json()).unwrap();
        let here = violation.here();
        assert_eq!(json["here"], format!("{here:?}"));
        assert!(violation.to_string().contains(&format!(", {here}")), "{violation}");
        here
    };
    let capture = || testing::capture(async { read_a_file() });
    let many = multi_thread();
    assert_eq!(of(many.block_on(async { tokio::spawn(capture()).await.unwrap() })), Here::Worker(0));
    assert_eq!(of(many.block_on(capture())), Here::BlockOn);
    assert_eq!(of(crate::support::run(capture())), Here::Plain);
}
