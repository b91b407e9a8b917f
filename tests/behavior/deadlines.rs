//! Deadlines of a pool's closures: in the queue, while they run, and given after the handing over.

use crate::pool::{Gate, current_thread, occupied};
use crate::support::poll_once;
use guard_runtime::Pool;
use guard_runtime::offload::OffloadError;
use std::time::Duration;

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
