//! The future of an offloaded closure: hands it over, waits, and takes it back when it is dropped.

use super::admission::Refusal;
use super::books::{Account, Outcome};
use super::call_site::CallSite;
use super::error::OffloadError;
use super::inside::is_inside;
use super::job::{AnyJob, Job};
use super::shared::{Place, Shared};
use super::task::{Left, Progress, Task};
use crate::region;
use std::fmt;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// The future of [`Pool::run`](crate::Pool::run) and its like.
///
/// Dropped before the closure has begun, it takes the closure back: it never runs. Dropped after that, the closure runs
/// to its end and keeps its thread until then; what it gives is dropped there.
#[must_use = "what is handed over by the first poll is not run unless the future is awaited"]
pub struct Run<F, T, S: 'static = ()> {
    stage: Stage<F, T, S>,
    deadline: Option<Deadline>,
}

enum Stage<F, T, S: 'static> {
    Unsubmitted(Order<F, T, S>),
    Submitted(Handed<F, T, S>),
    Done,
}

/// What is to be handed over.
pub(super) struct Order<F, T, S: 'static> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) f: F,
    pub(super) call: fn(F, &mut S) -> T,
    pub(super) site: CallSite,
    /// Whether it waits where the queue is full.
    pub(super) patient: bool,
}

struct Handed<F, T, S: 'static> {
    shared: Arc<Shared<S>>,
    job: Arc<Job<S, F, T>>,
    place: Place,
}

struct Deadline {
    within: Duration,
    /// Made by the first poll that has to wait.
    timer: Option<Pin<Box<Sleep>>>,
}

// The closure is moved out, never pinned.
impl<F, T, S> Unpin for Run<F, T, S> {}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Run<F, T, S> {
    /// Handed over by the first poll.
    pub(super) fn new(order: Order<F, T, S>) -> Run<F, T, S> {
        Run { stage: Stage::Unsubmitted(order), deadline: None }
    }

    /// The time for it to end in, from its first poll on.
    pub(super) fn within(mut self, within: Duration) -> Run<F, T, S> {
        self.deadline = Some(Deadline { within, timer: None });
        self
    }

    /// Hands it over. `waker`: who is to be told of its end.
    pub(super) fn submit(&mut self, waker: Option<Waker>) -> Result<(), OffloadError> {
        match replace(&mut self.stage, Stage::Done) {
            Stage::Unsubmitted(order) => {
                let within = self.deadline.as_ref().map(|deadline| deadline.within);
                self.stage = Stage::Submitted(order.hand_over(within, waker)?);
            }
            other => self.stage = other,
        }
        Ok(())
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Order<F, T, S> {
    fn hand_over(
        self,
        within: Option<Duration>,
        waker: Option<Waker>,
    ) -> Result<Handed<F, T, S>, OffloadError> {
        let Order { shared, f, call, site, patient } = self;
        let home = shared.threads.home(shared.name);
        let submitted = Instant::now();
        // What is too far away to be expressed never comes.
        let deadline = within.and_then(|within| submitted.checked_add(within));
        let job = Arc::new(Job { task: Task::new(f, submitted, deadline, waker), call, site, home });
        match shared.submit(Arc::clone(&job) as AnyJob<S>, job.home.as_ref(), patient) {
            Ok(place) => Ok(Handed { shared, job, place }),
            Err(Refusal::Full) => Err(OffloadError::QueueFull),
            Err(Refusal::Closed) => Err(OffloadError::Closed),
        }
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Future for Run<F, T, S> {
    type Output = Result<T, OffloadError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let first = matches!(self.stage, Stage::Unsubmitted(_));
        if first {
            self.submit(Some(cx.waker().clone()))?;
        }
        let Stage::Submitted(handed) = &self.stage else {
            panic!("the future of an offloaded closure was polled after completion");
        };
        let helped = handed.place.full && is_inside(&handed.shared) && handed.help_out();
        // A closure that was just handed over has the waker.
        let mut polled = if first && !helped { Poll::Pending } else { handed.job.task.poll(cx) };
        if polled.is_pending() && self.deadline.as_mut().is_some_and(|deadline| deadline.has_passed(cx)) {
            if let Stage::Submitted(handed) = &self.stage {
                polled = Poll::Ready(handed.miss_deadline());
            }
        }
        if polled.is_ready() {
            self.stage = Stage::Done;
        }
        polled
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Handed<F, T, S> {
    /// A thread of this pool waits for a closure that waits for a thread of this pool. Since it would only wait, it
    /// can as well run the closure.
    fn help_out(&self) -> bool {
        let Some((account, waker)) = self.shared.threads.help_out(&*self.job) else { return false };
        self.book(account);
        waker.into_iter().for_each(Waker::wake);
        true
    }

    fn miss_deadline(&self) -> Result<T, OffloadError> {
        match self.leave(Outcome::Expired) {
            Left::Unrun(_) => Err(OffloadError::DeadlineInQueue),
            // It ended at the same moment.
            Left::Done(outcome) => outcome,
            Left::Running | Left::Nothing => Err(OffloadError::DeadlineRunning),
        }
    }
}

impl<F, T, S> Handed<F, T, S> {
    /// Gives up on the closure; `unrun`: what it is counted as, if it has not begun.
    fn leave(&self, unrun: Outcome) -> Left<F, T> {
        let left = self.job.task.leave();
        match &left {
            Left::Unrun(_) => self.book(unrun.into()),
            Left::Running => self.book(Outcome::Abandoned.into()),
            Left::Done(_) | Left::Nothing => {}
        }
        left
    }

    fn book(&self, account: Account) {
        let _allowed = region::allow("a pool's books");
        self.shared.books.enter(self.job.site, account);
        if self.shared.admission.withdraw(self.place.key) {
            self.shared.over.notify_waiters();
        }
    }
}

impl Deadline {
    fn has_passed(&mut self, cx: &mut Context<'_>) -> bool {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.within)));
        timer.as_mut().poll(cx).is_ready()
    }
}

impl<F, T, S> Drop for Run<F, T, S> {
    fn drop(&mut self) {
        if let Stage::Submitted(handed) = &self.stage {
            handed.leave(Outcome::Cancelled);
        }
    }
}

impl<F, T, S> fmt::Debug for Run<F, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, pool) = match &self.stage {
            Stage::Unsubmitted(order) => ("not handed over", Some(order.shared.name)),
            Stage::Submitted(handed) => match handed.job.task.progress() {
                Progress::Waiting => ("waiting", Some(handed.shared.name)),
                _ => ("begun", Some(handed.shared.name)),
            },
            Stage::Done => ("done", None),
        };
        f.debug_struct("Run").field("pool", &pool).field("stage", &stage).finish_non_exhaustive()
    }
}
