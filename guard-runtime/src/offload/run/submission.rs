//! The closure of a future at its pool: handed over, polled, given up on.

use super::limits::{Limits, Token};
use super::nested_wait;
use crate::model::ON;
use crate::offload::jobs::{AnyJob, CallSite, Job, Left, Settled, Shared, Task, Ticket, Work, saturation};
use crate::offload::nested::{NestedWait, WaitGuard};
use crate::offload::outcomes::{OffloadError, Outcome, Sample};
use crate::offload::slots::Refusal;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

/// What is to be handed over.
pub(crate) struct Order<F, T, S: 'static> {
    pub(crate) shared: Arc<Shared<S>>,
    pub(crate) f: F,
    pub(crate) call: fn(F, &mut S) -> T,
    pub(crate) site: CallSite,
    /// Whether it waits where the queue is full.
    pub(crate) patient: bool,
}

/// What was handed over.
pub(super) struct Submission<F, T, S: 'static> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) job: Arc<Job<S, F, T>>,
    ticket: Ticket,
    /// Where a closure waits for it.
    wait: Option<WaitGuard>,
    /// Whether it will be run though its pool has no thread for it.
    pub(super) is_watched: bool,
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Order<F, T, S> {
    pub(super) fn hand_over(
        self,
        limits: Option<&Limits>,
        waker: Option<Waker>,
        waits: bool,
    ) -> Result<Submission<F, T, S>, OffloadError> {
        let Order { shared, f, call, site, patient } = self;
        let home = shared.threads.home(shared.name);
        let submitted = Instant::now();
        // What is too far away to be expressed never comes.
        let deadline = limits.and_then(|limits| limits.deadline.as_ref());
        let deadline = deadline.and_then(|deadline| submitted.checked_add(deadline.within));
        let wait = if waits { NestedWait::here() } else { None };
        let job = Arc::new(Job {
            task: Task::new(f, submitted, deadline, waker),
            call,
            site,
            home,
            awaited_by: wait.as_ref().map(|wait| Arc::clone(&wait.0)),
            token: limits
                .and_then(|limits| limits.token.as_ref())
                .map_or_else(OnceLock::new, |token| OnceLock::from(token.token.clone())),
            waited_for: OnceLock::new(),
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
        });
        let (ticket, front_since) =
            match shared.submit(Arc::clone(&job) as AnyJob<S>, job.home.as_ref(), patient) {
                Ok(submitted) => submitted,
                Err(Refusal::Full) => return Err(OffloadError::QueueFull),
                Err(Refusal::Closed) => return Err(OffloadError::Closed),
            };
        if let Some(since) = front_since {
            let first_waited = submitted.saturating_duration_since(since);
            if saturation::is_long(first_waited) {
                saturation::check_front(&shared, site, first_waited);
            }
        }
        Ok(Submission { shared, job, ticket, wait, is_watched: false })
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Submission<F, T, S> {
    /// Cancels the closure, unless it has begun.
    pub(super) fn take_back(&self) -> bool {
        let taken = self.job.refuse(OffloadError::Cancelled, &self.shared);
        if taken {
            self.withdraw(Sample::default());
        }
        taken
    }

    /// A closure waits for this one, on this thread.
    #[cold]
    pub(super) fn watch(&mut self) {
        self.is_watched = true;
        let wait = match &self.wait {
            Some(wait) => wait,
            None => match NestedWait::here() {
                Some(wait) => self.wait.insert(wait),
                None => return,
            },
        };
        let job = Arc::clone(&self.job) as AnyJob<S>;
        nested_wait::ensure_thread(&self.shared, &job, self.ticket.key, Arc::clone(&wait.0));
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Result<T, OffloadError>> {
        let polled = self.job.task.poll(cx);
        let settled = ready!(polled);
        self.observe(&settled);
        Poll::Ready(settled.result)
    }

    pub(super) fn miss_deadline(&self, token: Option<&Token>) -> Result<T, OffloadError> {
        match self.leave(Outcome::Expired, token) {
            Left::Unrun(_) => Err(OffloadError::DeadlineInQueue),
            // It ended at the same moment.
            Left::Done(settled) => settled.result,
            Left::Running { .. } | Left::Nothing => Err(OffloadError::DeadlineRunning),
        }
    }
}

impl<F, T, S> Submission<F, T, S> {
    /// Gives up on the closure, and tells it; `unrun`: what it is counted as, if it has not begun.
    pub(super) fn leave(&self, unrun: Outcome, token: Option<&Token>) -> Left<F, T> {
        let left = self.job.task.leave();
        if matches!(left, Left::Unrun(_) | Left::Running { .. }) {
            token.filter(|token| token.own).into_iter().for_each(|token| token.token.cancel());
        }
        match &left {
            Left::Unrun(_) => {
                self.withdraw(unrun.into());
                if ON {
                    self.observe_wait(self.job.task.submitted.elapsed(), false);
                }
            }
            Left::Running { waited } => {
                self.withdraw(Outcome::Abandoned.into());
                self.observe_wait(*waited, true);
            }
            Left::Done(settled) => self.observe(settled),
            Left::Nothing => {}
        }
        left
    }

    fn observe(&self, settled: &Settled<T>) {
        self.observe_wait(settled.waited, matches!(settled.result, Ok(_) | Err(OffloadError::Panicked(_))));
    }

    fn observe_wait(&self, waited: Duration, begun: bool) {
        if saturation::is_long(waited) {
            let waited_for = self.job.waited_for.get().copied();
            saturation::on_end(&self.shared, self.job.site, waited, self.ticket.full, begun, waited_for);
        }
    }

    /// Takes it out of the queue, if it is still there.
    fn withdraw(&self, sample: Sample) {
        self.shared.withdraw(self.ticket.key, self.job.site, sample);
    }
}
