//! Who may run and who waits: a pool as `Worker` makes one of an `Admission`, and closures that several might run.

use crate::check;
use crate::offload::outcomes::{Outcome, Sample};
use crate::offload::slots::{Admission, Entry, Key, Loan, Next, Patience, Refusal, Slot, Submitted};
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread::{self, JoinHandle};
use std::sync::Arc;
use std::time::Instant;

/// A job is its number; those of one group may never find a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Job(usize, char);

impl Entry for Job {
    type Group = char;
    type Site = ();
    type Ref = Job;
    type Loan = Waits;

    fn to_ref(&self) -> Job {
        *self
    }

    fn since(&self) -> Instant {
        Instant::now()
    }
}

/// A job that waits for another one, which has its slot.
#[derive(Clone)]
struct Waits(Arc<AtomicBool>);

impl Waits {
    fn new() -> Waits {
        Waits(Arc::new(AtomicBool::new(true)))
    }

    fn no_more(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Loan for Waits {
    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A pool as `Worker` makes one of an `Admission`, with loom's threads.
struct Pool {
    admission: Admission<Job>,
    ran: [AtomicUsize; 3],
    at_once: AtomicUsize,
    limit: usize,
    /// Groups whose runtime has no thread to spare.
    without: &'static str,
    after: After,
    over: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What a thread does at the end of a job.
#[derive(Clone, Copy)]
enum After {
    Next,
    /// Others' work, and then the next job.
    Pause,
    /// Goes, for others' sake.
    Leave,
}

impl Pool {
    fn new(limit: usize, room: usize) -> Arc<Pool> {
        Pool::with(limit, room, "", After::Next)
    }

    fn with(limit: usize, room: usize, without: &'static str, after: After) -> Arc<Pool> {
        Arc::new(Pool {
            admission: Admission::new(limit, room),
            ran: std::array::from_fn(|_| AtomicUsize::new(0)),
            at_once: AtomicUsize::new(0),
            limit,
            without,
            after,
            over: AtomicUsize::new(0),
            threads: Mutex::new(Vec::new()),
        })
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<Key, Refusal> {
        match self.admission.submit(job, job.1, false, false) {
            Submitted::Queued { key, start, .. } => {
                if start {
                    self.start(job.1);
                }
                Ok(key)
            }
            Submitted::Refused(_, refusal) => Err(refusal),
        }
    }

    fn start(self: &Arc<Self>, group: char) {
        if self.without.contains(group) {
            return;
        }
        let pool = Arc::clone(self);
        let thread = thread::spawn(move || pool.work(group));
        self.threads.lock().unwrap().push(thread);
    }

    fn go_on(self: &Arc<Self>, (next, starts): (Next<Job>, Vec<Job>)) -> Next<Job> {
        starts.iter().for_each(|job| self.start(job.1));
        next
    }

    fn work(self: &Arc<Self>, group: char) {
        self.go_through(self.go_on(self.admission.begin(group)), group);
    }

    fn go_through(self: &Arc<Self>, mut next: Next<Job>, group: char) {
        loop {
            next = match next {
                Next::Run(slot, job) => {
                    assert_eq!(job.1, group, "it runs on others' threads");
                    self.run(job);
                    self.end(slot, group)
                }
                Next::Linger(slot) => {
                    self.go_on(self.admission.linger(slot, group, Patience { spins: 1, yields: 0 }))
                }
                Next::Free { over } => {
                    self.over.fetch_add(usize::from(over), Ordering::Relaxed);
                    return;
                }
            };
        }
    }

    fn run(&self, job: Job) {
        let running = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(running <= self.limit, "more at once than there are slots");
        self.ran[job.0].fetch_add(1, Ordering::Relaxed);
        self.at_once.fetch_sub(1, Ordering::Relaxed);
    }

    /// A thread for a job alone.
    fn run_apart(self: &Arc<Self>, slot: Slot, job: Job) {
        self.run(job);
        self.admission.pause(&slot, (), Outcome::Completed.into());
        self.go_on(self.admission.leave(slot));
    }

    fn end(self: &Arc<Self>, slot: Slot, group: char) -> Next<Job> {
        let completed = Outcome::Completed.into();
        let left = match self.after {
            After::Next => {
                let (_, next, starts) = self.admission.next(slot, group, (), completed);
                (next, starts)
            }
            After::Pause => {
                self.admission.pause(&slot, (), completed);
                self.admission.resume(slot, group)
            }
            After::Leave => {
                self.admission.pause(&slot, (), completed);
                self.admission.leave(slot)
            }
        };
        self.go_on(left)
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
    for limit in [1, 2] {
        for after in [After::Next, After::Pause, After::Leave] {
            check(2, move || {
                let pool = Pool::with(limit, 9, "a", after);
                let key = pool.submit(Job(0, 'a')).unwrap();
                let other = thread::spawn({
                    let pool = Arc::clone(&pool);
                    move || pool.submit(Job(1, 'b')).unwrap()
                });
                pool.submit(Job(2, 'b')).unwrap();
                other.join().unwrap();
                pool.join();
                assert_eq!([0, 1, 2].map(|job| pool.times(job)), [0, 1, 1]);
                assert!(!pool.admission.withdraw(key, (), Sample::default()));
            });
        }
    }
}

#[test]
fn groups_take_turns_where_all_their_threads_come() {
    for after in [After::Next, After::Pause, After::Leave] {
        check(2, move || {
            let pool = Pool::with(1, 9, "", after);
            pool.submit(Job(0, 'a')).unwrap();
            pool.submit(Job(1, 'b')).unwrap();
            pool.join();
            assert_eq!([0, 1].map(|job| pool.times(job)), [1, 1]);
        });
    }
}

#[test]
fn a_group_does_not_keep_the_only_slot_from_another_one_whose_turn_it_is() {
    check(1, || {
        let pool = Pool::with(1, 9, "ab", After::Next);
        let sample = || Outcome::Completed.into();
        pool.submit(Job(0, 'a')).unwrap();
        let (Next::Run(slot, Job(0, 'a')), starts) = pool.admission.begin('a') else { panic!("it is there") };
        assert_eq!(starts, []);
        pool.submit(Job(1, 'b')).unwrap();
        pool.submit(Job(2, 'a')).unwrap();
        let (_, Next::Free { over: false }, starts) = pool.admission.next(slot, 'a', (), sample()) else {
            panic!("it is the other one's turn")
        };
        assert_eq!(starts, [Job(1, 'b'), Job(2, 'a')], "whoever comes first");
        let (Next::Run(slot, Job(2, 'a')), _) = pool.admission.begin('a') else { panic!("it has come") };
        pool.submit(Job(3, 'a')).unwrap();
        // The other one has had its chance, and may never come.
        let (_, Next::Run(slot, Job(3, 'a')), _) = pool.admission.next(slot, 'a', (), sample()) else {
            panic!("it goes on")
        };
        assert!(matches!(pool.admission.begin('b'), (Next::Free { .. }, _)), "too late");
        let (_, Next::Free { .. }, starts) = pool.admission.next(slot, 'a', (), sample()) else {
            panic!("nothing is left to it")
        };
        assert_eq!(starts, [Job(1, 'b')]);
        let (Next::Run(_, Job(1, 'b')), _) = pool.admission.begin('b') else { panic!("in the end") };
    });
}

#[test]
fn whoever_waits_for_a_runtime_that_ends_is_found_by_it_or_by_its_thread() {
    check(3, || {
        // Its only thread was started before, and is dropped unrun.
        let pool = Pool::with(1, 9, "a", After::Next);
        pool.submit(Job(0, 'a')).unwrap();
        let ends = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.admission.give_up_on('a').len()
        });
        let Submitted::Queued { start, .. } = pool.admission.submit(Job(1, 'a'), 'a', false, false) else {
            panic!("there is room");
        };
        let refused = ends.join().unwrap();
        // Who came too late for the first end has a thread started, which is dropped as well.
        assert_eq!((refused, start), if refused == 2 { (2, false) } else { (1, true) });
        let later = if start { pool.admission.give_up_on('a').len() } else { 0 };
        assert_eq!((refused + later, pool.admission.snapshot().queued), (2, 0));
    });
}

#[test]
fn a_slot_is_lent_to_one_and_comes_back() {
    check(2, || {
        let pool = Pool::with(1, 9, "a", After::Next);
        pool.submit(Job(0, 'a')).unwrap();
        let (Next::Run(slot, _), _) = pool.admission.begin('a') else { panic!("it is there") };
        let key = pool.submit(Job(1, 'a')).unwrap();
        let other = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit(Job(2, 'b')).unwrap()
        });
        assert!(pool.admission.admit_out_of_turn(key, None).is_none(), "there is no slot but the lent one");
        let (lent, job) = pool.admission.admit_out_of_turn(key, Some(Waits::new())).expect("it waits");
        assert!(pool.admission.admit_out_of_turn(key, Some(Waits::new())).is_none(), "it is gone");
        let apart = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.run_apart(lent, job)
        });
        // As the job that waits: it runs again when the other one has ended.
        apart.join().unwrap();
        pool.run(Job(0, 'a'));
        pool.go_through(pool.end(slot, 'a'), 'a');
        other.join().unwrap();
        pool.join();
        assert_eq!([0, 1, 2].map(|job| pool.times(job)), [1, 1, 1]);
        let snapshot = pool.admission.snapshot();
        assert_eq!((snapshot.slots.len(), snapshot.lent, snapshot.queued), (0, 0, 0));
    });
}

#[test]
fn a_slot_whose_lender_ends_first_is_not_used_twice() {
    check(3, || {
        let pool = Pool::with(1, 9, "", After::Next);
        let waits = Waits::new();
        pool.submit(Job(0, 'a')).unwrap();
        let (Next::Run(slot, _), _) = pool.admission.begin('a') else {
            // The thread that was started for it was first.
            return pool.join();
        };
        let key = pool.submit(Job(1, 'a')).unwrap();
        pool.submit(Job(2, 'a')).unwrap();
        let apart = thread::spawn({
            let (pool, waits) = (Arc::clone(&pool), waits.clone());
            move || {
                if let Some((lent, job)) = pool.admission.admit_out_of_turn(key, Some(waits)) {
                    pool.run_apart(lent, job);
                }
            }
        });
        // It gives up, and ends.
        waits.no_more();
        pool.go_through(pool.end(slot, 'a'), 'a');
        apart.join().unwrap();
        pool.join();
        assert_eq!([1, 2].map(|job| pool.times(job)), [1, 1]);
        assert!(pool.admission.snapshot().slots.is_empty());
    });
}

#[test]
fn a_job_whose_thread_comes_late_is_run_by_one_thread() {
    check(3, || {
        let pool = Pool::with(1, 9, "a", After::Next);
        let key = pool.submit(Job(0, 'a')).unwrap();
        let comes = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.work('a')
        });
        if let Some((slot, job)) = pool.admission.admit_out_of_turn(key, None) {
            pool.run_apart(slot, job);
        }
        comes.join().unwrap();
        // The slot is there for others, and nobody waits for what is gone.
        pool.submit(Job(1, 'b')).unwrap();
        pool.join();
        assert_eq!(([0, 1].map(|job| pool.times(job)), pool.admission.snapshot().queued), ([1, 1], 0));
    });
}

#[test]
fn withdrawn_means_that_no_thread_finds_it() {
    check(3, || {
        let pool = Pool::new(1, 9);
        pool.submit(Job(0, 'a')).unwrap();
        let key = pool.submit(Job(1, 'a')).unwrap();
        let before = pool.admission.snapshot().queued;
        pool.admission.withdraw(key, (), Sample::default());
        // Either it had been taken, and runs, or it is gone.
        let after = pool.admission.snapshot().queued;
        assert!(after <= before);
        pool.join();
        assert_eq!(pool.times(0), 1);
        assert!(pool.times(1) <= 1);
        assert_eq!(pool.admission.snapshot().queued, 0);
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
