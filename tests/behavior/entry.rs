//! The attributes `main` and `test`: tokio's options, an armed runtime, a guarded body, and an end that fails.

use crate::support::{block, panic_of, setup};
use guard_runtime::{Here, NoBlock, here, testing};
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{LocalSet, spawn_blocking, spawn_local};

const NAP: Duration = Duration::from_millis(1);

fn flavor() -> RuntimeFlavor {
    Handle::current().runtime_flavor()
}

#[guard_runtime::test]
async fn a_test_has_one_thread_by_default() {
    setup();
    assert_eq!((flavor(), here()), (RuntimeFlavor::CurrentThread, Here::Worker(0)));
    let name = std::thread::current().id();
    assert_eq!(tokio::spawn(async { std::thread::current().id() }).await.unwrap(), name);
}

#[guard_runtime::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_test_can_have_workers() {
    setup();
    assert_eq!(flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(Handle::current().metrics().num_workers(), 3);
    assert!(matches!(tokio::spawn(async { here() }).await.unwrap(), Here::Worker(0..3)));
}

#[guard_runtime::test(flavor = "local", name = "tests")]
async fn a_test_can_be_local() {
    setup();
    let shared = std::rc::Rc::new(7);
    assert_eq!(spawn_local(async move { *shared }).await.unwrap(), 7);
}

#[guard_runtime::test(start_paused = true)]
async fn a_test_can_have_its_clock_paused() {
    setup();
    let (real, paused) = (std::time::Instant::now(), tokio::time::Instant::now());
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(paused.elapsed() >= Duration::from_secs(3600) && real.elapsed() < Duration::from_secs(1800));
}

#[guard_runtime::test]
async fn a_test_may_end_in_a_result() -> Result<(), std::num::ParseIntError> {
    setup();
    assert_eq!("42".parse::<u8>()?, 42);
    Ok(())
}

#[guard_runtime::test]
#[should_panic(expected = "blocking call on an executor thread: test::block_on (block_on)")]
async fn the_body_of_a_test_is_guarded() {
    setup();
    block();
}

#[guard_runtime::test]
async fn excused_blocking_fails_nothing() {
    setup();
    tokio::spawn(async { std::thread::sleep(NAP) }.allow_blocking("a test")).await.unwrap();
    spawn_blocking(|| std::thread::sleep(NAP)).await.unwrap();
}

#[guard_runtime::main(flavor = "current_thread")]
async fn sum(a: u8, b: &u8) -> u8 {
    tokio::task::yield_now().await;
    a + b
}

#[guard_runtime::main]
async fn workers() -> usize {
    Handle::current().metrics().num_workers()
}

#[guard_runtime::main(crate = ::guard_runtime, flavor = "multi_thread", worker_threads = 1)]
async fn text<T: std::fmt::Display>(value: T) -> impl AsRef<str> {
    value.to_string()
}

#[test]
fn a_function_may_have_parameters_and_a_value() {
    setup();
    assert_eq!(sum(40, &2), 42);
    assert_eq!(workers(), std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get));
    assert_eq!(text(42).as_ref(), "42");
}

/// What only hooks see.
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
mod armed {
    use super::*;

    #[guard_runtime::test]
    #[should_panic(
        expected = "tasks of this runtime have blocked its workers (see the reports above):\n  std::thread::sleep (sleep) at tests/behavior/entry.rs:"
    )]
    async fn a_task_that_blocks_fails_a_test_of_one_thread() {
        setup();
        tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap();
    }

    #[guard_runtime::test(flavor = "multi_thread", worker_threads = 2)]
    #[should_panic(expected = "std::thread::sleep (sleep) at tests/behavior/entry.rs:")]
    async fn a_task_that_blocks_fails_a_test_of_many() {
        setup();
        tokio::spawn(async { tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap() }).await.unwrap();
    }

    #[guard_runtime::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "std::thread::sleep (sleep) at tests/behavior/entry.rs:")]
    async fn a_task_that_nobody_waits_for_fails_a_test() {
        setup();
        let (started, start) = tokio::sync::oneshot::channel();
        tokio::spawn(async {
            started.send(()).unwrap();
            std::thread::sleep(NAP);
        });
        start.await.unwrap();
    }

    #[guard_runtime::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "std::thread::sleep (sleep) at tests/behavior/entry.rs:")]
    async fn a_guarded_future_that_blocks_when_a_worker_drops_it_fails_a_test() {
        setup();
        let task = tokio::spawn(async { drop(Naps.no_block()) });
        task.await.unwrap();
    }

    struct Naps;

    impl Future for Naps {
        type Output = ();
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
            std::task::Poll::Ready(())
        }
    }

    impl Drop for Naps {
        fn drop(&mut self) {
            std::thread::sleep(NAP);
        }
    }

    #[guard_runtime::main(flavor = "multi_thread", worker_threads = 1)]
    async fn has_its_tasks_block(times: u32) {
        for _ in 0..times {
            tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap();
        }
    }

    #[test]
    fn the_end_lists_each_place_once() {
        setup();
        let text = panic_of(|| has_its_tasks_block(3));
        assert!(
            text.contains("sleep (sleep) at tests/behavior/entry.rs:") && text.ends_with(", 3 times"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2, "{text}");
        has_its_tasks_block(0);
    }

    #[guard_runtime::test]
    async fn a_local_set_in_the_body_belongs_to_the_body() {
        setup();
        let local = LocalSet::new();
        let violations = testing::capture(local.run_until(async {
            spawn_local(async { std::thread::sleep(NAP) }).await.unwrap();
        }));
        assert_eq!(violations.await.len(), 1);
    }

    /// Of tests that run at the same time, each has what its own runtime did: more than run at once by themselves.
    #[test]
    fn runtimes_at_the_same_time_are_told_apart() {
        setup();
        let threads: Vec<_> = (0..24)
            .map(|number| {
                std::thread::spawn(move || std::panic::catch_unwind(move || has_its_tasks_block(number % 3)))
            })
            .collect();
        for (number, thread) in threads.into_iter().enumerate() {
            let ended = thread.join().unwrap();
            match number % 3 {
                0 => assert!(ended.is_ok()),
                times => {
                    let text = crate::support::message(&*ended.unwrap_err());
                    let counted =
                        if times == 1 { !text.contains(" times") } else { text.ends_with(", 2 times") };
                    assert!(counted && text.lines().count() == 2, "{number}: {text}");
                }
            }
        }
    }

    /// Captures on armed workers keep to themselves, and what is not captured fails the end.
    #[test]
    fn captures_on_armed_workers_never_see_each_others_violations() {
        #[guard_runtime::main(flavor = "multi_thread", worker_threads = 3)]
        async fn captures() {
            let tasks: Vec<_> = (0..40_usize)
                .map(|number| {
                    tokio::spawn(async move {
                        let own = testing::capture(async move {
                            for _ in 0..number % 4 {
                                std::thread::sleep(Duration::from_micros(10));
                                tokio::task::yield_now().await;
                            }
                        });
                        (number % 4, own.await)
                    })
                })
                .collect();
            for task in tasks {
                let (naps, violations) = task.await.unwrap();
                assert_eq!(violations.iter().map(|violation| violation.times()).sum::<u32>(), naps as u32);
            }
        }
        setup();
        captures();
    }

    #[test]
    fn assert_no_block_fails_by_its_own_future_alone() {
        #[guard_runtime::main(flavor = "multi_thread", worker_threads = 2)]
        async fn asserts() -> u8 {
            let beside = tokio::spawn(async { std::thread::sleep(NAP) });
            let value = testing::assert_no_block(async {
                beside.await.unwrap();
                7
            });
            value.await
        }
        setup();
        let text = panic_of(asserts);
        assert!(text.starts_with("tasks of this runtime have blocked its workers"), "{text}");
    }
}
