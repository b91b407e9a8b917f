//! Model checks of what has atomics and locks of its own: every order of events, by loom. `LOOM_MAX_PREEMPTIONS` and a
//! release build (`ci/check.sh loom`) go deeper than the default.

// They are public in guard-runtime, and nobody's API here.
#![allow(unreachable_pub)]

// The very files, with loom's locks in place of std's.
#[path = "../guard-runtime/src/offload/admission.rs"]
#[allow(dead_code)]
mod admission;
#[path = "../guard-runtime/src/offload/books.rs"]
#[allow(dead_code)]
mod books;
#[path = "../guard-runtime/src/offload/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../guard-runtime/src/offload/feed.rs"]
#[allow(dead_code)]
mod feed;
#[path = "../guard-runtime/src/offload/queue.rs"]
#[allow(dead_code)]
mod queue;
#[path = "../guard-runtime/src/offload/task.rs"]
#[allow(dead_code)]
mod task;
#[path = "../guard-runtime/src/offload/times.rs"]
#[allow(dead_code)]
mod times;

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

use admission::{Admission, Entry, Next, Patience, Refusal, Slot, Start, Submitted};
use books::{Account, Outcome};
use error::OffloadError;
use feed::{After, Feed, Found};
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread::{self, JoinHandle};
use queue::Key;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use task::{Begun, Left, Progress, Task};

/// Explores all orders with at most this many preemptions, unless the environment says otherwise.
fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.check(model);
}

/// A job is its number; those of one group may never find a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Job(usize, char);

impl Entry for Job {
    type Group = char;
    type Site = ();
    type Lent = Job;

    fn group(&self) -> char {
        self.1
    }

    fn lend(&self) -> Job {
        *self
    }

    fn since(&self) -> Instant {
        Instant::now()
    }
}

/// A pool as `Runner` makes one of an `Admission`, with loom's threads.
struct Pool {
    admission: Admission<Job>,
    ran: [AtomicUsize; 3],
    at_once: AtomicUsize,
    limit: usize,
    over: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    fn new(limit: usize, room: usize) -> Arc<Pool> {
        Arc::new(Pool {
            admission: Admission::new(limit, room),
            ran: std::array::from_fn(|_| AtomicUsize::new(0)),
            at_once: AtomicUsize::new(0),
            limit,
            over: AtomicUsize::new(0),
            threads: Mutex::new(Vec::new()),
        })
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<Key, Refusal> {
        match self.admission.submit(job, false, false) {
            Submitted::Queued { key, start, .. } => {
                self.start(start);
                Ok(key)
            }
            Submitted::Refused(_, refusal) => Err(refusal),
        }
    }

    fn start(self: &Arc<Self>, start: Option<Start<Job>>) {
        let Some(Start { slot, job }) = start else { return };
        let pool = Arc::clone(self);
        let thread = thread::spawn(move || pool.work(slot, job.group()));
        self.threads.lock().unwrap().push(thread);
    }

    fn work(self: &Arc<Self>, slot: Slot, group: char) {
        let (mut next, other) = self.admission.begin(slot, group);
        self.start(other);
        loop {
            next = match next {
                Next::Run(slot, job) => {
                    let running = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
                    assert!(running <= self.limit, "more at once than there are slots");
                    self.ran[job.0].fetch_add(1, Ordering::Relaxed);
                    self.at_once.fetch_sub(1, Ordering::Relaxed);
                    self.admission.next(slot, (), Outcome::Completed.into()).1
                }
                Next::Linger(slot) => {
                    let (next, other) = self.admission.linger(slot, Patience { spins: 1, yields: 0 });
                    self.start(other);
                    next
                }
                Next::Free { over } => {
                    self.over.fetch_add(usize::from(over), Ordering::Relaxed);
                    return;
                }
            };
        }
    }

    fn join(&self) {
        loop {
            let thread = self.threads.lock().unwrap().pop();
            let Some(thread) = thread else { return };
            thread.join().unwrap();
        }
    }

    fn times(&self, job: usize) -> usize {
        self.ran[job].load(Ordering::Relaxed)
    }
}

#[test]
fn every_job_runs_once_whoever_hands_it_in() {
    for limit in [1, 2] {
        check(2, move || {
            let pool = Pool::new(limit, 9);
            let other = thread::spawn({
                let pool = Arc::clone(&pool);
                move || pool.submit(Job(0, 'a')).unwrap()
            });
            pool.submit(Job(1, 'a')).unwrap();
            other.join().unwrap();
            pool.join();
            assert_eq!((pool.times(0), pool.times(1)), (1, 1));
        });
    }
}

#[test]
fn a_job_handed_in_while_its_thread_is_about_to_leave_is_not_lost() {
    check(3, || {
        let pool = Pool::new(1, 9);
        pool.submit(Job(0, 'a')).unwrap();
        pool.submit(Job(1, 'a')).unwrap();
        pool.submit(Job(2, 'a')).unwrap();
        pool.join();
        assert_eq!([0, 1, 2].map(|job| pool.times(job)), [1, 1, 1]);
    });
}

#[test]
fn a_thread_that_never_comes_for_one_group_holds_up_no_other() {
    check(2, || {
        let pool = Pool::new(2, 9);
        // Its runtime has no thread to spare: nobody works this slot off.
        let Submitted::Queued { key, start: Some(stuck), .. } =
            pool.admission.submit(Job(0, 'a'), false, false)
        else {
            panic!("there is room");
        };
        pool.submit(Job(1, 'b')).unwrap();
        assert!(!pool.admission.withdraw(key, (), Account::default()));
        pool.submit(Job(2, 'b')).unwrap();
        pool.join();
        assert_eq!((pool.times(1), pool.times(2)), (1, 1));
        let _ = stuck;
    });
}

#[test]
fn withdrawn_means_that_no_thread_finds_it() {
    check(3, || {
        let pool = Pool::new(1, 9);
        pool.submit(Job(0, 'a')).unwrap();
        let key = pool.submit(Job(1, 'a')).unwrap();
        let before = pool.admission.present().queued;
        pool.admission.withdraw(key, (), Account::default());
        // Either it had been taken, and runs, or it is gone.
        let after = pool.admission.present().queued;
        assert!(after <= before);
        pool.join();
        assert_eq!(pool.times(0), 1);
        assert!(pool.times(1) <= 1);
        assert_eq!(pool.admission.present().queued, 0);
    });
}

#[test]
fn the_end_of_a_closed_pool_is_told_and_not_before() {
    check(2, || {
        let pool = Pool::new(2, 9);
        pool.submit(Job(0, 'a')).unwrap();
        pool.submit(Job(1, 'a')).unwrap();
        pool.admission.close();
        assert_eq!(pool.submit(Job(2, 'a')), Err(Refusal::Closed));
        let over = pool.admission.is_over();
        if over {
            assert_eq!((pool.times(0), pool.times(1)), (1, 1));
        }
        pool.join();
        assert!(over || pool.over.load(Ordering::Relaxed) > 0, "whoever waits for the end is not told");
        assert!(pool.admission.is_over());
        assert_eq!((pool.times(0), pool.times(1), pool.times(2)), (1, 1, 0));
    });
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
            Ok(waker) => {
                task.publish_end();
                waker.into_iter().for_each(Waker::wake);
                Some(true)
            }
            Err(_) => Some(false),
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
