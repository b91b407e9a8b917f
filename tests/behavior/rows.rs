//! `Actor::stream_with`: what an actor's state gives, item by item.

use crate::pool::{Gate, current_thread, multi_thread};
use crate::support::setup;
use futures::{FutureExt, StreamExt, TryStreamExt};
use guard_runtime::offload::{Actor, OffloadError, Sink, Unwanted};
use guard_runtime::testing;
use rusqlite::Connection;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

const LONG: Duration = Duration::from_secs(3_600);
/// How many items a closure is ahead of its consumer.
const AHEAD: usize = 64;

/// What cannot be sent.
async fn numbers() -> Actor<Rc<Vec<usize>>> {
    Actor::spawn(|| Ok::<_, Infallible>(Rc::new((0..1_000).collect()))).await.unwrap()
}

/// All of them, until nobody reads on.
fn send_all(numbers: &mut Rc<Vec<usize>>, sink: &Sink<usize>) {
    let _ = numbers.iter().try_for_each(|n| sink.send(*n));
}

fn send_rows(connection: &Connection, sink: &Sink<rusqlite::Result<i64>>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT n FROM numbers ORDER BY n")?;
    for row in statement.query_map([], |row| row.get(0))? {
        if sink.send(row).is_err() {
            break;
        }
    }
    Ok(())
}

#[test]
fn the_rows_of_a_statement_come_in_their_order_and_the_connection_is_free_again() {
    setup();
    let violations = multi_thread().block_on(async {
        tokio::spawn(testing::capture(async {
            let db = Actor::spawn(Connection::open_in_memory).await.unwrap();
            let fill = "CREATE TABLE numbers (n INTEGER);
                WITH RECURSIVE some(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM some WHERE i < 999)
                INSERT INTO numbers SELECT i FROM some";
            db.with(move |connection| connection.execute_batch(fill)).await.unwrap().unwrap();
            for read in [1_000, 300, 1, 1_000] {
                let rows = db.stream_with(|connection, sink| {
                    if let Err(error) = send_rows(connection, sink) {
                        let _ = sink.send(Err(error));
                    }
                });
                let rows: Vec<i64> = rows.take(read).map(|row| row.unwrap().unwrap()).collect().await;
                assert_eq!(rows, (0..read as i64).collect::<Vec<_>>());
                // In the same connection, whether the rows were read to their end or not.
                let count = "SELECT count(*) FROM numbers";
                let count =
                    db.with(move |connection| connection.query_row(count, [], |row| row.get::<_, i64>(0)));
                assert_eq!(count.await.unwrap().unwrap(), 1_000);
            }
            let mut failed = db.stream_with(|_, sink: &Sink<rusqlite::Result<i64>>| {
                let _ = sink.send(Err(rusqlite::Error::QueryReturnedNoRows));
            });
            assert!(matches!(failed.next().await, Some(Ok(Err(rusqlite::Error::QueryReturnedNoRows)))));
            assert!(failed.next().await.is_none());
        }))
        .await
        .unwrap()
    });
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_slow_consumer_holds_the_closure_back_and_a_dropped_stream_ends_it() {
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let (actor, sent) = (numbers().await, Arc::new(AtomicUsize::new(0)));
            let counted = Arc::clone(&sent);
            let mut items = actor.stream_with(move |numbers, sink| {
                for n in numbers.iter().cycle() {
                    match sink.send(*n) {
                        Ok(()) => counted.fetch_add(1, Ordering::SeqCst),
                        Err(Unwanted(back)) => return assert_eq!((back, sink.is_unwanted()), (*n, true)),
                    };
                }
            });
            assert_eq!(sent.load(Ordering::SeqCst), 0, "nothing happens before it is polled");
            let next = tokio::spawn(actor.with(|numbers| numbers.len()));
            for taken in 0..200 {
                assert_eq!(items.next().await.unwrap().unwrap(), taken);
                assert!(sent.load(Ordering::SeqCst) <= taken + 1 + AHEAD);
            }
            let waiting = tokio::spawn(actor.with(|numbers| numbers.len()));
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished(), "the actor is taken");
            drop(items);
            assert_eq!(waiting.await.unwrap().unwrap(), 1_000);
            assert_eq!(next.await.unwrap().unwrap(), 1_000);
            // It may see that nobody wants more before its stream has given it up.
            let stats = actor.stats();
            assert_eq!((stats.abandoned() + stats.completed(), actor.is_poisoned()), (3, false));
        });
    }
}

#[test]
fn a_panic_comes_behind_the_items_and_poisons_the_actor() {
    current_thread().block_on(async {
        let actor = numbers().await;
        let items = actor.stream_with(|numbers, sink| {
            sink.send(numbers[7]).unwrap();
            panic!("after one");
        });
        let seen: Vec<_> = items.map(|item| item.map_err(|error| error.to_string())).collect().await;
        assert_eq!(seen, [Ok(7), Err("panicked: after one".to_owned())]);
        let refused: Vec<_> = actor.stream_with(send_all).collect().await;
        assert!(matches!(refused[..], [Err(OffloadError::Poisoned)]), "{refused:?}");
    });
}

#[test]
fn it_waits_where_the_mailbox_is_full_and_leaves_it_when_dropped() {
    current_thread().block_on(async {
        let make = || Ok::<_, Infallible>(Rc::new(vec![7]));
        let actor = Actor::builder("full").mailbox(0).spawn(make).await.unwrap();
        let gate = Gate::new();
        let closure = gate.closure();
        let running = tokio::spawn(actor.with(move |_| closure()));
        tokio::task::yield_now().await;
        gate.wait_for_one();
        assert!(matches!(actor.with(|_| ()).await, Err(OffloadError::QueueFull)));
        let mut waits = actor.stream_with(send_all);
        let mut dropped = actor.stream_with(|_, _: &Sink<u8>| panic!("it ran"));
        assert!(waits.next().now_or_never().is_none() && dropped.next().now_or_never().is_none());
        drop((dropped, actor.stream_with(|_, _: &Sink<u8>| panic!("it ran"))));
        assert_eq!((actor.stats().queued(), actor.stats().cancelled()), (1, 1));
        gate.open_for_one();
        assert_eq!(running.await.unwrap().unwrap(), 1);
        // It can be sent, though the state cannot.
        assert_eq!(tokio::spawn(waits.try_collect::<Vec<_>>()).await.unwrap().unwrap(), [7]);
    });
}

#[test]
fn a_shutdown_lists_it_until_it_is_dropped() {
    current_thread().block_on(async {
        let actor = numbers().await;
        let mut items = actor.stream_with(send_all);
        assert_eq!(items.next().await.unwrap().unwrap(), 0);
        let left = actor.shutdown(Duration::ZERO).await;
        assert_eq!(left.running().len(), 1, "more items than fit, and nobody takes them: {left}");
        drop(items);
        assert!(actor.shutdown(LONG).await.is_empty());
        let refused: Vec<_> = actor.stream_with(send_all).collect().await;
        assert!(matches!(refused[..], [Err(OffloadError::Closed)]), "{refused:?}");
    });
}

#[test]
fn inside_of_a_closure_of_the_same_actor_it_is_an_error() {
    current_thread().block_on(async {
        let (actor, handle) = (numbers().await, Handle::current());
        let inner = actor.clone();
        let nested = actor
            .with(move |_| handle.block_on(inner.stream_with(send_all).collect::<Vec<_>>()).pop().unwrap());
        assert!(matches!(nested.await.unwrap(), Err(OffloadError::Deadlock)));
        assert_eq!(actor.with(|numbers| numbers.len()).await.unwrap(), 1_000, "it goes on");
    });
}
