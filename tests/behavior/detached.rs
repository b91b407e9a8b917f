//! Detached closures: what they give is dropped as part of them, or on a thread that may block.

use crate::pool::{Gate, PanicsInDrop, current_thread};
use guard_runtime::Pool;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Runs it in its drop.
struct InDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for InDrop<F> {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|f| f());
    }
}

/// Until so many closures have ended.
async fn ended(pool: &Pool, count: u64) {
    while pool.stats().completed() < count {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_value_is_dropped_before_the_closure_counts_as_ended() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("detached").threads(1).build(), Gate::new());
        let (closure, in_drop) = (gate.closure(), gate.closure());
        let running = pool.try_run(move || {
            closure();
            InDrop(Some(|| assert_eq!(in_drop(), 1)))
        });
        gate.wait_for_one();
        running.unwrap().detach();
        gate.open_for_one();
        // The drop has begun.
        gate.wait_for_one();
        assert_eq!((pool.stats().busy(), pool.stats().completed()), (1, 0));
        let left = pool.shutdown(Duration::from_millis(1)).await;
        assert_eq!((left.running().len(), left.cancelled()), (1, 0), "{left}");
        assert!(!left.running()[0].is_abandoned());
        gate.open_for_one();
        assert!(pool.shutdown(Duration::from_secs(60)).await.is_empty());
        let stats = pool.stats();
        assert_eq!((stats.busy(), stats.completed(), stats.abandoned()), (0, 1, 0));
    });
}

#[test]
fn the_time_of_a_drop_is_that_of_the_closure_behind_it_too() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("late").threads(1).queue(1).build(), Gate::new());
        let (closure, in_drop) = (gate.closure(), gate.closure());
        let running = pool.try_run(move || {
            closure();
            InDrop(Some(|| assert_eq!(in_drop(), 1)))
        });
        gate.wait_for_one();
        running.unwrap().detach();
        let within = Duration::from_millis(20);
        // Nobody but the thread looks at this deadline.
        pool.try_run(|| panic!("it ran")).unwrap().with_deadline(within).detach();
        gate.open_for_one();
        gate.wait_for_one();
        tokio::time::sleep(2 * within).await;
        gate.open_for_one();
        assert!(pool.shutdown(Duration::from_secs(60)).await.is_empty());
        assert_eq!((pool.stats().completed(), pool.stats().expired()), (1, 1));
    });
}

#[test]
fn one_that_nobody_waits_for_any_more_runs_until_its_value_is_dropped() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("abandoned").threads(1).build(), Gate::new());
        let (closure, in_drop) = (gate.closure(), gate.closure());
        let running = pool.try_run(move || {
            closure();
            InDrop(Some(|| assert_eq!(in_drop(), 1)))
        });
        gate.wait_for_one();
        drop(running);
        gate.open_for_one();
        gate.wait_for_one();
        let left = pool.shutdown(Duration::from_millis(1)).await;
        assert_eq!(left.running().len(), 1, "{left}");
        assert!(left.running()[0].is_abandoned());
        gate.open_for_one();
    });
}

#[test]
fn a_value_that_is_there_already_is_not_dropped_on_the_executor() {
    current_thread().block_on(async {
        let pool = Pool::builder("detached late").threads(1).build();
        let (dropped, was_dropped) = channel();
        let run = pool.try_run(|| InDrop(Some(move || dropped.send(thread::current().id()).unwrap())));
        ended(&pool, 1).await;
        run.unwrap().detach();
        let there = was_dropped.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_ne!(there, thread::current().id());
        assert_eq!(pool.stats().completed(), 1);
    });
}

#[test]
fn a_panic_in_a_drop_stays_where_it_is() {
    let pool = Pool::builder("detached panic").threads(1).build();
    let runtime = current_thread();
    let inside = runtime.enter();
    let [first, second] = [(); 2].map(|()| pool.try_run(|| PanicsInDrop).unwrap());
    runtime.block_on(ended(&pool, 2));
    first.detach();
    drop(inside);
    // Without a runtime it is dropped here.
    second.detach();
    assert_eq!((pool.stats().completed(), pool.stats().panicked()), (2, 0));
}
