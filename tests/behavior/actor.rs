//! `Actor`: a state that stays on its thread.

use crate::pool::{Announced, Gate, PanicsInDrop, current_thread, multi_thread};
use crate::support::{block, handled, panic_of, poll_once, read_a_file, setup};
use guard_runtime::offload::{Actor, OffloadError};
use guard_runtime::{Here, Kind, Pool, guard, here, testing};
use rusqlite::Connection;
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;
use tokio::runtime::Handle;

const LONG: Duration = Duration::from_secs(3_600);

async fn numbers() -> Actor<Vec<u32>> {
    Actor::spawn(|| Ok::<_, Infallible>(Vec::new())).await.unwrap()
}

#[test]
fn the_state_is_made_used_and_dropped_on_one_thread() {
    struct State {
        here: thread::ThreadId,
        // What must not leave its thread.
        count: Rc<u32>,
        dropped: std::sync::mpsc::Sender<thread::ThreadId>,
    }
    impl Drop for State {
        fn drop(&mut self) {
            let _ = self.dropped.send(thread::current().id());
        }
    }
    for runtime in [current_thread(), multi_thread()] {
        let (dropped, was_dropped) = channel();
        let here = runtime.block_on(async {
            let make = || {
                let here = thread::current().id();
                Ok::<_, Infallible>(State { here, count: Rc::new(0), dropped })
            };
            let actor = Actor::builder("thread bound").spawn(make).await.unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..100 {
                tasks.spawn(actor.with(|state| {
                    assert_eq!(thread::current().name(), Some("thread bound"));
                    *Rc::get_mut(&mut state.count).unwrap() += 1;
                    (thread::current().id(), state.here)
                }));
            }
            for seen in tasks.join_all().await {
                let (ran, made) = seen.unwrap();
                assert_eq!(ran, made);
            }
            assert_eq!(actor.with(|state| *state.count).await.unwrap(), 100);
            actor.with(|state| state.here).await.unwrap()
        });
        assert_ne!(here, thread::current().id());
        assert_eq!(was_dropped.recv(), Ok(here), "the last handle is gone");
    }
}

#[test]
fn a_database_is_used_from_many_tasks() {
    setup();
    let violations = multi_thread().block_on(async {
        tokio::spawn(testing::capture(async {
            let db = Actor::spawn(Connection::open_in_memory).await.unwrap();
            assert_eq!(db.name(), "Connection");
            let table = "CREATE TABLE numbers (n INTEGER)";
            db.with(move |connection| connection.execute_batch(table)).await.unwrap().unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            for n in 0..50 {
                let insert = "INSERT INTO numbers VALUES (?1)";
                tasks.spawn(db.with(move |connection| connection.execute(insert, [n])));
            }
            assert!(tasks.join_all().await.into_iter().all(|done| done.unwrap().unwrap() == 1));
            let sum = "SELECT sum(n) FROM numbers";
            let sum = db.with(move |connection| connection.query_row(sum, [], |row| row.get::<_, i64>(0)));
            assert_eq!(sum.await.unwrap().unwrap(), 49 * 50 / 2);
            let dropped = db.with(|connection| connection.is_autocommit());
            drop(dropped);
            assert!(db.shutdown(LONG).await.is_empty());
        }))
        .await
        .unwrap()
    });
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_state_that_cannot_be_made_is_an_error_at_once() {
    current_thread().block_on(async {
        let failed = Actor::spawn(|| Connection::open("no/such/folder/file.db")).await;
        assert!(failed.unwrap_err().to_string().contains("unable to open"));
    });
    let make = || -> Result<u8, Infallible> { panic!("no device") };
    let text = panic_of(|| current_thread().block_on(async { Actor::spawn(make).await.is_ok() }));
    assert_eq!(text, "no device");
}

#[test]
fn given_up_when_the_state_has_just_been_made_it_is_dropped() {
    struct Told(Sender<()>);
    impl Wake for Told {
        fn wake(self: Arc<Self>) {
            self.0.send(()).unwrap();
        }
    }
    let ((told, is_told), (dropped, was_dropped)) = (channel(), channel());
    let (gate, state) = (Gate::new(), Announced(dropped, "state"));
    let closure = gate.closure();
    let make = move || {
        closure();
        Ok::<_, Infallible>(state)
    };
    let mut spawning = Box::pin(Actor::spawn(make));
    let waker = Waker::from(Arc::new(Told(told)));
    assert!(spawning.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    gate.open_for_one();
    // It is made, and its thread has been told that somebody wants it.
    is_told.recv().unwrap();
    drop(spawning);
    assert_eq!(was_dropped.recv_timeout(Duration::from_secs(60)), Ok("state"));
}

#[test]
fn first_come_first_served_and_what_does_not_fit_is_refused() {
    current_thread().block_on(async {
        let gate = Gate::new();
        let actor =
            Actor::builder("full").mailbox(2).spawn(|| Ok::<_, Infallible>(Vec::new())).await.unwrap();
        let closure = gate.closure();
        let running = tokio::spawn(actor.with(move |_| closure()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        let queued = [1, 2].map(|n| tokio::spawn(actor.with(move |all: &mut Vec<u32>| all.push(n))));
        tokio::task::yield_now().await;
        let refused = actor.with(|all| all.push(3)).await;
        assert!(matches!(refused, Err(OffloadError::QueueFull)));
        assert_eq!((actor.stats().busy(), actor.stats().queued(), actor.stats().rejected()), (1, 2, 1));
        gate.open_for_one();
        assert_eq!(running.await.unwrap().unwrap(), 1);
        for one in queued {
            one.await.unwrap().unwrap();
        }
        assert_eq!(actor.with(|all| all.clone()).await.unwrap(), [1, 2]);
    });
}

#[test]
fn dropped_in_the_mailbox_it_never_runs() {
    current_thread().block_on(async {
        let (actor, gate) = (numbers().await, Gate::new());
        let closure = gate.closure();
        let running = tokio::spawn(actor.with(move |_| closure()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        let queued = tokio::spawn(actor.with(|_| panic!("it ran")));
        tokio::task::yield_now().await;
        queued.abort();
        assert!(queued.await.unwrap_err().is_cancelled());
        let late = actor.with(|_| panic!("it ran")).with_deadline(Duration::from_millis(1)).await;
        assert!(matches!(late, Err(OffloadError::DeadlineInQueue)));
        gate.open_for_one();
        running.await.unwrap().unwrap();
        assert_eq!(
            (actor.stats().cancelled(), actor.stats().expired(), actor.stats().completed()),
            (1, 1, 1)
        );
    });
}

#[test]
fn a_panic_poisons_it_with_a_clear_error() {
    current_thread().block_on(async {
        let (actor, gate) = (numbers().await, Gate::new());
        let closure = gate.closure();
        let panics = tokio::spawn(actor.with(move |_| -> u8 {
            closure();
            panic!("half way")
        }));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        let waiting = tokio::spawn(actor.with(|_| panic!("it ran")));
        tokio::task::yield_now().await;
        assert!(!actor.is_poisoned());
        gate.open_for_one();
        assert_eq!(panics.await.unwrap().unwrap_err().to_string(), "panicked: half way");
        let poisoned = waiting.await.unwrap();
        assert!(matches!(poisoned, Err(OffloadError::Poisoned)), "{poisoned:?}");
        assert!(actor.is_poisoned());
        let error = actor.with(|_| panic!("it ran")).await.unwrap_err();
        assert!(error.is_unrun());
        assert!(error.to_string().contains("an earlier closure of this actor panicked"), "{error}");
        assert!(actor.shutdown(LONG).await.is_empty());
    });
}

#[test]
fn a_value_whose_drop_panics_does_not_end_it() {
    current_thread().block_on(async {
        let (actor, gate) = (numbers().await, Gate::new());
        for detached in [false, true] {
            let closure = gate.closure();
            let mut running = actor.with(move |_| {
                closure();
                PanicsInDrop
            });
            assert!(poll_once(std::pin::Pin::new(&mut running)).is_pending());
            gate.wait_for_one();
            if detached {
                running.detach()
            } else {
                drop(running)
            }
            gate.open_for_one();
            assert_eq!(actor.with(|all| all.len()).await.unwrap(), 0);
        }
        assert!(actor.shutdown(LONG).await.is_empty());
    });
}

#[test]
fn a_name_may_be_any_text() {
    current_thread().block_on(async {
        let actor = Actor::builder("a\0b").spawn(|| Ok::<_, Infallible>(())).await.unwrap();
        let name = actor.with(|()| thread::current().name().map(str::to_owned));
        assert_eq!(name.await.unwrap().as_deref(), Some("ab"));
    });
}

#[test]
fn waiting_for_itself_is_an_error_and_reported() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let actor = numbers().await;
            let (inner, handle) = (actor.clone(), Handle::current());
            let outcome = actor.with(move |all| {
                all.push(1);
                handle.block_on(inner.with(|all| all.push(2)))
            });
            let nested = outcome.await.unwrap();
            assert!(matches!(nested, Err(OffloadError::Deadlock)), "{nested:?}");
            assert_eq!(nested.unwrap_err().to_string(), "it would wait for itself");
            assert_eq!(actor.with(|all| all.clone()).await.unwrap(), [1], "it goes on");
        });
    }
    let found = handled("actor::waiting_for_itself_is_an_error_and_reported");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].kind(), Kind::Pool);
    assert!(found[0].to_string().starts_with("actor `Vec` waits for itself: "), "{}", found[0]);
}

#[test]
fn another_actor_and_a_pool_may_be_waited_for() {
    current_thread().block_on(async {
        let (one, two) = (numbers().await, numbers().await);
        let handle = Handle::current();
        let sum = one.with(move |_| {
            let there = handle.block_on(two.with(|_| 3)).unwrap();
            let _in = handle.enter();
            there + handle.block_on(guard_runtime::offload(|| 4))
        });
        assert_eq!(sum.await.unwrap(), 7);
    });
}

#[test]
fn shutdown_drains_and_drops_the_state() {
    current_thread().block_on(async {
        let (dropped, was_dropped) = channel();
        let state = Announced(dropped, "state");
        let actor = Actor::spawn(move || Ok::<_, Infallible>(state)).await.unwrap();
        let gate = Gate::new();
        let closure = gate.closure();
        let running = tokio::spawn(actor.with(move |_| closure()));
        tokio::task::yield_now().await;
        gate.wait_for_one();

        let left = actor.shutdown(Duration::from_millis(1)).await;
        assert_eq!((left.cancelled(), left.running().len()), (0, 1), "{left}");
        assert!(matches!(actor.with(|_| ()).await, Err(OffloadError::Closed)));
        assert!(was_dropped.try_recv().is_err());
        gate.open_for_one();
        assert!(actor.shutdown(LONG).await.is_empty());
        assert_eq!(was_dropped.try_recv(), Ok("state"));
        assert_eq!(running.await.unwrap().unwrap(), 1);
        assert!(actor.shutdown(LONG).await.is_empty(), "again");
    });
}

#[test]
fn shutdown_tells_that_the_state_is_still_being_dropped() {
    struct Slow(std::sync::mpsc::Receiver<()>);
    impl Drop for Slow {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }
    current_thread().block_on(async {
        let (release, wait) = channel();
        let actor = Actor::spawn(move || Ok::<_, Infallible>(Slow(wait))).await.unwrap();
        let left = actor.shutdown(Duration::ZERO).await;
        assert!(left.is_dropping() && !left.is_empty());
        assert_eq!(left.to_string(), "the state is still being dropped");
        drop(release);
        let left = actor.shutdown(LONG).await;
        assert!(!left.is_dropping() && left.is_empty(), "{left}");
    });
}

#[test]
fn a_closure_knows_where_it_runs() {
    current_thread().block_on(async {
        let actor = Actor::builder("there").spawn(|| Ok::<_, Infallible>(())).await.unwrap();
        assert_eq!(actor.with(|()| here()).await.unwrap(), Here::Pool("there"));
        let pool = Pool::builder("here").build();
        assert_eq!(pool.run(here).await.unwrap(), Here::Pool("here"));
        assert_eq!(Here::Pool("here").to_string(), "the pool here");
    });
}

#[test]
fn it_outlives_its_runtime() {
    let actor = current_thread().block_on(numbers());
    let pushed = current_thread().block_on(actor.with(|all| {
        all.push(7);
        all.len()
    }));
    assert_eq!(pushed.unwrap(), 1);
    assert_eq!(crate::support::run(actor.with(|all| all.len())).unwrap(), 1, "without any runtime");
}

#[test]
fn a_spawn_that_nobody_waits_for_drops_the_state() {
    let (dropped, was_dropped) = channel();
    let gate = Gate::new();
    let (closure, state) = (gate.closure(), Announced(dropped, "state"));
    {
        let make = move || {
            closure();
            Ok::<_, Infallible>(state)
        };
        let mut spawning = Box::pin(Actor::spawn(make));
        assert!(poll_once(spawning.as_mut()).is_pending());
        gate.wait_for_one();
    }
    gate.open_for_one();
    assert_eq!(was_dropped.recv(), Ok("state"));
}

#[test]
fn blocking_in_it_is_no_violation_and_after_it_is_one() {
    setup();
    let violations = current_thread().block_on(testing::capture(async {
        let actor = numbers().await;
        actor
            .with(|_| {
                read_a_file();
                block();
                // Whatever is polled on this thread holds up no executor.
                futures::executor::block_on(guard(async { read_a_file() }));
            })
            .await
            .unwrap();
        block();
    }));
    assert_eq!(violations.len(), 1, "{violations:?}");
}

#[test]
fn its_futures_can_be_sent_whatever_the_state_is() {
    fn is_send<T: Send>(_: &T) {}
    current_thread().block_on(async {
        let actor = Actor::spawn(|| Ok::<_, Infallible>(Rc::new(1))).await.unwrap();
        let run = actor.with(|state| **state);
        is_send(&run);
        is_send(&actor);
        assert_eq!(tokio::spawn(run).await.unwrap().unwrap(), 1);
    });
}
