//! One closure from waiting to its outcome: who takes it decides, and exactly one does.

use super::error::OffloadError;
use super::sync::{AtomicBool, Mutex, lock};
use std::mem::replace;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A closure `F` that gives a `T`, shared by the future that waits for it and the thread that runs it.
pub(super) struct Task<F, T> {
    pub(super) submitted: Instant,
    stage: Mutex<Stage<F, T>>,
    /// For the thread that runs it to see without the lock.
    abandoned: AtomicBool,
}

enum Stage<F, T> {
    /// For a thread.
    Waiting {
        f: F,
        deadline: Option<Instant>,
        waker: Option<Waker>,
    },
    Running {
        since: Instant,
        waker: Option<Waker>,
    },
    /// Running, and nobody wants the outcome.
    Abandoned {
        since: Instant,
    },
    /// It never ran. The outcome waits to be published: once the slot is free.
    Refused {
        settled: Settled<T>,
        waker: Option<Waker>,
    },
    /// The outcome waits for the future.
    Published(Settled<T>),
    Over,
}

/// How it ended.
pub(super) struct Settled<T> {
    pub(super) result: Result<T, OffloadError>,
    /// How long the closure had waited.
    pub(super) waited: Duration,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Waiting,
    Running { since: Instant },
    Abandoned { since: Instant },
    Over,
}

/// What a thread finds that takes the task up.
pub(super) enum Begun<F> {
    Run(F),
    /// The deadline has passed: that is the outcome. The closure is to be dropped.
    Expired(F),
    /// Somebody else has taken the closure.
    Gone,
}

/// What a future leaves behind that wants the outcome no more.
pub(super) enum Left<F, T> {
    /// It was never run, and never will be.
    Unrun(F),
    /// It runs on, after a wait.
    Running {
        waited: Duration,
    },
    /// It was over.
    Done(Settled<T>),
    Nothing,
}

impl<F, T> Task<F, T> {
    pub(super) fn new(
        f: F,
        submitted: Instant,
        deadline: Option<Instant>,
        waker: Option<Waker>,
    ) -> Task<F, T> {
        Task {
            submitted,
            stage: Mutex::new(Stage::Waiting { f, deadline, waker }),
            abandoned: AtomicBool::new(false),
        }
    }

    /// Has it not begin after that, if it has not begun.
    pub(super) fn set_deadline(&self, end: Option<Instant>) {
        if let Stage::Waiting { deadline, .. } = &mut *lock(&self.stage) {
            *deadline = end;
        }
    }

    /// A thread takes it up.
    pub(super) fn begin(&self, now: Instant) -> Begun<F> {
        let mut stage = lock(&self.stage);
        match replace(&mut *stage, Stage::Over) {
            Stage::Waiting { f, deadline: Some(deadline), waker } if deadline <= now => {
                let settled = self.settled(Err(OffloadError::DeadlineInQueue), now);
                *stage = Stage::Refused { settled, waker };
                Begun::Expired(f)
            }
            Stage::Waiting { f, waker, .. } => {
                *stage = Stage::Running { since: now, waker };
                Begun::Run(f)
            }
            other => {
                *stage = other;
                Begun::Gone
            }
        }
    }

    /// Whether the outcome is still wanted, as far as this thread can know without waiting.
    pub(super) fn is_wanted(&self) -> bool {
        !self.abandoned.load(Ordering::Relaxed)
    }

    /// The closure has ended, and its slot is free: lets the future have the outcome. The waker is to be woken. An
    /// outcome that nobody wants comes back, to be dropped.
    pub(super) fn end(
        &self,
        result: Result<T, OffloadError>,
    ) -> Result<Option<Waker>, Result<T, OffloadError>> {
        let mut stage = lock(&self.stage);
        match replace(&mut *stage, Stage::Over) {
            Stage::Running { waker, since } => {
                let settled = self.settled(result, since);
                *stage = Stage::Published(settled);
                Ok(waker)
            }
            _ => Err(result),
        }
    }

    /// Gives up on it on behalf of the pool, if it has not begun: that is the outcome. The closure is to be dropped.
    pub(super) fn refuse(&self, why: OffloadError) -> Option<F> {
        let mut stage = lock(&self.stage);
        match replace(&mut *stage, Stage::Over) {
            Stage::Waiting { f, waker, .. } => {
                let settled = self.settled(Err(why), Instant::now());
                *stage = Stage::Refused { settled, waker };
                Some(f)
            }
            other => {
                *stage = other;
                None
            }
        }
    }

    /// Lets the future have the outcome of what was refused. To be called once, and to be followed by the wake-up.
    pub(super) fn publish(&self) -> Option<Waker> {
        let mut stage = lock(&self.stage);
        match replace(&mut *stage, Stage::Over) {
            Stage::Refused { settled, waker } => {
                *stage = Stage::Published(settled);
                waker
            }
            other => {
                *stage = other;
                None
            }
        }
    }

    /// The future gives up on it.
    pub(super) fn leave(&self) -> Left<F, T> {
        let mut stage = lock(&self.stage);
        match replace(&mut *stage, Stage::Over) {
            Stage::Waiting { f, .. } => Left::Unrun(f),
            Stage::Running { since, .. } => {
                *stage = Stage::Abandoned { since };
                self.abandoned.store(true, Ordering::Relaxed);
                Left::Running { waited: since.saturating_duration_since(self.submitted) }
            }
            Stage::Refused { settled, .. } | Stage::Published(settled) => Left::Done(settled),
            abandoned @ Stage::Abandoned { .. } => {
                *stage = abandoned;
                Left::Nothing
            }
            Stage::Over => Left::Nothing,
        }
    }

    /// The future asks. Ready once only.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Settled<T>> {
        let mut stage = lock(&self.stage);
        let replaced = match &mut *stage {
            Stage::Waiting { waker, .. } | Stage::Running { waker, .. } | Stage::Refused { waker, .. } => {
                match waker {
                    Some(known) if known.will_wake(cx.waker()) => None,
                    waker => waker.replace(cx.waker().clone()),
                }
            }
            _ => match replace(&mut *stage, Stage::Over) {
                Stage::Published(settled) => return Poll::Ready(settled),
                _ => unreachable!("whoever took the outcome asks no more"),
            },
        };
        // A waker's drop is the executor's code: not under the lock.
        drop(stage);
        drop(replaced);
        Poll::Pending
    }

    fn settled(&self, result: Result<T, OffloadError>, begun: Instant) -> Settled<T> {
        Settled { result, waited: begun.saturating_duration_since(self.submitted) }
    }

    pub(super) fn progress(&self) -> Progress {
        match *lock(&self.stage) {
            Stage::Waiting { .. } => Progress::Waiting,
            Stage::Running { since, .. } => Progress::Running { since },
            Stage::Abandoned { since } => Progress::Abandoned { since },
            Stage::Refused { .. } | Stage::Published(_) | Stage::Over => Progress::Over,
        }
    }
}
