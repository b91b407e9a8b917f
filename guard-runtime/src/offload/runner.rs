//! A slot at work: runs one job, and then those that wait, for as long as there are any.

use super::OffloadError;
use super::admission::{Entry, Next, Patience, Slot, Start};
use super::books::Account;
use super::inside::Inside;
use super::job::{AnyJob, Lent, Work, drop_caught};
use super::shared::Shared;
use super::sync::hold;
use std::cell::{Cell, RefCell};
use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;
use tokio::runtime::{Handle, Id};

/// To be worked off on a thread of the pool. Dropped instead, as by a runtime that was shut down, it gives up on the
/// jobs of that runtime and leaves the slot to others.
pub(super) struct Runner<S: 'static> {
    shared: Arc<Shared<S>>,
    held: Held<S>,
    /// The runtime whose thread this takes.
    home: Option<Id>,
    /// Whether a thread has come.
    begun: bool,
}

enum Held<S> {
    /// Whose thread has not come yet.
    Starting(Slot),
    /// The slot keeps the job until [`Runner::end`].
    Busy(Slot, Lent<S>),
    /// Without a job.
    Lingering(Slot),
    /// Without a job, while others' work on this thread goes first.
    Paused(Slot),
    Nothing,
}

impl<S> Runner<S> {
    /// Runs jobs until none waits.
    pub(super) fn work(mut self, state: &mut S) {
        let inside = Inside::enter(&self.shared);
        let shared = Arc::clone(&self.shared);
        self.begun = true;
        *hold(&shared.without_threads) = None;
        self.begin();
        let quantum = shared.threads.quantum();
        // For how many nanoseconds of it others' work has waited.
        let mut busy = 0_u64;
        // When the job before ended, if this one came right behind it: the clock need not be read again.
        let mut now = None;
        while let Held::Busy(_, lent) = &self.held {
            // SAFETY: the slot keeps the job until `end` gives it back, and then it is `ended`, which lives longer.
            let job = unsafe { lent.get() };
            if job.home().map(Handle::id) != self.home {
                // It may ask for its own runtime, and this one may be shutting down.
                return;
            }
            let mut ended = None;
            let mut then = None;
            let waker = job.run(state, &shared, now, &mut |at, account| {
                busy = busy.saturating_add(account.times.map_or(0, |(_, ran)| ran));
                ended = self.end(job, account, busy >= quantum);
                then = at.filter(|_| matches!(self.held, Held::Busy(..)));
            });
            now = then;
            // An executor's code: there may be other jobs to do, whatever it does.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.into_iter().for_each(Waker::wake)));
            // What it gave is in it, if it was detached.
            drop_caught(ended);
            if inside.is_nested() {
                // What waits below on this thread, for other work of its own, must not wait for all that is queued.
                self.resume();
                self.linger(Patience::NONE);
                return;
            }
            if let Held::Paused(_) = self.held {
                shared.threads.give_way();
                busy = 0;
                self.resume();
            }
            self.linger(shared.threads.patience());
        }
    }

    /// A thread has come, or never will.
    fn begin(&mut self) {
        match replace(&mut self.held, Held::Nothing) {
            Held::Starting(slot) => {
                let (next, other) = self.shared.admission.begin(slot, self.home);
                self.hold(next);
                self.start(other);
            }
            held => self.held = held,
        }
    }

    /// The job has ended, and comes back. Gets the next one, or begins to linger, or to `pause`.
    fn end(&mut self, job: &dyn Work<S>, account: Account, pause: bool) -> Option<AnyJob<S>> {
        match replace(&mut self.held, Held::Nothing) {
            Held::Busy(slot, _) if pause => {
                let ended = self.shared.admission.pause(&slot, job.site(), account);
                self.held = Held::Paused(slot);
                ended
            }
            Held::Busy(slot, _) => {
                let (ended, next) = self.shared.admission.next(slot, job.site(), account);
                self.hold(next);
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
                let (next, other) = self.shared.admission.resume(slot);
                self.hold(next);
                self.start(other);
            }
            held => self.held = held,
        }
    }

    fn linger(&mut self, patience: Patience) {
        match replace(&mut self.held, Held::Nothing) {
            Held::Lingering(slot) => {
                let (next, other) = self.shared.admission.linger(slot, patience);
                self.hold(next);
                self.start(other);
            }
            held => self.held = held,
        }
    }

    fn hold(&mut self, next: Next<AnyJob<S>>) {
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
    }

    fn start(&self, other: Option<Start<AnyJob<S>>>) {
        if let Some(Start { slot, job }) = other {
            start_thread(Runner::starting(&self.shared, slot, &job), job.home());
        }
    }

    /// A thread to be, that will look for a job like this one.
    pub(super) fn starting(shared: &Arc<Shared<S>>, slot: Slot, job: &AnyJob<S>) -> Runner<S> {
        Runner { shared: Arc::clone(shared), held: Held::Starting(slot), home: job.group(), begun: false }
    }
}

impl<S> Drop for Runner<S> {
    fn drop(&mut self) {
        self.begin();
        self.resume();
        loop {
            self.linger(Patience::NONE);
            let Held::Busy(_, lent) = &self.held else { return };
            // SAFETY: the slot keeps the job until `end`, which is called after its last use, or in another runner.
            let job = unsafe { lent.get() };
            let home = job.home().cloned();
            let group = home.as_ref().map(Handle::id);
            if !self.begun && group == self.home {
                job.refuse(OffloadError::Closed, &self.shared);
                let ended = self.end(job, Account::default(), false);
                drop_caught(ended);
                continue;
            }
            // It goes to a thread of its own runtime, or behind what waits here, along with the slot.
            let held = replace(&mut self.held, Held::Nothing);
            let runner = Runner { shared: Arc::clone(&self.shared), held, home: group, begun: false };
            return start_thread(runner, home.as_ref());
        }
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
