//! A pool's worker: gets a slot, runs one job on it, and then those that wait, for as long as there are any.

use super::job::drop_caught;
use super::shared::{AnyJob, Held, JobRef, Previous, Shared, Work, Worker};
use crate::offload::nested::{InPool, look_again};
use crate::offload::outcomes::{OffloadError, Sample};
use crate::offload::slots::{Next, Patience, Slot, Starts};
use crate::offload::sync::hold;
use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;

impl<S> Worker<S> {
    /// With a job already, and for no other one.
    pub(crate) fn dedicated(shared: &Arc<Shared<S>>, slot: Slot, job: JobRef<S>) -> Worker<S> {
        Worker { shared: Arc::clone(shared), held: Held::Busy(slot, job), home: None, is_dedicated: true }
    }

    /// Runs the job that it has.
    pub(crate) fn work_once(self, state: &mut S) {
        self.run(state);
    }

    /// Runs jobs until none waits.
    pub(crate) fn work(mut self, state: &mut S) {
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
        let in_pool = InPool::enter(self.shared.id());
        let is_nested = in_pool.is_nested();
        let shared = Arc::clone(&self.shared);
        let (quantum, patience) = (shared.threads.quantum(), shared.threads.patience());
        // For how many nanoseconds of it others' work has waited.
        let mut busy = 0_u64;
        let mut previous = Previous::Nothing;
        while let Held::Busy(_, job_ref) = &self.held {
            // SAFETY: the slot keeps the job until `end` gives it back, and then it is `ended`, which lives longer.
            let job = unsafe { job_ref.get() };
            let mut ended = None;
            let mut then = Previous::Nothing;
            let waker = job.run(state, &shared, previous, &mut |at, sample| {
                busy = busy.saturating_add(sample.times.map_or(0, |(_, ran)| ran));
                // What waits below on this thread, for other work of its own, must not wait for all that is queued.
                ended = self.end(job, sample, is_nested || busy >= quantum);
                then = match self.held {
                    // The clock need not be read again.
                    Held::Busy(..) => Previous::Job(at),
                    _ => Previous::Nothing,
                };
            });
            previous = then;
            // An executor's code: there may be other jobs to do, whatever it does.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.into_iter().for_each(Waker::wake)));
            // A span's end is a subscriber's code, too.
            drop_caught(ended);
            if is_nested {
                return;
            }
            if let Held::Paused(_) = self.held {
                previous = if shared.threads.give_way() { Previous::Nothing } else { Previous::Job(None) };
                busy = 0;
                self.resume();
            }
            self.linger(patience);
        }
    }

    /// The job has ended, and comes back. Gets the next one, or begins to linger, or to `pause`.
    fn end(&mut self, job: &dyn Work<S>, sample: Sample, pause: bool) -> Option<AnyJob<S>> {
        match replace(&mut self.held, Held::Nothing) {
            Held::Busy(slot, _) if self.is_dedicated => {
                let ended = self.shared.admission.pause(&slot, job.site(), sample);
                let left = self.shared.admission.leave(slot);
                self.go_on(left);
                // There may be others for whose sake the slot is to be lent again.
                look_again();
                ended
            }
            Held::Busy(slot, _) if pause => {
                let ended = self.shared.admission.pause(&slot, job.site(), sample);
                self.held = Held::Paused(slot);
                ended
            }
            Held::Busy(slot, _) => {
                let (ended, next, starts) = self.shared.admission.next(slot, self.home, job.site(), sample);
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

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        if let Held::Starting = self.held {
            for job in self.shared.admission.give_up_on(self.home) {
                job.refuse(OffloadError::Closed, &self.shared);
            }
            if self.shared.admission.is_over() {
                self.shared.over.notify_waiters();
            }
            return;
        }
        self.linger(Patience::NONE);
        let slot = match replace(&mut self.held, Held::Nothing) {
            Held::Busy(slot, job_ref) => {
                // Something has escaped that never should, or kept it from being run.
                // SAFETY: the slot keeps the job until `pause`.
                let job = unsafe { job_ref.get() };
                job.refuse(OffloadError::Closed, &self.shared);
                drop_caught(self.shared.admission.pause(&slot, job.site(), Sample::default()));
                slot
            }
            Held::Paused(slot) => slot,
            Held::Starting | Held::Lingering(_) | Held::Nothing => return,
        };
        let left = self.shared.admission.leave(slot);
        self.go_on(left);
    }
}
