//! A closure on its way: the task with what it needs to run on another thread.

use super::admission::Entry;
use super::books::{Account, Outcome};
use super::call_site::CallSite;
use super::error::{OffloadError, Panic};
use super::inside::{Loan, Waits, run_behind};
use super::saturation;
use super::shared::Shared;
use super::task::{Begun, End, Progress, Task};
use super::times::nanos;
use crate::detect::pool::Trouble;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Instant;
use tokio::runtime::{Handle, Id};
use tokio_util::sync::CancellationToken;

/// A closure `F` that is called with the state `S` of the thread it runs on.
pub(super) struct Job<S, F, T> {
    pub(super) task: Task<F, T>,
    pub(super) call: fn(F, &mut S) -> T,
    pub(super) site: CallSite,
    /// The runtime it was handed over from, where its threads are that one's.
    pub(super) home: Option<Handle>,
    /// The closure that waits for it, if one does.
    pub(super) behind: Option<Arc<Waits>>,
    /// What the closure looks at to see whether it is still wanted.
    pub(super) token: OnceLock<CancellationToken>,
    /// What it has waited for too long, where a thread that took it up has found that.
    pub(super) waited_for: OnceLock<Trouble>,
    /// The span that it was handed over in.
    #[cfg(feature = "tracing")]
    pub(super) span: tracing::Span,
}

/// A job of any closure.
pub(super) trait Work<S>: Send + Sync {
    /// Runs the closure, unless somebody else has taken it; then frees its slot, by telling `free` what became of it;
    /// and after that lets the future have the outcome, whose waker is to be woken. `free` is told the time, where it is
    /// known. Does not unwind.
    fn run(&self, state: &mut S, shared: &Shared<S>, behind: Behind, free: &mut Free<'_>) -> Option<Waker>;

    /// Gives up on it, if it has not begun: then the future gets the error.
    fn refuse(&self, why: OffloadError, shared: &Shared<S>) -> bool;

    /// Tells the closure that it is not wanted any more, if it listens.
    fn cancel(&self);

    fn progress(&self) -> Progress;

    fn submitted(&self) -> Instant;

    fn site(&self) -> CallSite;

    fn home(&self) -> Option<&Handle>;
}

pub(super) type AnyJob<S> = Arc<dyn Work<S>>;

/// What a thread did before it took a job up.
#[derive(Clone, Copy)]
pub(super) enum Behind {
    /// It ran another one, until then.
    Job(Option<Instant>),
    Nothing,
}

pub(super) type Free<'f> = dyn FnMut(Option<Instant>, Account) + 'f;

/// A job of which somebody else keeps the `Arc`: taking part in the count costs as much as a lock.
pub(super) struct Lent<S>(NonNull<dyn Work<S>>);

// SAFETY: it stands for a `&dyn Work`, and `Work` is `Sync`.
unsafe impl<S> Send for Lent<S> {}

impl<S> Lent<S> {
    /// # Safety
    ///
    /// The job is kept for as long as what is given is used.
    pub(super) unsafe fn get<'j>(&self) -> &'j dyn Work<S> {
        // SAFETY: it was made of a reference, and the caller knows that the job is still there.
        unsafe { self.0.as_ref() }
    }
}

impl<S> Entry for AnyJob<S> {
    type Group = Option<Id>;
    type Site = CallSite;
    type Lent = Lent<S>;
    type Loan = Loan;

    fn lend(&self) -> Lent<S> {
        Lent(NonNull::from(&**self))
    }

    fn since(&self) -> Instant {
        self.submitted()
    }
}

impl<S, F: Send, T: Send> Work<S> for Job<S, F, T> {
    fn run(&self, state: &mut S, shared: &Shared<S>, behind: Behind, free: &mut Free<'_>) -> Option<Waker> {
        let now = if let Behind::Job(ended) = behind { ended } else { None };
        let mut unrun = |outcome: Option<Outcome>, at| {
            free(at, Account { outcome, times: None });
            self.task.publish()
        };
        let cancelled = self.token.get().is_some_and(CancellationToken::is_cancelled);
        let refusal = if cancelled { Some(OffloadError::Cancelled) } else { shared.threads.refusal() };
        if let Some(why) = refusal {
            let Some(f) = self.task.refuse(why) else { return unrun(None, now) };
            drop_caught(f);
            return unrun(Some(Outcome::Cancelled), None);
        }
        let begun = now.unwrap_or_else(Instant::now);
        let waited = begun.saturating_duration_since(self.task.submitted);
        if saturation::is_long(waited) {
            saturation::begun(shared, waited, matches!(behind, Behind::Job(_)), &self.waited_for);
        }
        let f = match self.task.begin(begun) {
            Begun::Run(f) => f,
            Begun::Expired(f) => {
                drop_caught(f);
                return unrun(Some(Outcome::Expired), None);
            }
            Begun::Gone => return unrun(None, Some(begun)),
        };
        let run = || {
            #[cfg(feature = "tracing")]
            let _entered = self.span.enter();
            run_behind(self.behind.as_ref(), || (self.call)(f, state))
        };
        let result = catch_unwind(AssertUnwindSafe(run))
            .map_err(|payload| OffloadError::Panicked(Panic::new(payload)));
        let outcome = if result.is_ok() {
            Outcome::Completed
        } else {
            shared.threads.panicked();
            Outcome::Panicked
        };
        let ended = Instant::now();
        let times = Some((nanos(waited), nanos(ended.saturating_duration_since(begun))));
        match self.task.end(result, waited) {
            End::Wanted(waker) => {
                free(Some(ended), Account { outcome: Some(outcome), times });
                self.task.publish_end();
                waker
            }
            End::Unwanted { result, counted } => {
                // Its drop belongs to the closure, and to the closure's slot.
                drop_caught(result);
                free(None, Account { outcome: (!counted).then_some(outcome), times });
                None
            }
        }
    }

    fn refuse(&self, why: OffloadError, shared: &Shared<S>) -> bool {
        let Some(f) = self.task.refuse(why) else { return false };
        drop_caught(f);
        shared.admission.enter(self.site, Outcome::Cancelled.into());
        self.task.publish().into_iter().for_each(Waker::wake);
        true
    }

    fn cancel(&self) {
        self.token.get().into_iter().for_each(CancellationToken::cancel);
    }

    fn progress(&self) -> Progress {
        self.task.progress()
    }

    fn submitted(&self) -> Instant {
        self.task.submitted
    }

    fn site(&self) -> CallSite {
        self.site
    }

    fn home(&self) -> Option<&Handle> {
        self.home.as_ref()
    }
}

/// What nobody waits for may panic in its drop: the panic hook has shown it, and the thread has other work.
pub(super) fn drop_caught<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}
