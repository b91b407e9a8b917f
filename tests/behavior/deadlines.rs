//! Deadlines of a pool's closures: in the queue, while they run, given after the handing over, and by a paused clock.

use crate::pool::{Gate, current_thread, occupied};
use crate::support::poll_once;
use guard_runtime::Pool;
use guard_runtime::offload::{Actor, OffloadError};
use std::convert::Infallible;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3_600);

#[test]
fn a_deadline_in_the_queue_means_that_it_never_runs() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(2);
        let late = pool.run_with_deadline(Duration::from_millis(1), || panic!("it ran")).await;
        let Err(error @ OffloadError::DeadlineInQueue) = late else { panic!("{late:?}") };
        assert!(error.is_unrun());
        // What nobody polls expires too, when a thread would take it up.
        let mut unpolled = Box::pin(pool.run_with_deadline(Duration::ZERO, || panic!("it ran")));
        let _ = poll_once(unpolled.as_mut());
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(matches!(unpolled.await, Err(OffloadError::DeadlineInQueue)));
        let stats = pool.stats();
        assert_eq!((stats.expired(), stats.abandoned(), stats.completed()), (2, 0, 1));
    });
}

#[test]
fn a_deadline_that_passes_while_it_runs_leaves_it_its_thread() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("abandoned").threads(1).queue(0).build(), Gate::new());
        // It begins before the deadline, or the deadline is a longer one: there is no telling on a busy machine.
        let mut late = Ok(0);
        for millis in [50, 500, 5_000] {
            late = pool.run_with_deadline(Duration::from_millis(millis), gate.closure()).await;
            if matches!(late, Err(OffloadError::DeadlineRunning)) {
                break;
            }
        }
        assert!(matches!(late, Err(OffloadError::DeadlineRunning)), "{late:?}");
        let stats = pool.stats();
        assert_eq!((stats.busy(), stats.abandoned_running(), stats.abandoned()), (1, 1, 1));
        assert!(matches!(pool.run(|| 2).await, Err(OffloadError::QueueFull)), "the limit holds all the same");

        gate.wait_for_one();
        gate.open_for_one();
        let mut again = pool.run(|| 2).await;
        while matches!(again, Err(OffloadError::QueueFull)) {
            tokio::task::yield_now().await;
            again = pool.run(|| 2).await;
        }
        assert_eq!(again.unwrap(), 2);
        assert_eq!((pool.stats().abandoned(), pool.stats().abandoned_running()), (1, 0));
    });
}

#[test]
fn a_deadline_that_is_kept_changes_nothing() {
    current_thread().block_on(async {
        let pool = Pool::builder("in time").build();
        for within in [Duration::from_secs(3_600), Duration::MAX] {
            assert_eq!(pool.run_with_deadline(within, || 7).await.unwrap(), 7);
        }
    });
}

#[test]
fn a_deadline_may_come_after_the_handing_over() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(10);
        let late = pool.try_run(|| panic!("it ran")).unwrap().with_deadline(Duration::ZERO);
        assert!(matches!(late.await, Err(OffloadError::DeadlineInQueue)));
        let mut polled = pool.run(|| panic!("it ran"));
        assert!(poll_once(std::pin::Pin::new(&mut polled)).is_pending());
        assert!(matches!(polled.with_deadline(Duration::ZERO).await, Err(OffloadError::DeadlineInQueue)));
        // Nobody polls this one.
        pool.try_run(|| panic!("it ran")).unwrap().with_deadline(Duration::ZERO).detach();
        let kept = pool.try_run(|| 2).unwrap().with_deadline(Duration::MAX);
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert_eq!(kept.await.unwrap(), 2);
        assert_eq!(pool.stats().expired(), 3);

        let begun = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        assert!(matches!(begun.with_deadline(Duration::ZERO).await, Err(OffloadError::DeadlineRunning)));
        gate.open_for_one();
    });
}

/// Its clock stands still, until all tasks wait for it: then it jumps.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_paused_clock_does_not_jump_while_a_pools_closure_runs() {
    paused().block_on(async {
        let (pool, asked) = (Pool::builder("paused").threads(1).build(), std::time::Instant::now());
        for _ in 0..50 {
            let ran = pool.run_with_deadline(LONG, || std::thread::sleep(Duration::from_millis(1))).await;
            assert!(ran.is_ok(), "{ran:?}");
            let all = pool.map(0..9, |_| std::thread::yield_now()).with_deadline(LONG).await;
            assert!(all.is_ok(), "{all:?}");
        }
        assert!(pool.stats().ran().total() >= Duration::from_millis(50), "by the system's clock");
        assert!(pool.shutdown(LONG).await.is_empty() && asked.elapsed() < LONG);
    });
}

#[test]
fn a_paused_clock_that_is_advanced_passes_deadlines() {
    paused().block_on(async {
        let (pool, gate, running) = occupied(1);
        let mut queued = Box::pin(pool.run_with_deadline(LONG, || panic!("it ran")));
        let mut running = Box::pin(running);
        assert!(poll_once(queued.as_mut()).is_pending() && poll_once(running.as_mut()).is_pending());
        tokio::time::advance(LONG * 2).await;
        assert!(matches!(queued.await, Err(OffloadError::DeadlineInQueue)));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(pool.stats().longest_waiting() < LONG);
    });
}

#[test]
fn a_paused_clock_jumps_over_what_runs_on_threads_that_are_not_tokios() {
    paused().block_on(async {
        let missed = |late: Result<u32, OffloadError>| {
            matches!(late, Err(OffloadError::DeadlineRunning | OffloadError::DeadlineInQueue))
        };
        let (gate, begun) = (Gate::new(), std::time::Instant::now());
        let pool = Pool::cpu("paused").threads(1).build();
        assert!(missed(pool.run_with_deadline(LONG, gate.closure()).await));
        let actor = Actor::spawn(|| Ok::<_, Infallible>(())).await.unwrap();
        let closure = gate.closure();
        assert!(missed(actor.with(move |()| closure()).with_deadline(LONG).await));
        // The real time for it has not passed.
        assert!(begun.elapsed() < LONG);
    });
}
