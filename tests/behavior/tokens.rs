//! Tokens and deadlines on what is no `Pool::run`: actors, closures that were handed over before, and fan-outs.

use crate::pool::{Gate, current_thread, multi_thread, occupied};
use crate::streams::rest;
use crate::support::{panic_of, poll_once};
use futures::{FutureExt, StreamExt};
use guard_runtime::Pool;
use guard_runtime::offload::{Actor, OffloadError};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc::channel};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn actor() -> Actor<Vec<u32>> {
    Actor::spawn(|| Ok::<_, Infallible>(Vec::new())).await.unwrap()
}

/// Until the token is cancelled.
fn listen(token: &CancellationToken) {
    while !token.is_cancelled() {
        std::thread::yield_now();
    }
}

#[test]
fn a_cancelled_token_takes_a_closure_out_of_an_actors_mailbox() {
    current_thread().block_on(async {
        let (actor, gate, token) = (actor().await, Gate::new(), CancellationToken::new());
        let closure = gate.closure();
        let running = tokio::spawn(actor.with(move |_| closure()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        let queued = actor.with(|_| panic!("it ran")).with_token(token.clone());
        let queued = tokio::spawn(queued);
        tokio::task::yield_now().await;
        assert_eq!(actor.stats().queued(), 1);
        token.cancel();
        assert!(matches!(queued.await.unwrap(), Err(OffloadError::Cancelled)));
        assert_eq!((actor.stats().queued(), actor.stats().cancelled()), (0, 1));
        gate.open_for_one();
        assert_eq!(running.await.unwrap().unwrap(), 1);
        assert!(!actor.is_poisoned());
    });
}

#[test]
fn an_actors_closure_sees_its_token_and_leaves_the_state_to_others() {
    current_thread().block_on(async {
        let (actor, gate, token) = (actor().await, Gate::new(), CancellationToken::new());
        let (begun, seen) = (gate.announcer(), token.clone());
        let counting = actor.with(move |all| {
            begun();
            listen(&seen);
            all.push(7);
            all.len()
        });
        let counting = tokio::spawn(counting.with_token(token.clone()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        token.cancel();
        assert_eq!(counting.await.unwrap().unwrap(), 1);
        assert_eq!(actor.with(|all| all.clone()).await.unwrap(), [7]);
    });
}

#[test]
fn whoever_gives_up_on_an_actors_closure_tells_it() {
    current_thread().block_on(async {
        for deadline in [false, true] {
            let (actor, gate, token) = (actor().await, Gate::new(), CancellationToken::new());
            let (begun, seen) = (gate.announcer(), token.clone());
            let run = actor.with(move |_| {
                begun();
                listen(&seen);
            });
            let mut run = Box::pin(run.with_token(token.clone()));
            assert!(poll_once(run.as_mut()).is_pending());
            gate.wait_for_one();
            if deadline {
                let late = Pin::into_inner(run).with_deadline(Duration::ZERO).await;
                assert!(matches!(late, Err(OffloadError::DeadlineRunning)), "{late:?}");
            } else {
                drop(run);
            }
            assert!(token.is_cancelled());
            assert!(actor.with(|all| all.is_empty()).await.unwrap(), "the closure has ended");
            assert_eq!(actor.stats().abandoned(), 1);
        }
    });
}

#[test]
fn what_was_handed_over_may_be_given_a_token() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(3);
        let [polled, unpolled, dropped] = [(); 3].map(|()| CancellationToken::new());
        let never = || pool.try_run(|| panic!("it ran")).unwrap();
        let waiting = tokio::spawn(never().with_token(polled.clone()));
        tokio::task::yield_now().await;
        polled.cancel();
        assert!(matches!(waiting.await.unwrap(), Err(OffloadError::Cancelled)));
        drop(never().with_token(dropped.clone()));
        assert!(dropped.is_cancelled(), "nobody waits any more");
        let waiting = never().with_token(unpolled.clone());
        unpolled.cancel();
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert!(matches!(waiting.await, Err(OffloadError::Cancelled)));
        assert_eq!((pool.stats().cancelled(), pool.stats().completed()), (3, 1));

        let (token, begun) = (CancellationToken::new(), gate.announcer());
        let seen = token.clone();
        let listens = pool.try_run(move || {
            begun();
            listen(&seen);
        });
        let listens = listens.unwrap().with_token(token);
        gate.wait_for_one();
        let left = pool.shutdown(Duration::ZERO).await;
        assert_eq!(left.running().len(), 1, "{left}");
        listens.await.unwrap();
    });
}

#[test]
fn a_value_that_was_waited_for_leaves_the_token_alone() {
    current_thread().block_on(async {
        let (pool, token) = (Pool::builder("waited for").build(), CancellationToken::new());
        assert_eq!(pool.run(|| 7).with_token(token.clone()).await.unwrap(), 7);
        assert_eq!(pool.map(0..9, |n| n).with_token(token.clone()).await.unwrap().len(), 9);
        assert!(!token.is_cancelled());
        let twice = || pool.run(|| 7).with_token(token.clone()).with_token(token.clone());
        assert_eq!(panic_of(twice), "the offloaded closure has a token already");
    });
}

#[test]
fn a_batchs_token_cancels_what_has_not_begun() {
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let pool = Pool::builder("batch").threads(1).build();
            let (token, gate, seen) = (CancellationToken::new(), Gate::new(), CancellationToken::new());
            let (heard, ran) = (token.clone(), Arc::new(AtomicUsize::new(0)));
            let (counted, begun) = (Arc::clone(&ran), std::sync::Mutex::new(Some(gate.announcer())));
            let listens = move |n: u32| {
                counted.fetch_add(1, Ordering::SeqCst);
                begun.lock().unwrap().take().into_iter().for_each(|begun| begun());
                listen(&heard);
                n
            };
            let settled = pool.settle(0..100, listens).in_flight(8).with_token(token.clone());
            let settled = tokio::spawn(settled);
            tokio::task::yield_now().await;
            gate.wait_for_one();
            token.cancel();
            let outcomes = settled.await.unwrap();
            assert_eq!((outcomes.len(), ran.load(Ordering::SeqCst)), (100, 1));
            assert!(matches!(outcomes[0], Ok(0)));
            assert!(outcomes[1..].iter().all(|one| matches!(one, Err(OffloadError::Cancelled))));
            let stats = pool.stats();
            assert_eq!((stats.completed(), stats.cancelled(), stats.submitted()), (1, 99, 100));

            seen.cancel();
            let none = pool.map(0..3, |n| n).with_token(seen).await;
            assert!(matches!(none, Err(OffloadError::Cancelled)));
        });
    }
}

#[test]
fn a_batchs_token_empties_the_queue_also_while_the_first_item_runs_on() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("batch deaf").threads(1).queue(0).build(), Gate::new());
        let (token, first) = (CancellationToken::new(), std::sync::Mutex::new(Some(gate.closure())));
        let deaf = move |_| first.lock().unwrap().take().expect("it ran")();
        let settled = tokio::spawn(pool.settle(0..8, deaf).in_flight(8).with_token(token.clone()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        assert_eq!(pool.stats().queued(), 7);
        token.cancel();
        tokio::task::yield_now().await;
        assert_eq!((pool.stats().queued(), pool.stats().cancelled(), settled.is_finished()), (0, 7, false));
        gate.open_for_one();
        let outcomes = settled.await.unwrap();
        assert!(matches!(outcomes[0], Ok(1)));
        assert!(outcomes[1..].iter().all(|one| matches!(one, Err(OffloadError::Cancelled))));
    });
}

/// A closure whose first item waits until the token is cancelled, which it tells.
fn first_listens(
    gate: &Gate,
    token: &CancellationToken,
    told: std::sync::mpsc::Sender<()>,
) -> impl Fn(u32) -> u32 + Send + Sync + 'static + use<> {
    let (heard, begun) = (token.clone(), std::sync::Mutex::new(Some((gate.announcer(), told))));
    move |n| {
        let first = begun.lock().unwrap().take();
        if let Some((begun, told)) = first {
            begun();
            listen(&heard);
            told.send(()).unwrap();
        }
        n
    }
}

#[test]
fn a_batch_that_is_dropped_tells_what_runs() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("batch dropped").threads(1).build(), Gate::new());
        let (token, (told, was_told)) = (CancellationToken::new(), channel());
        let mut values = pool.map(0..100, first_listens(&gate, &token, told)).with_token(token.clone());
        assert!(values.next().now_or_never().is_none());
        gate.wait_for_one();
        drop(values);
        was_told.recv().unwrap();
        assert!(token.is_cancelled());
    });
}

#[test]
fn the_first_error_of_a_batch_tells_what_runs() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("batch fails").threads(2).build(), Gate::new());
        let (token, (told, was_told)) = (CancellationToken::new(), channel());
        let (listens, go) = (first_listens(&gate, &token, told), gate.closure());
        let go = std::sync::Mutex::new(Some(go));
        let fails = move |n: u32| match n {
            0 => {
                go.lock().unwrap().take().into_iter().for_each(|go| assert_eq!(go(), 1));
                Err(OffloadError::QueueFull)
            }
            n => Ok(listens(n)),
        };
        let all = pool.try_map(0..100, fails).in_flight(2).with_token(token.clone());
        let all = tokio::spawn(async move { all.await });
        tokio::task::yield_now().await;
        // The first item and the one that listens.
        (0..2).for_each(|_| gate.wait_for_one());
        gate.open_for_one();
        assert!(matches!(all.await.unwrap(), Err(OffloadError::QueueFull)));
        was_told.recv().unwrap();
    });
}

#[test]
fn a_shutdown_without_time_tells_a_batch() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("batch left").threads(1).build(), Gate::new());
        let (token, (told, was_told)) = (CancellationToken::new(), channel());
        let listens = first_listens(&gate, &token, told);
        let settled = tokio::spawn(pool.settle(0..10, listens).in_flight(10).with_token(token));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        let left = pool.shutdown(Duration::ZERO).await;
        assert_eq!((left.cancelled(), left.running().len()), (9, 1), "{left}");
        was_told.recv().unwrap();
        let outcomes = settled.await.unwrap();
        assert!(matches!(outcomes[0], Ok(0)));
        assert!(outcomes[1..].iter().all(|one| matches!(one, Err(OffloadError::Cancelled))));
    });
}

#[test]
fn each_item_of_a_batch_has_its_own_deadline() {
    for pool in [Pool::builder("batch late").threads(2).build(), Pool::cpu("batch late").threads(2).build()] {
        current_thread().block_on(async {
            let late = pool.settle(0..20, |_| panic!("it ran")).with_deadline(Duration::ZERO).await;
            assert_eq!(late.len(), 20);
            assert!(late.iter().all(|one| matches!(one, Err(OffloadError::DeadlineInQueue))), "{late:?}");
            // A thread may still be about to let go of the last one.
            rest(&pool).await;
            assert_eq!(pool.stats().expired(), 20);
            assert_eq!(pool.map(0..20, |n| n).with_deadline(Duration::MAX).await.unwrap().len(), 20);

            let (gate, token) = (Gate::new(), CancellationToken::new());
            let (first, heard) = (std::sync::Mutex::new(Some(gate.closure())), token.clone());
            let waits = move |n: u32| {
                let first = first.lock().unwrap().take();
                first.into_iter().for_each(|first| assert_eq!(first(), 1));
                (n, heard.is_cancelled())
            };
            let settled = pool.settle(0..2, waits).with_deadline(Duration::from_millis(20));
            let outcomes = settled.with_token(token.clone()).await;
            let missed = |one: &&Result<_, OffloadError>| {
                matches!(one, Err(OffloadError::DeadlineRunning | OffloadError::DeadlineInQueue))
            };
            // Whichever runs first waits for the gate; the other one has a thread, sooner or later.
            assert!(outcomes.iter().filter(missed).count() >= 1, "{outcomes:?}");
            assert!(outcomes.iter().all(|one| matches!(one, Ok((_, false))) || missed(&one)));
        });
    }
}

#[test]
fn a_try_map_makes_its_own_error_of_a_missed_deadline() {
    current_thread().block_on(async {
        let pool = Pool::builder("try late").threads(1).build();
        let late = pool.try_map(0..20, Ok::<u32, OffloadError>).with_deadline(Duration::ZERO).await;
        assert!(matches!(late, Err(OffloadError::DeadlineInQueue)), "{late:?}");
    });
}
