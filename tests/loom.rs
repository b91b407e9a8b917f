//! Model checks of what has atomics and locks of its own: every order of events, by loom. `LOOM_MAX_PREEMPTIONS` and a
//! release build (`ci/check.sh loom`) go deeper than the default.

// They are public in guard-runtime, and nobody's API here.
#![allow(unreachable_pub)]

// The very files, with loom's locks in place of std's.
#[path = "../guard-runtime/src/offload/slots/admission.rs"]
#[allow(dead_code)]
mod admission;
#[path = "../guard-runtime/src/offload/outcomes/counters.rs"]
#[allow(dead_code)]
mod books;
#[path = "../guard-runtime/src/offload/outcomes/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../guard-runtime/src/offload/streams/buffer.rs"]
#[allow(dead_code)]
mod feed;
#[path = "../guard-runtime/src/offload/threads/handoff.rs"]
#[allow(dead_code)]
mod post;
#[path = "../guard-runtime/src/offload/slots/queue.rs"]
#[allow(dead_code)]
mod queue;
#[path = "../guard-runtime/src/offload/jobs/task.rs"]
#[allow(dead_code)]
mod task;
#[path = "../guard-runtime/src/offload/outcomes/times.rs"]
#[allow(dead_code)]
mod times;

#[path = "loom/slots.rs"]
mod slots;

mod sync {
    //! loom's locks.

    pub(super) use loom::hint::spin_loop;
    pub(super) use loom::sync::atomic::AtomicBool;
    pub(super) use loom::sync::{Condvar, Mutex, Mutex as Latch, MutexGuard};
    pub(super) use loom::thread::yield_now;

    pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap()
    }

    pub(super) fn hold<T>(latch: &Latch<T>) -> MutexGuard<'_, T> {
        lock(latch)
    }

    pub(super) fn wait<'m, T>(told: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
        told.wait(guard).unwrap()
    }
}

use error::OffloadError;
use feed::{After, Feed, Found};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use post::Post;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use task::{Begun, End, Left, Progress, Task};

/// Explores all orders with at most this many preemptions, unless the environment says otherwise.
fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.check(model);
}

/// Counts its calls, in loom's terms.
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// What a thread does with a task; true if somebody got the outcome.
fn run(task: &Task<usize, usize>) -> Option<bool> {
    match task.begin(Instant::now()) {
        Begun::Run(f) => match task.end(Ok(f), Duration::ZERO) {
            End::Wanted(waker) => {
                task.publish_end();
                waker.into_iter().for_each(Waker::wake);
                Some(true)
            }
            End::Unwanted { .. } => Some(false),
        },
        Begun::Expired(..) => unreachable!("there is no deadline"),
        Begun::Gone => None,
    }
}

#[test]
fn an_outcome_is_either_polled_or_announced() {
    check(3, || {
        let woken = Arc::new(Woken(AtomicUsize::new(0)));
        let task = Arc::new(Task::new(7, Instant::now(), None, None));
        let thread = thread::spawn({
            let task = Arc::clone(&task);
            move || run(&task)
        });
        let waker = Waker::from(Arc::clone(&woken));
        let polled = task.poll(&Context::from_waker(&waker));
        assert_eq!(thread.join().unwrap(), Some(true));
        match polled {
            Poll::Ready(settled) => assert!(matches!(settled.result, Ok(7))),
            Poll::Pending => {
                assert_eq!(woken.0.load(Ordering::Acquire), 1, "nobody would ask again");
                let Poll::Ready(settled) = task.poll(&Context::from_waker(&waker)) else {
                    panic!("it has ended")
                };
                assert!(matches!(settled.result, Ok(7)));
            }
        }
    });
}

#[test]
fn what_is_detached_is_dropped_by_the_thread_or_comes_back() {
    check(3, || {
        let task: Arc<Task<usize, usize>> = Arc::new(Task::new(7, Instant::now(), None, None));
        let thread = thread::spawn({
            let task = Arc::clone(&task);
            move || run(&task)
        });
        let back = task.detach();
        assert_eq!(
            thread.join().unwrap(),
            Some(back.is_some()),
            "it was run, and somebody drops the outcome"
        );
    });
}

#[test]
fn a_closure_is_run_dropped_or_refused_by_exactly_one() {
    check(3, || {
        let task: Arc<Task<usize, usize>> = Arc::new(Task::new(7, Instant::now(), None, None));
        let runs = thread::spawn({
            let task = Arc::clone(&task);
            move || run(&task)
        });
        let refuses = thread::spawn({
            let task = Arc::clone(&task);
            move || {
                let refused = task.refuse(OffloadError::Closed).is_some();
                drop(task.publish());
                refused
            }
        });
        let left = task.leave();
        let ran = runs.join().unwrap();
        let refused = refuses.join().unwrap();
        // Who counts it, and who is counted.
        let outcome = (matches!(left, Left::Unrun(_)), refused, ran.is_some());
        assert_eq!(
            [outcome.0, outcome.1, outcome.2].into_iter().filter(|took| *took).count(),
            1,
            "{outcome:?}"
        );
        match left {
            Left::Running { .. } => assert_eq!(ran, Some(false), "the outcome was dropped by the thread"),
            Left::Done(settled) => assert!(settled.result.is_ok() == (ran == Some(true))),
            Left::Unrun(_) => assert_eq!(ran, None),
            Left::Nothing => unreachable!("it leaves once"),
        }
        assert!(matches!(task.progress(), Progress::Over | Progress::Abandoned { .. }));
    });
}

/// Polls a feed to its end as an executor would: again when it was woken. The items, and whether it ended.
fn drain(feed: &Feed<usize, ()>, at_most: usize) -> Vec<usize> {
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut items = Vec::new();
    while items.len() < at_most {
        let before = woken.0.load(Ordering::Acquire);
        match feed.poll(&Context::from_waker(&waker)) {
            Poll::Ready(Found::Item { item, .. }) => items.push(item),
            Poll::Ready(Found::Ended) => break,
            // Not woken any more would be an endless loop, which loom reports.
            Poll::Pending => {
                while woken.0.load(Ordering::Acquire) == before {
                    thread::yield_now();
                }
            }
        }
    }
    items
}

#[test]
fn a_feed_gives_every_item_in_order_and_then_the_end() {
    check(2, || {
        let feed = Arc::new(Feed::<usize, ()>::new(1, None));
        let sends = thread::spawn({
            let feed = Arc::clone(&feed);
            move || {
                for item in 0..3 {
                    feed.push_wait(item).unwrap();
                }
                feed.end();
            }
        });
        assert_eq!(drain(&feed, usize::MAX), [0, 1, 2]);
        sends.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_room_learns_that_the_stream_has_gone() {
    check(3, || {
        let feed = Arc::new(Feed::<usize, ()>::new(1, None));
        let sends = thread::spawn({
            let feed = Arc::clone(&feed);
            move || (0..3).take_while(|item| feed.push_wait(*item).is_ok()).count()
        });
        let taken = drain(&feed, 1);
        assert_eq!(taken, [0]);
        feed.leave();
        // Taken, and perhaps one more that lay in the buffer, or that was on its way.
        assert!((1..=2).contains(&sends.join().unwrap()));
        assert!(feed.is_unwanted());
    });
}

#[test]
fn an_iterator_that_rests_is_found_by_one_of_both_sides() {
    check(3, || {
        let feed = Arc::new(Feed::<usize, ()>::new(1, None));
        let makes = thread::spawn({
            let feed = Arc::clone(&feed);
            move || match feed.push(0) {
                After::Full => feed.park(()).is_some(),
                After::Stop => true,
                After::GoOn => panic!("it has room for one"),
            }
        });
        let taken = drain(&feed, 1);
        let found = feed.unpark().is_some();
        let kept = makes.join().unwrap();
        assert_eq!(taken, [0]);
        // Parked behind the look of the stream, it is found by the next one.
        let later = feed.unpark().is_some();
        assert_eq!([found, kept, later].into_iter().filter(|has| *has).count(), 1);
    });
}

#[test]
fn what_is_put_for_a_thread_is_taken_or_comes_back() {
    check(3, || {
        let post = Arc::new(Post::new());
        let puts = thread::spawn({
            let post = Arc::clone(&post);
            move || post.put(1).is_none()
        });
        let closes = thread::spawn({
            let post = Arc::clone(&post);
            move || post.close()
        });
        // A thread that nobody wakes would be a deadlock, which loom reports.
        let taken: Vec<usize> = std::iter::from_fn(|| post.take()).collect();
        let kept = puts.join().unwrap();
        closes.join().unwrap();
        assert_eq!(taken, if kept { vec![1] } else { vec![] });
        assert_eq!((post.put(2), post.take()), (Some(2), None));
    });
}

#[test]
fn a_thread_takes_what_is_put_while_it_is_at_work() {
    check(3, || {
        let post = Arc::new(Post::new());
        let works = thread::spawn({
            let post = Arc::clone(&post);
            move || std::iter::from_fn(|| post.take()).sum::<usize>()
        });
        // The second one comes when the first was taken, or instead of it.
        let back = [1, 2].map(|item| post.put(item).unwrap_or(0));
        post.close();
        assert_eq!(works.join().unwrap() + back[0] + back[1], 3);
    });
}
