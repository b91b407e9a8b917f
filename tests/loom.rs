//! Model checks of what has atomics and locks of its own: every order of events, by loom. `LOOM_MAX_PREEMPTIONS` and a
//! release build (`ci/check.sh loom`) go deeper than the default.

// They are public in guard-runtime, and nobody's API here.
#![allow(unreachable_pub)]

// The very files, with loom's locks in place of std's.
#[path = "../guard-runtime/src/region/notes/bell.rs"]
#[allow(dead_code)]
mod bell;
#[path = "../guard-runtime/src/offload/streams/buffer.rs"]
#[allow(dead_code)]
mod buffer;
#[path = "loom/futex.rs"]
mod futex;
#[path = "../guard-runtime/src/offload/threads/handoff.rs"]
#[allow(dead_code)]
mod handoff;
#[path = "loom/offload.rs"]
mod offload;
#[path = "../guard-runtime/src/offload/jobs/task.rs"]
#[allow(dead_code)]
mod task;

#[path = "loom/slots.rs"]
mod slots;

use bell::Bell;
use buffer::{Buffer, Found, Pushed};
use handoff::Handoff;
use loom::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use loom::thread;
use offload::outcomes::OffloadError;
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

/// Polls a buffer to its end as an executor would: again when it was woken. The items, and whether it ended.
fn drain(buffer: &Buffer<usize, ()>, at_most: usize) -> Vec<usize> {
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut items = Vec::new();
    while items.len() < at_most {
        let before = woken.0.load(Ordering::Acquire);
        match buffer.poll(&Context::from_waker(&waker)) {
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
fn a_buffer_gives_every_item_in_order_and_then_the_end() {
    check(2, || {
        let buffer = Arc::new(Buffer::<usize, ()>::new(1, None));
        let sends = thread::spawn({
            let buffer = Arc::clone(&buffer);
            move || {
                for item in 0..3 {
                    buffer.push_wait(item).unwrap();
                }
                buffer.end();
            }
        });
        assert_eq!(drain(&buffer, usize::MAX), [0, 1, 2]);
        sends.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_room_learns_that_the_stream_has_gone() {
    check(3, || {
        let buffer = Arc::new(Buffer::<usize, ()>::new(1, None));
        let sends = thread::spawn({
            let buffer = Arc::clone(&buffer);
            move || (0..3).take_while(|item| buffer.push_wait(*item).is_ok()).count()
        });
        let taken = drain(&buffer, 1);
        assert_eq!(taken, [0]);
        buffer.leave();
        // Taken, and perhaps one more that lay in the buffer, or that was on its way.
        assert!((1..=2).contains(&sends.join().unwrap()));
        assert!(buffer.is_unwanted());
    });
}

#[test]
fn an_iterator_that_rests_is_found_by_one_of_both_sides() {
    check(3, || {
        let buffer = Arc::new(Buffer::<usize, ()>::new(1, None));
        let makes = thread::spawn({
            let buffer = Arc::clone(&buffer);
            move || match buffer.push(0) {
                Pushed::Full => buffer.park(()).is_some(),
                Pushed::Stop => true,
                Pushed::GoOn => panic!("it has room for one"),
            }
        });
        let taken = drain(&buffer, 1);
        let found = buffer.unpark().is_some();
        let kept = makes.join().unwrap();
        assert_eq!(taken, [0]);
        // Parked behind the look of the stream, it is found by the next one.
        let later = buffer.unpark().is_some();
        assert_eq!([found, kept, later].into_iter().filter(|has| *has).count(), 1);
    });
}

#[test]
fn what_is_put_for_a_thread_is_taken_or_comes_back() {
    check(3, || {
        let handoff = Arc::new(Handoff::new());
        let puts = thread::spawn({
            let handoff = Arc::clone(&handoff);
            move || handoff.put(1).is_none()
        });
        let closes = thread::spawn({
            let handoff = Arc::clone(&handoff);
            move || handoff.close()
        });
        // A thread that nobody wakes would be a deadlock, which loom reports.
        let taken: Vec<usize> = std::iter::from_fn(|| handoff.take()).collect();
        let kept = puts.join().unwrap();
        closes.join().unwrap();
        assert_eq!(taken, if kept { vec![1] } else { vec![] });
        assert_eq!((handoff.put(2), handoff.take()), (Some(2), None));
    });
}

#[test]
fn a_thread_takes_what_is_put_while_it_is_at_work() {
    check(3, || {
        let handoff = Arc::new(Handoff::new());
        let works = thread::spawn({
            let handoff = Arc::clone(&handoff);
            move || std::iter::from_fn(|| handoff.take()).sum::<usize>()
        });
        // The second one comes when the first was taken, or instead of it.
        let back = [1, 2].map(|item| handoff.put(item).unwrap_or(0));
        handoff.close();
        assert_eq!(works.join().unwrap() + back[0] + back[1], 3);
    });
}

#[test]
fn whatever_is_noted_is_taken_by_a_thread_that_sleeps_in_between() {
    check(2, || {
        let bell = Arc::new(Bell::new(AtomicU32::new(0)));
        let noted = Arc::new(AtomicUsize::new(0));
        assert!(bell.appoint() && !bell.appoint() && bell.has_thread());
        let takes = thread::spawn({
            let (bell, noted) = (Arc::clone(&bell), Arc::clone(&noted));
            move || {
                let mut taken = 0;
                // One that sleeps though something is noted would be a deadlock, which loom reports.
                while taken < 2 {
                    bell.rest(|| noted.load(Ordering::Relaxed) > 0);
                    taken += noted.swap(0, Ordering::Relaxed);
                }
            }
        });
        let notes = thread::spawn({
            let (bell, noted) = (Arc::clone(&bell), Arc::clone(&noted));
            move || {
                noted.fetch_add(1, Ordering::Relaxed);
                assert!(bell.ring());
            }
        });
        noted.fetch_add(1, Ordering::Relaxed);
        assert!(bell.ring());
        notes.join().unwrap();
        takes.join().unwrap();
    });
}
