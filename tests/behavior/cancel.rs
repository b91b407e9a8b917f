//! Every way in which an offloaded closure is cancelled, and a pool's shutdown in every state.

use crate::pool::{Announced, Gate, current_thread, multi_thread, occupied};
use crate::support::poll_once;
use futures::StreamExt;
use guard_runtime::Pool;
use guard_runtime::offload::OffloadError;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3_600);

/// Runs until its token is cancelled.
fn listening(gate: &Gate) -> impl FnOnce(CancellationToken) -> &'static str + Send + 'static + use<> {
    let begun = gate.announcer();
    move |token| {
        begun();
        while !token.is_cancelled() {
            std::thread::yield_now();
        }
        "stopped"
    }
}

#[test]
fn a_cancelled_token_takes_a_closure_out_of_the_queue() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        let token = CancellationToken::new();
        let queued = tokio::spawn(pool.run_with_token(&token, |_| panic!("it ran")));
        tokio::task::yield_now().await;
        assert_eq!(pool.stats().queued(), 1);
        token.cancel();
        assert!(matches!(queued.await.unwrap(), Err(OffloadError::Cancelled)));
        assert_eq!((pool.stats().queued(), pool.stats().cancelled()), (0, 1));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
    });
}

#[test]
fn a_token_that_was_cancelled_before_means_that_it_never_runs() {
    current_thread().block_on(async {
        let pool = Pool::builder("cancelled before").threads(1).build();
        let token = CancellationToken::new();
        token.cancel();
        for _ in 0..50 {
            let run = pool.run_with_token(&token, |_| panic!("it ran"));
            assert!(matches!(run.await, Err(OffloadError::Cancelled)));
        }
        assert_eq!((pool.stats().cancelled(), pool.stats().submitted()), (50, 50));
    });
}

#[test]
fn nobody_has_to_poll_for_a_token_to_take_effect_in_the_queue() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        let token = CancellationToken::new();
        let mut queued = Box::pin(pool.run_with_token(&token, |_| panic!("it ran")));
        assert!(poll_once(queued.as_mut()).is_pending());
        token.cancel();
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(matches!(queued.await, Err(OffloadError::Cancelled)));
    });
}

#[test]
fn a_closure_that_has_begun_sees_its_token_and_gives_its_value() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("listens").threads(1).build(), Gate::new());
        let token = CancellationToken::new();
        let running = tokio::spawn(pool.run_with_token(&token, listening(&gate)));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        token.cancel();
        assert_eq!(running.await.unwrap().unwrap(), "stopped");
        assert_eq!((pool.stats().completed(), pool.stats().cancelled()), (1, 0));
    });
}

#[test]
fn dropping_the_future_tells_the_closure_and_nobody_else() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("dropped").threads(1).build(), Gate::new());
        let token = CancellationToken::new();
        let mut running = Box::pin(pool.run_with_token(&token, listening(&gate)));
        assert!(poll_once(running.as_mut()).is_pending());
        gate.wait_for_one();
        drop(running);
        assert_eq!(pool.run(|| 2).await.unwrap(), 2, "the closure has ended");
        assert!(!token.is_cancelled(), "the caller's own token is the caller's");
        assert_eq!(pool.stats().abandoned(), 1);
    });
}

#[test]
fn a_deadline_that_passes_tells_the_closure() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("late").threads(1).build(), Gate::new());
        let run = pool.run_with_token(&CancellationToken::new(), listening(&gate));
        let late = run.with_deadline(Duration::from_millis(50)).await;
        assert!(late.is_err(), "{late:?}");
        assert_eq!(pool.run(|| 2).await.unwrap(), 2, "the closure has ended, or never began");
    });
}

#[test]
fn an_idle_pool_shuts_down_at_once() {
    // Nothing is handed over, so there is nothing to wait for, and no timer either.
    let pool = Pool::builder("idle").build();
    let left = crate::support::run(pool.shutdown(LONG));
    assert!(left.is_empty() && pool.is_closed());
    assert_eq!(left.to_string(), "nothing left");
    current_thread().block_on(async {
        assert!(matches!(pool.run(|| 1).await, Err(OffloadError::Closed)));
        assert!(matches!(pool.try_run(|| 1), Err(OffloadError::Closed)));
        assert_eq!(pool.stats().rejected(), 2);
        assert!(pool.shutdown(LONG).await.is_empty(), "again");
    });
}

#[test]
fn a_pool_that_was_used_and_rests_shuts_down_at_once() {
    multi_thread().block_on(async {
        for _ in 0..100 {
            let pool = Pool::builder("rests").threads(2).build();
            pool.run(|| 1).await.unwrap();
            assert!(pool.shutdown(LONG).await.is_empty());
        }
    });
}

#[test]
fn shutdown_lets_what_was_accepted_come_to_its_end() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(10);
        let queued: Vec<_> = (0..10).map(|n| pool.try_run(move || n).unwrap()).collect();
        let (first, second) = (pool.clone(), pool.clone());
        let first = tokio::spawn(async move { first.shutdown(LONG).await });
        let second = tokio::spawn(async move { second.shutdown(LONG).await });
        tokio::task::yield_now().await;
        assert!(pool.is_closed() && !first.is_finished());
        assert!(matches!(pool.run(|| 0).await, Err(OffloadError::Closed)));
        gate.open_for_one();
        assert!(first.await.unwrap().is_empty());
        assert!(second.await.unwrap().is_empty());
        assert_eq!(running.await.unwrap(), 1);
        for (n, one) in queued.into_iter().enumerate() {
            assert_eq!(one.await.unwrap(), n);
        }
    });
}

#[test]
fn shutdown_says_what_it_left() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("left").threads(3).build(), Gate::new());
        let line = line!() + 1;
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let abandoned = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let listens = tokio::spawn(pool.run_with_token(&CancellationToken::new(), listening(&gate)));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        drop(abandoned);
        let queued: Vec<_> = (0..5).map(|_| pool.try_run(|| panic!("it ran")).unwrap()).collect();

        let left = pool.shutdown(Duration::from_millis(1)).await;
        // The one that listens to its token may have ended within the time limit, or not.
        let still = left.running().len();
        assert!(left.cancelled() == 5 && (still == 2 || still == 3), "{left}");
        let function = "behavior::pool::Gate::closure";
        let longest = &left.running()[0];
        assert_eq!((longest.function(), longest.is_abandoned()), (function, false));
        assert!(longest.location().starts_with(&format!("{}:{line}:", file!())), "{}", longest.location());
        assert!(longest.since() >= Duration::from_millis(1));
        assert!(left.running()[1].is_abandoned());
        let shown = left.to_string();
        let begin = format!("5 cancelled in the queue, {still} still running: `behavior::");
        assert!(shown.starts_with(&begin), "{shown}");
        assert!(shown.contains(" (abandoned)"), "{shown}");

        for one in queued {
            assert!(matches!(one.await, Err(OffloadError::Cancelled)));
        }
        assert_eq!(listens.await.unwrap().unwrap(), "stopped", "its token told it");
        (0..2).for_each(|_| gate.open_for_one());
        assert_eq!(running.await.unwrap(), 1, "what runs on is still waited for by its caller");
        assert!(pool.shutdown(LONG).await.is_empty(), "now everything has ended");
    });
}

#[test]
fn what_no_thread_has_come_for_is_cancelled_by_the_shutdown() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build();
    runtime.unwrap().block_on(async {
        let gate = Gate::new();
        let taken = tokio::task::spawn_blocking(gate.closure());
        gate.wait_for_one();
        let pool = Pool::builder("no thread").threads(2).build();
        let waiting = [(); 3].map(|()| pool.try_run(|| panic!("it ran")).unwrap());
        let left = pool.shutdown(Duration::from_millis(1)).await;
        assert_eq!((left.cancelled(), left.running().len()), (3, 0), "{left}");
        for one in waiting {
            assert!(matches!(one.await, Err(OffloadError::Cancelled)));
        }
        assert!(pool.shutdown(LONG).await.is_empty(), "nothing is left, though no thread has come");
        gate.open_for_one();
        taken.await.unwrap();
        assert_eq!((pool.stats().cancelled(), pool.stats().submitted()), (3, 3));
    });
}

#[test]
fn a_closure_may_shut_its_own_pool_down() {
    for runtime in [current_thread(), multi_thread()] {
        let (pool, gate) = (Pool::builder("its own").threads(1).build(), Gate::new());
        let (inner, handle, closure) = (pool.clone(), runtime.handle().clone(), gate.closure());
        runtime.block_on(async {
            let ends = pool.try_run(move || {
                closure();
                handle.block_on(inner.shutdown(Duration::from_millis(1)))
            });
            gate.wait_for_one();
            let queued = pool.try_run(|| panic!("it ran")).unwrap();
            gate.open_for_one();
            let left = ends.unwrap().await.unwrap();
            assert_eq!(
                (left.cancelled(), left.running().len()),
                (1, 1),
                "the one that runs is itself: {left}"
            );
            assert!(matches!(queued.await, Err(OffloadError::Cancelled)));
        });
        assert!(pool.is_closed() && pool.stats().busy() == 0);
    }
}

#[test]
fn a_computing_pool_and_a_stream_are_shut_down_as_well() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::cpu("computing").threads(1).build(), Gate::new());
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let queued = pool.try_run(|| panic!("it ran")).unwrap();
        let mut items = Box::pin(pool.stream(|| -> Vec<u8> { panic!("it ran") }));
        assert!(futures::poll!(items.next()).is_pending());
        let left = pool.shutdown(Duration::from_millis(1)).await;
        assert_eq!((left.cancelled(), left.running().len()), (2, 1), "{left}");
        assert!(matches!(queued.await, Err(OffloadError::Cancelled)));
        assert!(matches!(items.next().await, Some(Err(OffloadError::Cancelled))));
        assert!(items.next().await.is_none());
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(pool.shutdown(LONG).await.is_empty());
    });
}

#[test]
fn what_leaves_the_queue_by_itself_does_not_hold_up_the_shutdown() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        let queued = pool.try_run(|| panic!("it ran")).unwrap();
        let ending = pool.clone();
        let ending = tokio::spawn(async move { ending.shutdown(LONG).await });
        tokio::task::yield_now().await;
        drop(queued);
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(ending.await.unwrap().is_empty());
    });
}

#[test]
fn a_shutdown_that_is_dropped_leaves_the_pool_closed() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        {
            let mut ending = Box::pin(pool.shutdown(LONG));
            assert!(poll_once(ending.as_mut()).is_pending());
        }
        assert!(pool.is_closed());
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(pool.shutdown(LONG).await.is_empty());
    });
}

#[test]
fn a_pool_without_handles_still_runs_what_it_accepted() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        let queued = pool.try_run(|| 2).unwrap();
        drop(pool);
        gate.open_for_one();
        assert_eq!((running.await.unwrap(), queued.await.unwrap()), (1, 2));
    });
}

/// A pool whose only thread is at work for a runtime until `held` is dropped; it says `ended` then.
fn busy_while_held(runtime: &Runtime) -> (Pool, (Sender<&'static str>, Receiver<&'static str>), Sender<()>) {
    let (pool, gate, (says, said)) = (Pool::builder("ends").threads(1).build(), Gate::new(), channel());
    let ((held, wait), begun, ends) = (channel(), gate.announcer(), says.clone());
    let _in = runtime.enter();
    let running = pool.try_run(move || {
        begun();
        let _ = wait.recv();
        ends.send("ended").unwrap();
    });
    gate.wait_for_one();
    running.unwrap().detach();
    (pool, (says, said), held)
}

#[test]
fn a_runtime_that_ends_drops_what_waits_and_waits_for_what_runs() {
    for runtime in [current_thread(), multi_thread()] {
        let (pool, (says, said), held) = busy_while_held(&runtime);
        runtime.block_on(async {
            let (ran, dropped) = (says.clone(), Announced(says, "dropped"));
            let mut waiting = Box::pin(pool.run(move || {
                ran.send("ran").unwrap();
                drop(dropped);
            }));
            assert!(poll_once(waiting.as_mut()).is_pending());
            // Polled or not, the future is dropped first: until then the thread is taken.
            let both = (waiting, held);
            tokio::spawn(async move {
                let (waiting, _held) = both;
                waiting.await
            });
            tokio::task::yield_now().await;
            assert_eq!(pool.stats().queued(), 1);
        });
        drop(runtime);
        assert_eq!(said.try_iter().collect::<Vec<_>>(), ["dropped", "ended"], "by the time it has ended");
        let stats = pool.stats();
        assert_eq!((stats.queued(), stats.cancelled(), stats.completed()), (0, 1, 1), "{stats}");
    }
}

#[test]
fn at_a_runtimes_end_a_thread_that_is_at_work_takes_detached_closures_along() {
    for runtime in [current_thread(), multi_thread()] {
        let (pool, (says, said), held) = busy_while_held(&runtime);
        {
            let _in = runtime.enter();
            pool.try_run(move || says.send("ran").unwrap()).unwrap().detach();
        }
        runtime.spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        drop(runtime);
        assert_eq!(said.try_iter().collect::<Vec<_>>(), ["ended", "ran"], "by the time it has ended");
        let stats = pool.stats();
        assert_eq!((stats.queued(), stats.cancelled(), stats.completed()), (0, 0, 2), "{stats}");
    }
}
