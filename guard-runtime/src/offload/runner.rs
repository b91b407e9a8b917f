//! A slot at work: runs one job, and then those that wait, for as long as there are any.

use super::OffloadError;
use super::admission::{Entry, Next, Patience, Slot, Start};
use super::books::Account;
use super::inside::{Inside, before_the_books};
use super::job::{AnyJob, drop_caught};
use super::shared::Shared;
use std::cell::{Cell, RefCell};
use std::mem::replace;
use std::sync::Arc;
use tokio::runtime::{Handle, Id};

/// To be worked off on a thread of the pool. Dropped instead, as by a runtime that was shut down, it gives up on the
/// jobs of that runtime and leaves the slot to others.
pub(super) struct Runner<S: 'static> {
    shared: Arc<Shared<S>>,
    slot: Held,
    job: Option<AnyJob<S>>,
    /// The runtime whose thread this takes.
    home: Option<Id>,
    /// Whether a thread has come.
    begun: bool,
    /// Of the books.
    page: usize,
}

enum Held {
    /// Whose thread has not come yet.
    Starting(Slot),
    /// With the job, or for the next one.
    Busy(Slot),
    /// Without a job.
    Lingering(Slot),
    Nothing,
}

impl<S> Runner<S> {
    /// Runs jobs until none waits.
    pub(super) fn work(mut self, state: &mut S) {
        let _inside = Inside::enter(&self.shared);
        self.begun = true;
        let shared = Arc::clone(&self.shared);
        self.look_on();
        // When the job before ended, if this one came right behind it: the clock need not be read again.
        let mut now = None;
        while self.job.as_ref().is_some_and(|job| self.is_home(job)) {
            let Some(job) = self.job.take() else { return };
            let (account, waker) = job.run(state, &shared, now, &mut |ended| {
                self.look_on();
                now = if self.job.is_some() { ended } else { None };
            });
            waker.into_iter().for_each(|waker| before_the_books(|| waker.wake()));
            // Last, because somebody waited. Whoever asks meanwhile waits for it: see `PoolStats::new`.
            self.shared.books.enter_ended(self.page, job.site(), account);
            // What it gave is in it, if it was detached.
            drop_caught(job);
            self.linger(self.shared.threads.patience());
        }
    }

    /// A closure of another runtime may ask for that one, and this one may be shutting down.
    fn is_home(&self, job: &AnyJob<S>) -> bool {
        job.group() == self.home
    }

    /// Gets the next job, or begins to linger.
    fn look_on(&mut self) {
        match replace(&mut self.slot, Held::Nothing) {
            Held::Starting(slot) => {
                let (next, other) = self.shared.admission.begin(slot, self.home);
                self.hold(next);
                self.start(other);
            }
            Held::Busy(slot) if self.job.is_none() => {
                let next = self.shared.admission.next(slot);
                self.hold(next);
            }
            held => self.slot = held,
        }
    }

    fn linger(&mut self, patience: Patience) {
        match replace(&mut self.slot, Held::Nothing) {
            Held::Lingering(slot) => {
                let (next, other) = self.shared.admission.linger(slot, patience);
                self.hold(next);
                self.start(other);
            }
            held => self.slot = held,
        }
    }

    fn hold(&mut self, next: Next<AnyJob<S>>) {
        self.slot = match next {
            Next::Run(slot, job) => {
                self.job = Some(job);
                Held::Busy(slot)
            }
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
        Runner {
            shared: Arc::clone(shared),
            page: slot.number(),
            slot: Held::Starting(slot),
            job: None,
            home: job.group(),
            begun: false,
        }
    }
}

impl<S> Drop for Runner<S> {
    fn drop(&mut self) {
        loop {
            self.look_on();
            self.linger(Patience::NONE);
            let Some(job) = self.job.take() else { return };
            if !self.begun && self.is_home(&job) {
                job.refuse(OffloadError::Closed, &self.shared.books);
                self.shared.books.enter_ended(self.page, job.site(), Account::default());
                continue;
            }
            // It goes to a thread of its own runtime, along with the slot.
            let slot = replace(&mut self.slot, Held::Nothing);
            let runner = Runner {
                shared: Arc::clone(&self.shared),
                page: self.page,
                slot,
                home: job.group(),
                job: Some(Arc::clone(&job)),
                begun: false,
            };
            return start_thread(runner, job.home());
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
