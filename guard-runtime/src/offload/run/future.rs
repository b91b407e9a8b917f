//! `Run`, the future of an offloaded closure: hands it over, waits, and takes it back when it is dropped.

use super::blocking_drop::BlockingDrop;
use super::limits::{Deadline, Limits, Token};
use super::submission::{Order, Submission};
use crate::offload::jobs::Progress;
use crate::offload::nested::{is_awaited_by, pool_name};
use crate::offload::outcomes::{OffloadError, Outcome};
use std::fmt;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The future of [`Pool::run`](crate::Pool::run), [`Actor::with`](crate::offload::Actor::with) and their like.
///
/// Dropped before the closure has begun, it takes the closure back: it never runs. Dropped after that, the closure runs
/// to its end and keeps its thread until then; what it gives is dropped there. One that has
/// [a token](Run::with_token) is told. Dropped after its end, though it was not polled since, the future drops the value itself,
/// on the thread that drops it: see [`Run::detach`] for another one.
#[must_use = "what is handed over by the first poll is not run unless the future is awaited"]
pub struct Run<F, T, S: 'static = ()> {
    stage: Stage<F, T, S>,
    /// Apart: executors move futures, and few have any.
    limits: Option<Box<Limits>>,
}

enum Stage<F, T, S: 'static> {
    Unsubmitted(Order<F, T, S>),
    Submitted(Submission<F, T, S>),
    Done,
}

// The closure is moved out, never pinned.
impl<F, T, S> Unpin for Run<F, T, S> {}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Run<F, T, S> {
    /// Handed over by the first poll.
    pub(crate) fn new(order: Order<F, T, S>) -> Run<F, T, S> {
        Run { stage: Stage::Unsubmitted(order), limits: None }
    }

    /// As with [`run_with_deadline`](crate::Pool::run_with_deadline): the time for it to end in, from its first poll
    /// on. For what has been handed over already, by [`Pool::try_run`](crate::Pool::try_run) or a poll, it counts from
    /// now on, and replaces any other.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # use std::time::Duration;
    /// # use tokio_util::sync::CancellationToken;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("io").build();
    /// let listens = |token: CancellationToken| while !token.is_cancelled() {
    ///     std::thread::yield_now();
    /// };
    /// let run = pool.run_with_token(&CancellationToken::new(), listens);
    /// let ended = run.with_deadline(Duration::from_millis(20)).await;
    /// assert!(matches!(ended, Err(OffloadError::DeadlineRunning | OffloadError::DeadlineInQueue)));
    /// # }
    /// ```
    pub fn with_deadline(mut self, within: Duration) -> Run<F, T, S> {
        let mut end = None;
        if let Stage::Submitted(submission) = &self.stage {
            end = Instant::now().checked_add(within);
            submission.job.task.set_deadline(end);
        }
        self.limits().deadline = Some(Deadline { within, end, timer: None });
        self
    }

    /// Lets the closure run without anybody waiting for it. Of no effect before it is handed over: see
    /// [`Pool::try_run`](crate::Pool::try_run).
    ///
    /// It is counted as what it comes to. What it gives is dropped there, before its thread is free and it counts as ended; if it
    /// has ended already, on a thread of tokio's blocking pool where there is a runtime, and here where there is none. A
    /// runtime that is shut down meanwhile waits for
    /// it, if it has begun or comes next on a thread of the pool that is at work; else it may be dropped, and counted as
    /// cancelled. [`Pool::shutdown`](crate::Pool::shutdown) before that leaves nothing to chance.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), OffloadError> {
    /// let pool = Pool::builder("audit").threads(1).build();
    /// pool.try_run(|| std::fs::metadata("Cargo.toml").is_ok())?.detach();
    /// assert!(pool.shutdown(Duration::from_secs(10)).await.is_empty());
    /// assert_eq!(pool.stats().completed(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn detach(mut self) {
        let Stage::Submitted(submission) = replace(&mut self.stage, Stage::Done) else { return };
        match submission.job.task.detach().map(|settled| settled.result) {
            Some(Ok(value)) => drop(BlockingDrop::new(value)),
            Some(Err(OffloadError::Panicked(panic))) => drop(BlockingDrop::new(panic)),
            Some(Err(_)) | None => {}
        }
    }

    /// Gives the closure a token, to be looked at inside of it: hand over a clone and keep one in the closure.
    ///
    /// Cancelled before the closure has begun, it never runs. One that has begun decides for itself, and what it gives is
    /// the value of the future. From now on the token is the closure's: it is cancelled also when the future is dropped
    /// before its end, when a deadline passes, and when a shutdown runs out of time. Give it a
    /// [`child_token`](CancellationToken::child_token) of one that is others' as well.
    /// [`Pool::run_with_token`](crate::Pool::run_with_token) does just that.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](OffloadError::Cancelled), by the future.
    ///
    /// # Panics
    ///
    /// If the closure has a token already.
    ///
    /// # Example
    ///
    /// A query that stops when nobody waits for it any more:
    ///
    /// ```
    /// use guard_runtime::offload::{Actor, OffloadError};
    /// use rusqlite::Connection;
    /// use std::time::Duration;
    /// use tokio_util::sync::CancellationToken;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Actor::spawn(Connection::open_in_memory).await?;
    /// let token = CancellationToken::new();
    /// let unwanted = token.clone();
    /// let endless = db.with(move |connection| -> rusqlite::Result<u64> {
    ///     let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    ///     let mut statement = connection.prepare(numbers)?;
    ///     let (mut rows, mut count) = (statement.query([])?, 0);
    ///     while !unwanted.is_cancelled() && rows.next()?.is_some() {
    ///         count += 1;
    ///     }
    ///     Ok(count)
    /// });
    /// let late = endless.with_token(token).with_deadline(Duration::from_millis(20)).await;
    /// assert!(matches!(late, Err(OffloadError::DeadlineRunning | OffloadError::DeadlineInQueue)));
    /// // It has ended, or never begun: the connection is free.
    /// assert!(db.with(|connection| connection.is_autocommit()).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_token(self, token: CancellationToken) -> Run<F, T, S> {
        assert!(
            self.limits.as_ref().is_none_or(|limits| limits.token.is_none()),
            "the offloaded closure has a token already"
        );
        if let Stage::Submitted(submission) = &self.stage {
            // It has none, so this one is kept.
            let _ = submission.job.token.set(token.clone());
        }
        self.set_token(token, true)
    }

    /// `own`: whether the token tells, too, that nobody waits any more.
    pub(crate) fn set_token(mut self, token: CancellationToken, own: bool) -> Run<F, T, S> {
        self.limits().token = Some(Token { token, own, cancelled: None });
        self
    }

    fn limits(&mut self) -> &mut Limits {
        self.limits.get_or_insert_default()
    }

    /// Cancels the closure where it waits. The future tells that.
    pub(crate) fn take_back(&self) {
        if let Stage::Submitted(submission) = &self.stage {
            submission.take_back();
        }
    }

    /// Hands it over. `waker`: who is to be told of its end; `waits`: this thread does nothing else until then.
    pub(crate) fn submit(&mut self, waker: Option<Waker>, waits: bool) -> Result<(), OffloadError> {
        match replace(&mut self.stage, Stage::Done) {
            Stage::Unsubmitted(mut order) => {
                // A closure that waits for its own pool lends it its slot.
                order.patient |= waits && is_awaited_by(order.shared.id());
                let deadline = self.limits.as_mut().and_then(|limits| limits.deadline.as_mut());
                if let (None, Some(deadline)) = (&waker, deadline) {
                    // Its timer is made by a later poll.
                    deadline.end = Instant::now().checked_add(deadline.within);
                }
                let limits = self.limits.as_deref();
                self.stage = Stage::Submitted(order.hand_over(limits, waker, waits)?);
            }
            other => self.stage = other,
        }
        Ok(())
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Future for Run<F, T, S> {
    type Output = Result<T, OffloadError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let first = matches!(self.stage, Stage::Unsubmitted(_));
        if first {
            self.submit(Some(cx.waker().clone()), true)?;
        }
        let Stage::Submitted(submission) = &mut self.stage else {
            panic!("the future of an offloaded closure was polled after completion");
        };
        if !submission.is_watched && pool_name().is_some() {
            submission.watch();
        }
        // A closure that was just handed over has the waker.
        let mut polled = if first { Poll::Pending } else { submission.poll(cx) };
        if let (Poll::Pending, Run { stage: Stage::Submitted(submission), limits: Some(limits) }) =
            (&polled, &mut *self)
        {
            let late = limits.deadline.as_mut().is_some_and(|deadline| deadline.has_passed(cx));
            let cancelled = limits.token.as_mut().is_some_and(|token| token.is_cancelled(cx));
            if late {
                polled = Poll::Ready(submission.miss_deadline(limits.token.as_ref()));
            } else if cancelled && submission.take_back() {
                polled = submission.poll(cx);
            }
        }
        if polled.is_ready() {
            self.stage = Stage::Done;
        }
        polled
    }
}

impl<F, T, S> Drop for Run<F, T, S> {
    fn drop(&mut self) {
        if let Stage::Submitted(submission) = &self.stage {
            let token = self.limits.as_ref().and_then(|limits| limits.token.as_ref());
            submission.leave(Outcome::Cancelled, token);
        }
    }
}

impl<F, T, S> fmt::Debug for Run<F, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, pool) = match &self.stage {
            Stage::Unsubmitted(order) => ("not handed over", Some(order.shared.name)),
            Stage::Submitted(submission) => match submission.job.task.progress() {
                Progress::Waiting => ("waiting", Some(submission.shared.name)),
                _ => ("begun", Some(submission.shared.name)),
            },
            Stage::Done => ("done", None),
        };
        f.debug_struct("Run").field("pool", &pool).field("stage", &stage).finish_non_exhaustive()
    }
}
