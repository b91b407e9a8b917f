//! `Pool::map`, `try_map` and `settle`.

use crate::pool::{Gate, current_thread, multi_thread};
use crate::support::{panic_of, poll_once, read_a_file, setup};
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};
use guard_runtime::offload::OffloadError;
use guard_runtime::{Pool, testing};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn count() -> (Arc<AtomicUsize>, impl Fn() + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    (count, move || {
        counted.fetch_add(1, Ordering::SeqCst);
    })
}

#[test]
fn values_come_in_the_order_of_the_items() {
    for runtime in [current_thread(), multi_thread()] {
        let pool = Pool::builder("map").threads(3).build();
        let spun = runtime.block_on(async {
            pool.map(0..500_u64, |n| {
                (0..n % 7 * 50).for_each(|_| std::hint::spin_loop());
                n * 2
            })
            .await
        });
        assert_eq!(spun.unwrap(), (0..500).map(|n| n * 2).collect::<Vec<u64>>());
        assert_eq!((pool.stats().completed(), pool.stats().queued()), (500, 0));
    }
}

#[test]
fn nothing_gives_nothing() {
    let pool = Pool::builder("empty").build();
    // No runtime is needed for it either.
    assert!(crate::support::run(async { pool.map(Vec::<u8>::new(), |n| n).await }).unwrap().is_empty());
    assert!(crate::support::run(pool.settle(None::<u8>, |n| n)).is_empty());
}

#[test]
fn no_more_items_are_on_their_way_than_allowed() {
    current_thread().block_on(async {
        let (asked, ask) = count();
        let pool = Pool::builder("bounded").threads(2).build();
        let items = (0..100).inspect(move |_| ask());
        let mut values = pool.map(items, |n| n).in_flight(5);
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing happens before it is polled");
        for taken in 0..20 {
            assert_eq!(values.next().await.unwrap().unwrap(), taken);
            let asked = asked.load(Ordering::SeqCst);
            assert!(asked <= taken + 5, "{asked} items asked for {taken} taken");
        }
        assert_eq!(values.size_hint(), (100 - 20, Some(100 - 20)));
    });
}

#[test]
fn a_small_queue_is_waited_for() {
    current_thread().block_on(async {
        let pool = Pool::builder("small").threads(1).queue(0).build();
        let values = pool.map(0..100, |n| n).in_flight(10).await;
        assert_eq!(values.unwrap().len(), 100);
        assert_eq!(pool.stats().rejected(), 0);
    });
}

#[test]
fn a_panic_is_one_items_error() {
    current_thread().block_on(async {
        let pool = Pool::builder("map panics").threads(2).build();
        let odd = |n: u32| if n & 1 == 0 { panic!("even {n}") } else { n };
        let error = pool.map([1, 2, 3], odd).await.unwrap_err();
        assert_eq!(error.to_string(), "panicked: even 2");

        let each: Vec<_> = pool.map(1..=4, odd).map(|result| result.ok()).collect().await;
        assert_eq!(each, [Some(1), None, Some(3), None], "a stream goes on");

        let outcomes = pool.settle(1..=4, odd).await;
        let shown: Vec<_> =
            outcomes.iter().map(|outcome| outcome.as_ref().map_err(ToString::to_string)).collect();
        let (two, four) = ("panicked: even 2".to_owned(), "panicked: even 4".to_owned());
        assert_eq!(shown, [Ok(&1), Err(two), Ok(&3), Err(four)]);
    });
}

#[test]
fn the_first_error_takes_back_the_rest_at_once() {
    current_thread().block_on(async {
        let pool = Pool::builder("map fails").threads(1).build();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let fails = move |n: u32| {
            assert_ne!(n, 0, "the first");
            let _ = wait.lock().unwrap().recv();
        };
        let mut all = pool.map(0..100, fails).in_flight(8).into_future();
        assert!((&mut all).await.is_err());
        // The thread may have taken up the next one before.
        let stats = pool.stats();
        assert_eq!((stats.queued(), stats.cancelled() + stats.abandoned()), (0, 7), "{stats}");
        assert!(panic_of(|| poll_once(std::pin::Pin::new(&mut all))).contains("after completion"));
        drop(release);
    });
}

#[test]
fn the_future_of_all_values_has_a_name() {
    // Which `futures::StreamExt`, in scope here, has as well.
    current_thread().block_on(async {
        let pool = Pool::builder("named").threads(2).build();
        let (mapped, tried) = (pool.map(0..9, |n| n), pool.try_map(0..9, Ok::<i32, OffloadError>));
        let (mapped, tried) = tokio::join!(mapped.into_future(), tried.into_future());
        assert_eq!(mapped.unwrap(), tried.unwrap());
        let late = tokio::time::timeout(Duration::from_secs(3_600), pool.map(0..9, |n| n));
        assert_eq!(late.await.unwrap().unwrap().len(), 9, "where it is asked for, it is one");
    });
}

#[test]
fn dropping_it_takes_back_what_has_not_begun() {
    current_thread().block_on(async {
        let (gate, pool) = (Gate::new(), Pool::builder("map dropped").threads(1).build());
        let taken = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let mut values = pool.map(0..100, |_| panic!("it ran")).in_flight(8);
        assert!(values.next().now_or_never().is_none());
        assert_eq!(pool.stats().queued(), 8);
        drop(values);
        assert_eq!((pool.stats().queued(), pool.stats().cancelled()), (0, 8));
        gate.open_for_one();
        assert_eq!(taken.await.unwrap(), 1);
    });
}

#[derive(Debug, PartialEq)]
enum Failure {
    At(u32),
    Pool(String),
}

impl From<OffloadError> for Failure {
    fn from(error: OffloadError) -> Failure {
        Failure::Pool(error.to_string())
    }
}

#[test]
fn the_first_error_by_order_is_the_result() {
    for runtime in [current_thread(), multi_thread()] {
        let pool = Pool::builder("try_map").threads(3).build();
        runtime.block_on(async {
            assert_eq!(pool.try_map(0..50, Ok::<u32, Failure>).await, Ok((0..50).collect()));
            for _ in 0..50 {
                let fails = |n: u32| if n % 10 == 9 { Err(Failure::At(n)) } else { Ok(n) };
                assert_eq!(pool.try_map(0..1_000, fails).await, Err(Failure::At(9)));
            }
            let panics = |n: u32| if n == 3 { panic!("three") } else { Ok::<u32, Failure>(n) };
            assert_eq!(pool.try_map(0..9, panics).await, Err(Failure::Pool("panicked: three".to_owned())));
            let values: Vec<_> = pool.try_map(0..9, panics).map(|result| result.ok()).collect().await;
            assert_eq!(values, [Some(0), Some(1), Some(2), None], "a stream ends with the error");
        });
    }
}

#[test]
fn behind_an_item_that_failed_nothing_begins() {
    current_thread().block_on(async {
        let pool = Pool::builder("fails fast").threads(1).build();
        let (ran, run) = count();
        let fails = move |n: u32| {
            run();
            if n == 2 { Err(Failure::At(n)) } else { Ok(n) }
        };
        let mut values = pool.try_map(0..100, fails).in_flight(50);
        assert_eq!(values.try_next().await, Ok(Some(0)));
        // The one thread has them in their order; what is behind the failed one is left out, whoever polls.
        while pool.stats().queued() > 0 || pool.stats().busy() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ran.load(Ordering::SeqCst), 3);
        assert_eq!(values.try_next().await, Ok(Some(1)));
        assert_eq!(values.try_next().await, Err(Failure::At(2)));
        assert_eq!(values.try_next().await, Ok(None));
        assert_eq!(ran.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn a_pool_that_shuts_down_gives_each_item_its_error() {
    current_thread().block_on(async {
        let pool = Pool::builder("map closed").threads(1).build();
        assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
        assert!(matches!(pool.map(0..3, |n| n).await, Err(OffloadError::Closed)));
        let outcomes = pool.settle(0..30, |n| n).await;
        assert_eq!(outcomes.len(), 30);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(OffloadError::Closed))));
        let failure = Failure::Pool("the pool was shut down".to_owned());
        assert_eq!(pool.try_map(0..3, Ok::<u32, Failure>).await, Err(failure));
    });
}

#[test]
fn nested_in_a_closure_of_the_same_pool_it_ends() {
    let pool = Pool::builder("map nested").threads(1).build();
    let inner = pool.clone();
    let sum = pool.run(move || {
        let handle = tokio::runtime::Handle::current();
        handle.block_on(async { inner.map(0..20, |n| n).await }).unwrap().into_iter().sum::<u32>()
    });
    assert_eq!(current_thread().block_on(sum).unwrap(), 190);
}

#[test]
fn nothing_of_it_is_a_violation() {
    setup();
    let pool = Pool::builder("map silent").threads(2).build();
    let violations = current_thread().block_on(testing::capture(async {
        pool.map(0..50, |_| read_a_file()).await.unwrap();
        pool.settle(0..50, |_| read_a_file()).await;
        let reads = |_| {
            read_a_file();
            Ok::<(), Failure>(())
        };
        pool.try_map(0..50, reads).await.unwrap();
        let mut dropped = pool.map(0..50, |_| read_a_file());
        let _ = poll_once(std::pin::pin!(dropped.next()));
    }));
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn times_are_attributed_to_the_call_of_map() {
    current_thread().block_on(async {
        let pool = Pool::builder("map site").build();
        let line = line!() + 1;
        pool.map(0..10, |n| n).await.unwrap();
        let stats = pool.stats();
        let [site] = stats.sites() else { panic!("{:?}", stats.sites()) };
        assert!(site.location().starts_with(&format!("{}:{line}:", file!())), "{}", site.location());
        assert_eq!(
            (site.function(), site.count()),
            ("behavior::fan::times_are_attributed_to_the_call_of_map", 10)
        );
    });
}
