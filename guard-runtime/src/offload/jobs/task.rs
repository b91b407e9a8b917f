//! The state of one closure, from waiting to its outcome: who takes it decides, and exactly one does.

use crate::offload::outcomes::OffloadError;
use crate::offload::sync::{AtomicBool, Latch, hold};
use std::mem::replace;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A closure `F` that gives a `T`, shared by the future that waits for it and the thread that runs it.
pub(crate) struct Task<F, T> {
    pub(crate) submitted: Instant,
    state: Latch<State<F, T>>,
    /// Whether the future may have the outcome of what has run.
    published: AtomicBool,
}

struct State<F, T> {
    stage: Stage<F, T>,
    /// Of the future, once it waits for what comes next.
    waker: Option<Waker>,
    /// Nobody will ask for the outcome, which counts all the same.
    detached: bool,
}

enum Stage<F, T> {
    /// For a thread.
    Waiting {
        f: F,
        deadline: Option<Instant>,
    },
    Running {
        since: Instant,
    },
    /// Running, and nobody wants the outcome.
    Abandoned {
        since: Instant,
    },
    /// It never ran. The outcome waits to be published: once the slot is free.
    Refused(Settled<T>),
    /// The outcome waits for the future, once it is published.
    Ended(Settled<T>),
    Over,
}

/// How it ended.
pub(crate) struct Settled<T> {
    pub(crate) result: Result<T, OffloadError>,
    /// How long the closure had waited.
    pub(crate) waited: Duration,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Waiting,
    Running { since: Instant },
    Abandoned { since: Instant },
    Over,
}

/// What a thread finds that takes the task up.
pub(crate) enum Begun<F> {
    Run(F),
    /// The deadline has passed: that is the outcome. The closure is to be dropped.
    Expired(F),
    /// Somebody else has taken the closure.
    Gone,
}

/// Whose the outcome is of what has run.
pub(crate) enum End<T> {
    /// The future's, once it is published by [`Task::publish_end`]; this is to be woken after that.
    Wanted(Option<Waker>),
    /// Nobody's, and to be dropped. Until its slot is free it runs, for all others. `counted`: by whoever gave up on it.
    Unwanted { result: Result<T, OffloadError>, counted: bool },
}

/// What a future leaves behind that wants the outcome no more.
pub(crate) enum Left<F, T> {
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
    pub(crate) fn new(
        f: F,
        submitted: Instant,
        deadline: Option<Instant>,
        waker: Option<Waker>,
    ) -> Task<F, T> {
        let state = State { stage: Stage::Waiting { f, deadline }, waker, detached: false };
        Task { submitted, state: Latch::new(state), published: AtomicBool::new(false) }
    }

    /// Has it not begin after that, if it has not begun.
    pub(crate) fn set_deadline(&self, end: Option<Instant>) {
        if let Stage::Waiting { deadline, .. } = &mut hold(&self.state).stage {
            *deadline = end;
        }
    }

    /// A thread takes it up.
    pub(crate) fn begin(&self, now: Instant) -> Begun<F> {
        let mut state = hold(&self.state);
        let Stage::Waiting { deadline, .. } = &state.stage else { return Begun::Gone };
        let late = deadline.is_some_and(|deadline| deadline <= now);
        let begun = if late {
            Stage::Refused(self.settled(Err(OffloadError::DeadlineInQueue), now))
        } else {
            Stage::Running { since: now }
        };
        match replace(&mut state.stage, begun) {
            Stage::Waiting { f, .. } if late => Begun::Expired(f),
            Stage::Waiting { f, .. } => Begun::Run(f),
            _ => unreachable!("it waits"),
        }
    }

    /// The closure has ended.
    pub(crate) fn end(&self, result: Result<T, OffloadError>, waited: Duration) -> End<T> {
        let mut state = hold(&self.state);
        let counted = !matches!(state.stage, Stage::Running { .. });
        if counted || state.detached {
            return End::Unwanted { result, counted };
        }
        state.stage = Stage::Ended(Settled { result, waited });
        End::Wanted(state.waker.take())
    }

    /// Lets the future have the outcome of what has run: its slot is free.
    pub(crate) fn publish_end(&self) {
        self.published.store(true, Ordering::Release);
    }

    /// Gives up on it on behalf of the pool, if it has not begun: that is the outcome. The closure is to be dropped.
    pub(crate) fn refuse(&self, why: OffloadError) -> Option<F> {
        let mut state = hold(&self.state);
        let Stage::Waiting { .. } = state.stage else { return None };
        let refused = Stage::Refused(self.settled(Err(why), Instant::now()));
        match replace(&mut state.stage, refused) {
            Stage::Waiting { f, .. } => Some(f),
            _ => unreachable!("it waits"),
        }
    }

    /// Lets the future have the outcome of what was refused. To be called once, and to be followed by the wake-up.
    pub(crate) fn publish(&self) -> Option<Waker> {
        let mut state = hold(&self.state);
        match replace(&mut state.stage, Stage::Over) {
            Stage::Refused(settled) => {
                state.stage = Stage::Ended(settled);
                self.publish_end();
                state.waker.take()
            }
            other => {
                state.stage = other;
                None
            }
        }
    }

    /// The future gives up on it.
    pub(crate) fn leave(&self) -> Left<F, T> {
        let mut state = hold(&self.state);
        let waker = state.waker.take();
        let left = match replace(&mut state.stage, Stage::Over) {
            Stage::Waiting { f, .. } => Left::Unrun(f),
            Stage::Running { since } => {
                state.stage = Stage::Abandoned { since };
                Left::Running { waited: since.saturating_duration_since(self.submitted) }
            }
            Stage::Refused(settled) | Stage::Ended(settled) => Left::Done(settled),
            abandoned @ Stage::Abandoned { .. } => {
                state.stage = abandoned;
                Left::Nothing
            }
            Stage::Over => Left::Nothing,
        };
        // A waker's drop is the executor's code: not under the latch.
        drop(state);
        drop(waker);
        left
    }

    /// The future goes, and gives up on nothing. An outcome that is there already comes back, to be dropped.
    pub(crate) fn detach(&self) -> Option<Settled<T>> {
        let mut state = hold(&self.state);
        state.detached = true;
        let waker = state.waker.take();
        let settled = match replace(&mut state.stage, Stage::Over) {
            Stage::Ended(settled) => Some(settled),
            other => {
                state.stage = other;
                None
            }
        };
        drop(state);
        drop(waker);
        settled
    }

    /// The future asks. Ready once only.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Settled<T>> {
        let mut waker = None;
        loop {
            let mut state = hold(&self.state);
            if let Stage::Ended(_) = state.stage {
                if !self.published.load(Ordering::Acquire) {
                    // In a moment. Its thread looks for no other waker.
                    drop(state);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                return match replace(&mut state.stage, Stage::Over) {
                    Stage::Ended(settled) => Poll::Ready(settled),
                    _ => unreachable!("it has ended"),
                };
            }
            if state.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            if let Some(waker) = waker.take() {
                let replaced = state.waker.replace(waker);
                drop(state);
                drop(replaced);
                return Poll::Pending;
            }
            // A waker is the executor's code: not under the latch.
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    fn settled(&self, result: Result<T, OffloadError>, begun: Instant) -> Settled<T> {
        Settled { result, waited: begun.saturating_duration_since(self.submitted) }
    }

    pub(crate) fn progress(&self) -> Progress {
        match hold(&self.state).stage {
            Stage::Waiting { .. } => Progress::Waiting,
            Stage::Running { since } => Progress::Running { since },
            Stage::Abandoned { since } => Progress::Abandoned { since },
            Stage::Refused(_) | Stage::Ended(_) | Stage::Over => Progress::Over,
        }
    }
}
