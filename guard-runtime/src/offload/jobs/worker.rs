//! A slot at work: runs one job, and then those that wait, for as long as there are any.

use super::OffloadError;
use super::admission::{Next, Patience, Slot, Starts};
use super::books::Account;
use super::inside::Inside;
use super::job::{AnyJob, Behind, Lent, Work, drop_caught};
use super::relief;
use super::shared::Shared;
use super::sync::hold;
use std::cell::{Cell, RefCell};
use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;
use tokio::runtime::{Handle, Id};

/// To be worked off on a thread of the pool. Dropped instead, as by a runtime that was shut down, it gives up on the
/// jobs of that runtime.
pub(super) struct Runner<S: 'static> {
    shared: Arc<Shared<S>>,
    held: Held<S>,
    /// The runtime whose thread this takes, for jobs of that one.
    home: Option<Id>,
    /// Whether its thread is for one job alone.
    is_apart: bool,
}

enum Held<S> {
    /// Nothing yet: no thread has come.
    Starting,
    /// The slot keeps the job until [`Runner::end`].
    Busy(Slot, Lent<S>),
    /// Without a job.
    Lingering(Slot),
    /// Without a job, while others' work on this thread goes first.
    Paused(Slot),
    Nothing,
}

impl<S> Runner<S> {
    /// A thread to be, for jobs of that runtime.
    pub(super) fn starting(shared: &Arc<Shared<S>>, home: Option<&Handle>) -> Runner<S> {
        Runner {
            shared: Arc::clone(shared),
            held: Held::Starting,
            home: home.map(Handle::id),
            is_apart: false,
        }
    }

    /// With a job already, and for no other one.
    pub(super) fn apart(shared: &Arc<Shared<S>>, slot: Slot, job: Lent<S>) -> Runner<S> {
        Runner { shared: Arc::clone(shared), held: Held::Busy(slot, job), home: None, is_apart: true }
    }

    /// Runs the job that it has.
    pub(super) fn work_apart(self, state: &mut S) {
        self.run(state);
    }

    /// Runs jobs until none waits.
    pub(super) fn work(mut self, state: &mut S) {
        let mut without_threads = hold(&self.shared.without_threads);
        if *without_threads == self.home {
            *without_threads = None;
        }
        drop(without_threads);
        let begun = self.shared.admission.begin(self.home);
        self.go_on(begun);
        self.run(state);
    }

    fn run(mut self, state: &mut S) {
        let inside = Inside::enter(&self.shared);
        let is_nested = inside.is_nested();
        let shared = Arc::clone(&self.shared);
        let (quantum, patience) = (shared.threads.quantum(), shared.threads.patience());
        // For how many nanoseconds of it others' work has waited.
        let mut busy = 0_u64;
        let mut behind = Behind::Nothing;
        while let Held::Busy(_, lent) = &self.held {
            // SAFETY: the slot keeps the job until `end` gives it back, and then it is `ended`, which lives longer.
            let job = unsafe { lent.get() };
            let mut ended = None;
            let mut then = Behind::Nothing;
            let waker = job.run(state, &shared, behind, &mut |at, account| {
                busy = busy.saturating_add(account.times.map_or(0, |(_, ran)| ran));
                // What waits below on this thread, for other work of its own, must not wait for all that is queued.
                ended = self.end(job, account, is_nested || busy >= quantum);
                then = match self.held {
                    // The clock need not be read again.
                    Held::Busy(..) => Behind::Job(at),
                    _ => Behind::Nothing,
                };
            });
            behind = then;
            // An executor's code: there may be other jobs to do, whatever it does.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.into_iter().for_each(Waker::wake)));
            // A span's end is a subscriber's code, too.
            drop_caught(ended);
            if is_nested {
                return;
            }
            if let Held::Paused(_) = self.held {
                behind = if shared.threads.give_way() { Behind::Nothing } else { Behind::Job(None) };
                busy = 0;
                self.resume();
            }
            self.linger(patience);
        }
    }

    /// The job has ended, and comes back. Gets the next one, or begins to linger, or to `pause`.
    fn end(&mut self, job: &dyn Work<S>, account: Account, pause: bool) -> Option<AnyJob<S>> {
        match replace(&mut self.held, Held::Nothing) {
            Held::Busy(slot, _) if self.is_apart => {
                let ended = self.shared.admission.pause(&slot, job.site(), account);
                let left = self.shared.admission.leave(slot);
                self.go_on(left);
                // There may be others for whose sake the slot is to be lent again.
                relief::look_again();
                ended
            }
            Held::Busy(slot, _) if pause => {
                let ended = self.shared.admission.pause(&slot, job.site(), account);
                self.held = Held::Paused(slot);
                ended
            }
            Held::Busy(slot, _) => {
                let (ended, next, starts) = self.shared.admission.next(slot, self.home, job.site(), account);
                self.go_on((next, starts));
                ended
            }
            held => {
                self.held = held;
                None
            }
        }
    }

    fn resume(&mut self) {
        match replace(&mut self.held, Held::Nothing) {
            Held::Paused(slot) => {
                let resumed = self.shared.admission.resume(slot, self.home);
                self.go_on(resumed);
            }
            held => self.held = held,
        }
    }

    fn linger(&mut self, patience: Patience) {
        match replace(&mut self.held, Held::Nothing) {
            Held::Lingering(slot) => {
                let lingered = self.shared.admission.linger(slot, self.home, patience);
                self.go_on(lingered);
            }
            held => self.held = held,
        }
    }

    fn go_on(&mut self, (next, starts): (Next<AnyJob<S>>, Starts<AnyJob<S>>)) {
        self.held = match next {
            Next::Run(slot, job) => Held::Busy(slot, job),
            Next::Linger(slot) => Held::Lingering(slot),
            Next::Free { over } => {
                if over {
                    self.shared.over.notify_waiters();
                }
                Held::Nothing
            }
        };
        for job in starts {
            self.shared.start(job.home());
            drop_caught(job);
        }
    }
}

impl<S> Drop for Runner<S> {
    fn drop(&mut self) {
        if let Held::Starting = self.held {
            for job in self.shared.admission.forsake(self.home) {
                job.refuse(OffloadError::Closed, &self.shared);
            }
            if self.shared.admission.is_over() {
                self.shared.over.notify_waiters();
            }
            return;
        }
        self.linger(Patience::NONE);
        let slot = match replace(&mut self.held, Held::Nothing) {
            Held::Busy(slot, lent) => {
                // Something has escaped that never should, or kept it from being run.
                // SAFETY: the slot keeps the job until `pause`.
                let job = unsafe { lent.get() };
                job.refuse(OffloadError::Closed, &self.shared);
                drop_caught(self.shared.admission.pause(&slot, job.site(), Account::default()));
                slot
            }
            Held::Paused(slot) => slot,
            Held::Starting | Held::Lingering(_) | Held::Nothing => return,
        };
        let left = self.shared.admission.leave(slot);
        self.go_on(left);
    }
}

thread_local! {
    static STARTING: Cell<Starting> = const { Cell::new(Starting::No) };
    static PENDING: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Starting {
    No,
    One,
    /// And more are pending.
    More,
}

/// Starts a thread for a runner, on the runtime `home`.
///
/// A runtime that was shut down drops the runner at once, whose drop may start the next one: not deeper in the stack,
/// but from here.
pub(super) fn start_thread<S: 'static>(runner: Runner<S>, home: Option<&Handle>) {
    if STARTING.get() != Starting::No {
        let home = home.cloned();
        STARTING.set(Starting::More);
        let hand_over = Box::new(move || hand_over(runner, home.as_ref()));
        return PENDING.with_borrow_mut(|pending| pending.push(hand_over));
    }
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            STARTING.set(Starting::No);
        }
    }
    STARTING.set(Starting::One);
    let _reset = Reset;
    hand_over(runner, home);
    while STARTING.get() == Starting::More {
        match PENDING.with_borrow_mut(Vec::pop) {
            Some(hand_over) => hand_over(),
            None => break,
        }
    }
}

fn hand_over<S: 'static>(runner: Runner<S>, home: Option<&Handle>) {
    // Handing over takes locks, and may start a thread.
    let _allowed = crate::region::allow("handing over to a pool");
    let shared = Arc::clone(&runner.shared);
    shared.threads.start(home, runner);
}
