//! `offload` and `offload_in_place`.

use crate::support::{alone, block, panic_of, poll_once, read_a_file, run, setup};
use guard_runtime::offload::{default_pool, in_place_times, set_default_pool};
use guard_runtime::{Here, Pool, guard, here, offload, offload_in_place, testing};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

#[test]
fn the_value_comes_back_from_another_thread() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let (value, thread) = runtime.block_on(guard(async {
            offload(|| {
                read_a_file();
                block();
                (7, std::thread::current().id())
            })
            .await
        }));
        assert_eq!(value, 7);
        assert_ne!(thread, std::thread::current().id());
    }
}

#[test]
fn offload_does_not_itself_block() {
    setup();
    let runtime = multi_thread();
    let violations = runtime.block_on(async {
        tokio::spawn(testing::capture(async {
            for _ in 0..20 {
                offload(read_a_file).await;
            }
        }))
        .await
        .unwrap()
    });
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_panic_is_resumed_with_its_payload() {
    struct Payload(u32);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        current_thread().block_on(async { offload(|| -> u8 { panic_any(Payload(9)) }).await })
    }));
    let payload = caught.expect_err("it panics");
    assert_eq!(payload.downcast_ref::<Payload>().map(|payload| payload.0), Some(9));
}

#[test]
fn dropped_before_it_starts_means_that_it_never_runs() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let ran = Arc::new(AtomicBool::new(false));
    runtime.block_on(async {
        let (release, wait) = mpsc::channel::<()>();
        let occupied = tokio::task::spawn_blocking(move || wait.recv());

        let mark = Arc::clone(&ran);
        let mut waiting = Box::pin(offload(move || mark.store(true, Ordering::SeqCst)));
        assert!(poll_once(waiting.as_mut()).is_pending(), "the only thread is occupied");
        drop(waiting);

        let mark = Arc::clone(&ran);
        drop(offload(move || mark.store(true, Ordering::SeqCst)));

        release.send(()).unwrap();
        occupied.await.unwrap().unwrap();
        // The pool's queue is in order: what was queued before this is over.
        offload(|| ()).await;
    });
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn dropped_after_it_started_means_that_it_runs_to_its_end() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (started, has_started) = mpsc::channel::<()>();
        let (release, wait) = mpsc::channel::<()>();
        let (ended, has_ended) = mpsc::channel::<()>();
        let mut running = Box::pin(offload(move || {
            started.send(()).unwrap();
            wait.recv().unwrap();
            ended.send(()).unwrap();
        }));
        assert!(poll_once(running.as_mut()).is_pending());
        has_started.recv().unwrap();
        drop(running);
        release.send(()).unwrap();
        has_ended.recv().expect("it ran to its end");
    });
}

#[test]
fn outside_of_a_runtime_the_panic_says_so() {
    let caught = catch_unwind(|| run(offload(|| 1)));
    let payload = caught.expect_err("it panics");
    assert!(crate::support::message(&*payload).contains("outside of a tokio runtime"));
}

#[test]
fn polled_after_completion_it_panics() {
    current_thread().block_on(async {
        let mut done = pin!(offload(|| 1));
        assert_eq!(done.as_mut().await, 1);
        let caught = catch_unwind(AssertUnwindSafe(|| poll_once(done.as_mut())));
        assert!(crate::support::message(&*caught.expect_err("it panics")).contains("after completion"));
    });
}

#[test]
fn in_place_borrows_and_stays_silent_on_both_flavours() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let violations = runtime.block_on(testing::capture(in_place_twice()));
        assert!(violations.is_empty(), "in the body: {violations:?}");
        let violations =
            runtime.block_on(async { tokio::spawn(testing::capture(in_place_twice())).await.unwrap() });
        assert!(violations.is_empty(), "in a task: {violations:?}");
    }
    assert_eq!(offload_in_place(|| 3), 3, "without any runtime");
}

async fn in_place_twice() {
    let mut times = 0;
    for _ in 0..2 {
        offload_in_place(|| {
            block();
            read_a_file();
            times += 1;
        });
        tokio::task::yield_now().await;
    }
    assert_eq!(times, 2);
}

#[test]
fn in_place_on_an_event_loop_of_one_thread_is_counted() {
    // Others do so too, at the same time.
    let before = in_place_times().count();
    current_thread().block_on(async {
        for _ in 0..3 {
            offload_in_place(|| ());
        }
        assert!(catch_unwind(|| offload_in_place(|| panic!("in place"))).is_err());
    });
    assert!(in_place_times().count() >= before + 4);
}

#[test]
fn in_place_lets_a_multi_thread_runtime_go_on() {
    // One worker only: without block_in_place the second task could never run.
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        tokio::spawn(async {
            let (send, receive) = mpsc::channel();
            tokio::spawn(async move { send.send(5).unwrap() });
            assert_eq!(offload_in_place(|| receive.recv()), Ok(5));
        })
        .await
        .unwrap();
    });
}

#[test]
fn in_place_works_in_a_local_set() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let local = tokio::task::LocalSet::new();
        let violations = local.block_on(&runtime, async {
            tokio::task::spawn_local(testing::capture(in_place_twice())).await.unwrap()
        });
        assert!(violations.is_empty(), "{violations:?}");
    }
}

#[test]
fn after_an_in_place_call_the_guard_is_in_force_again() {
    setup();
    let violations = run(testing::capture(async {
        offload_in_place(block);
        block();
    }));
    assert_eq!(violations.len(), 1);
}

#[test]
fn an_application_chooses_the_default_pool_once() {
    alone("offload::an_application_chooses_the_default_pool_once", || {
        set_default_pool(Pool::builder("chosen").threads(1).queue(0).build()).unwrap();
        let late = set_default_pool(Pool::builder("late").build()).unwrap_err();
        assert_eq!((late.name(), default_pool().name()), ("late", "chosen"));
        let sum: u32 = multi_thread().block_on(async {
            let all: Vec<_> = (0..100).map(|n| tokio::spawn(offload(move || (n, here())))).collect();
            let mut sum = 0;
            for one in all {
                let (n, there) = one.await.unwrap();
                assert_eq!(there, Here::Pool("chosen"));
                sum += n;
            }
            sum
        });
        assert_eq!(sum, 99 * 100 / 2, "it never refuses, however small the queue is");
        let stats = default_pool().stats();
        assert_eq!((stats.completed(), stats.rejected()), (100, 0));
    });
}

#[test]
fn a_default_pool_that_is_in_use_stays() {
    alone("offload::a_default_pool_that_is_in_use_stays", || {
        assert_eq!(current_thread().block_on(offload(|| 7)), 7);
        assert_eq!(set_default_pool(Pool::builder("late").build()).unwrap_err().name(), "late");
        assert_eq!((default_pool().name(), default_pool().stats().completed()), ("default", 1));
    });
}

#[test]
fn a_default_pool_that_is_shut_down_is_a_panic_of_the_caller() {
    alone("offload::a_default_pool_that_is_shut_down_is_a_panic_of_the_caller", || {
        assert!(run(default_pool().shutdown(std::time::Duration::from_secs(1))).is_empty());
        let text = panic_of(|| current_thread().block_on(async { offload(|| 7).await }));
        assert_eq!(text, "`offload`: the pool was shut down");
    });
}
