//! Blocking iterators and closures as streams.

use crate::pool::{Announced, Gate, current_thread, multi_thread, occupied};
use crate::support::{read_a_file, setup};
use futures::{FutureExt, StreamExt, TryStreamExt};
use guard_runtime::offload::{OffloadError, Unwanted};
use guard_runtime::{Here, Pool, here, testing};
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Counts how often it is asked, and says when and where it is dropped.
struct Source {
    next: usize,
    end: usize,
    asked: Arc<AtomicUsize>,
    _dropped: Option<Announced>,
}

impl Source {
    fn new(end: usize) -> (Arc<AtomicUsize>, Source) {
        let asked = Arc::new(AtomicUsize::new(0));
        (Arc::clone(&asked), Source { next: 0, end, asked, _dropped: None })
    }
}

impl Iterator for Source {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        (self.next < self.end).then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

/// Waits until the pool rests.
pub(crate) async fn rest(pool: &Pool) {
    while pool.stats().busy() > 0 || pool.stats().queued() > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn all_items_come_in_their_order() {
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let pool = Pool::builder("stream").threads(1).build();
            for ahead in [1, 2, 7, 64, 5_000] {
                let (_, source) = Source::new(1_000);
                let items: Vec<usize> = pool.stream(move || source).ahead(ahead).try_collect().await.unwrap();
                assert_eq!(items, (0..1_000).collect::<Vec<_>>(), "{ahead} ahead");
            }
            assert_eq!(pool.stream(Vec::<u8>::new).count().await, 0);
        });
    }
}

#[test]
fn a_file_is_read_line_by_line() {
    setup();
    let pool = Pool::builder("lines").build();
    let violations = current_thread().block_on(testing::capture(async {
        let mut lines = pool.stream(|| {
            let file = std::fs::File::open("Cargo.toml").unwrap();
            std::io::BufReader::new(file).lines()
        });
        assert_eq!(lines.next().await.unwrap().unwrap().unwrap(), "[package]");
        drop(lines);
        let mut entries = pool.stream(|| std::fs::read_dir("behavior").unwrap()).ahead(2);
        let mut names = Vec::new();
        while let Some(entry) = entries.next().await {
            names.push(entry.unwrap().unwrap().file_name());
        }
        assert!(names.contains(&"streams.rs".into()), "{names:?}");
    }));
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_slow_consumer_stops_the_iterator_and_frees_the_thread() {
    current_thread().block_on(async {
        // A place in the queue: the stream may just be giving its thread back.
        let pool = Pool::builder("slow consumer").threads(1).queue(1).build();
        let (asked, source) = Source::new(1_000);
        let mut items = pool.stream(move || source).ahead(10);
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing happens before it is polled");
        for taken in 0..50 {
            assert_eq!(items.next().await.unwrap().unwrap(), taken);
            rest(&pool).await;
            assert_eq!(pool.run(|| 7).await.unwrap(), 7, "the only thread can be used for each item");
            let asked = asked.load(Ordering::SeqCst);
            assert!(asked <= taken + 1 + 10, "{asked} items asked for {taken} taken");
        }
    });
}

#[test]
fn dropping_it_stops_the_iterator_before_its_next_item() {
    current_thread().block_on(async {
        let (gate, pool) = (Gate::new(), Pool::builder("stopped").threads(1).build());
        let (dropped, was_dropped) = channel();
        let announced = Announced(dropped, "iterator");
        let (first, second) = (gate.closure(), gate.closure());
        let mut steps = [Some(first), Some(second), None].into_iter();
        let items = std::iter::from_fn(move || {
            let _held = &announced;
            steps.next().map(|step| step.expect("it stops before the third item")())
        });
        let mut items = pool.stream(move || items);
        assert!(items.next().now_or_never().is_none());
        gate.wait_for_one();
        gate.open_for_one();
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        gate.wait_for_one();
        drop(items);
        assert!(was_dropped.try_recv().is_err(), "the iterator is at work");
        gate.open_for_one();
        assert_eq!(was_dropped.recv(), Ok("iterator"));
    });
}

/// An endless iterator that says where it is dropped, on which thread.
fn says_where_it_is_dropped() -> (impl Iterator<Item = u8> + Send + 'static, Receiver<(Here, ThreadId)>) {
    struct Says(Sender<(Here, ThreadId)>);
    impl Drop for Says {
        fn drop(&mut self) {
            let _ = self.0.send((here(), thread::current().id()));
        }
    }
    let (where_, dropped) = channel();
    let says = Says(where_);
    (std::iter::repeat_with(move || (&says, 1).1), dropped)
}

#[test]
fn an_iterator_at_rest_is_dropped_on_the_pool() {
    current_thread().block_on(async {
        let pool = Pool::builder("dropped there").threads(1).build();
        let (items, dropped) = says_where_it_is_dropped();
        let mut items = pool.stream(move || items).ahead(4);
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        rest(&pool).await;
        drop(items);
        assert_eq!(dropped.recv().unwrap().0, Here::Pool("dropped there"));
    });
}

#[test]
fn a_computing_pool_drops_its_iterators_without_a_runtime_too() {
    let pool = Pool::cpu("computed there").threads(1).build();
    let (items, dropped) = says_where_it_is_dropped();
    let mut items = pool.stream(move || items).ahead(4);
    assert_eq!(current_thread().block_on(items.next()).unwrap().unwrap(), 1);
    current_thread().block_on(rest(&pool));
    drop(items);
    assert_eq!(dropped.recv().unwrap().0, Here::Pool("computed there"));
}

#[test]
fn after_a_shutdown_no_executor_drops_an_iterator() {
    current_thread().block_on(async {
        for pool in [Pool::builder("closed").threads(1).build(), Pool::cpu("closed").threads(1).build()] {
            let (items, dropped) = says_where_it_is_dropped();
            let mut items = pool.stream(move || items).ahead(4);
            assert_eq!(items.next().await.unwrap().unwrap(), 1);
            rest(&pool).await;
            assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
            drop(items);
            assert_ne!(dropped.recv().unwrap().1, thread::current().id());
        }
    });
}

#[test]
fn nor_is_one_dropped_there_that_the_shutdown_finds_in_the_queue() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("refused").threads(1).queue(1).build(), Gate::new());
        let (source, dropped) = says_where_it_is_dropped();
        let mut items = pool.stream(move || source).ahead(4);
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        rest(&pool).await;
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        // At half of what is made ahead, it asks for more.
        while pool.stats().queued() == 0 {
            assert_eq!(items.next().await.unwrap().unwrap(), 1);
        }
        let left = pool.shutdown(Duration::ZERO).await;
        assert_eq!((left.cancelled(), left.running().len()), (1, 1), "{left}");
        assert_ne!(dropped.recv().unwrap().1, thread::current().id());
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
    });
}

#[test]
fn without_a_runtime_whoever_drops_the_stream_drops_the_iterator() {
    let pool = Pool::builder("dropped here").threads(1).build();
    let (source, dropped) = says_where_it_is_dropped();
    let mut items = pool.stream(move || source).ahead(4);
    current_thread().block_on(async {
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        rest(&pool).await;
    });
    drop(items);
    assert_eq!(dropped.try_recv().unwrap().1, thread::current().id());
}

#[test]
fn dropped_before_it_begins_nothing_is_made() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(0);
        let mut items = pool.stream(|| -> Vec<u8> { panic!("it ran") });
        assert!(items.next().now_or_never().is_none());
        drop(items);
        drop(pool.stream(|| -> Vec<u8> { panic!("it ran") }));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        rest(&pool).await;
        assert_eq!(pool.stats().panicked(), 0);
    });
}

#[test]
fn a_panic_comes_behind_the_items_before_it_and_ends_the_stream() {
    current_thread().block_on(async {
        let pool = Pool::builder("stream panics").build();
        let items = pool.stream(|| (0..5).map(|n| if n == 3 { panic!("three") } else { n }));
        let seen: Vec<_> = items.map(|item| item.map_err(|error| error.to_string())).collect().await;
        assert_eq!(seen, [Ok(0), Ok(1), Ok(2), Err("panicked: three".to_owned())]);

        let mut unmade = pool.stream(|| -> Vec<u8> { panic!("no file") });
        assert_eq!(unmade.next().await.unwrap().unwrap_err().to_string(), "panicked: no file");
        assert!(unmade.next().await.is_none());
    });
}

#[test]
fn a_pool_that_shuts_down_is_an_error_behind_what_was_made() {
    current_thread().block_on(async {
        let pool = Pool::builder("stream closed").threads(1).build();
        let mut items = pool.stream(|| 0..1_000).ahead(4);
        assert_eq!(items.next().await.unwrap().unwrap(), 0);
        rest(&pool).await;
        assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
        let rest: Vec<_> = items.collect().await;
        let last = rest.len() - 1;
        assert!(rest[..last].iter().all(Result::is_ok) && last < 10, "{rest:?}");
        assert!(matches!(rest[last], Err(OffloadError::Closed)));
    });
}

#[test]
fn what_is_bound_to_its_thread_is_sent_item_by_item() {
    for runtime in [current_thread(), multi_thread()] {
        let pool = Pool::builder("sent").threads(1).build();
        let items: Vec<usize> = runtime
            .block_on(
                pool.stream_with(|sink| {
                    // Neither `Send` nor `'static`.
                    let table = std::rc::Rc::new((0..1_000).collect::<Vec<usize>>());
                    table.iter().try_for_each(|item| sink.send(*item)).unwrap();
                })
                .try_collect(),
            )
            .unwrap();
        assert_eq!(items, (0..1_000).collect::<Vec<_>>());
    }
}

#[test]
fn sending_waits_for_a_slow_consumer_and_ends_with_the_stream() {
    current_thread().block_on(async {
        let pool = Pool::builder("sent slowly").threads(1).build();
        let (sent, count) = (Arc::new(AtomicUsize::new(0)), channel());
        let counted = Arc::clone(&sent);
        let mut items = pool.stream_with(move |sink| {
            for item in 0.. {
                match sink.send(item) {
                    Ok(()) => counted.fetch_add(1, Ordering::SeqCst),
                    Err(Unwanted(item)) => {
                        assert!(sink.is_unwanted());
                        return count.0.send(item).unwrap();
                    }
                };
            }
        });
        for taken in 0..200_usize {
            assert_eq!(items.next().await.unwrap().unwrap(), taken);
            assert!(sent.load(Ordering::SeqCst) <= taken + 1 + 64);
        }
        drop(items);
        let unsent = count.1.recv().unwrap();
        assert!((200..200 + 65).contains(&unsent), "{unsent}");
    });
}

#[test]
fn a_closure_that_panics_while_sending_is_an_error_at_the_end() {
    current_thread().block_on(async {
        let pool = Pool::builder("sent panics").build();
        for _ in 0..50 {
            let items = pool.stream_with(|sink| {
                sink.send(1).unwrap();
                panic!("after one");
            });
            let seen: Vec<_> = items.map(|item| item.map_err(|error| error.to_string())).collect().await;
            assert_eq!(seen, [Ok(1), Err("panicked: after one".to_owned())]);
        }
        assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
        let mut refused = pool.stream_with(|sink| sink.send(1).unwrap());
        assert!(matches!(refused.next().await, Some(Err(OffloadError::Closed))));
        assert!(refused.next().await.is_none());
    });
}

#[test]
fn reading_files_in_a_sent_stream_is_no_violation() {
    setup();
    let pool = Pool::builder("sent silent").build();
    let violations = current_thread().block_on(testing::capture(async {
        let items = pool.stream_with(|sink| {
            for _ in 0..200 {
                read_a_file();
                sink.send(()).unwrap();
            }
        });
        assert_eq!(items.count().await, 200);
    }));
    assert!(violations.is_empty(), "{violations:?}");
}
