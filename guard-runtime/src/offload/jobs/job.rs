//! A job: a closure with what it needs to run on another thread, and what happens when it does.

use super::call_site::CallSite;
use super::saturation;
use super::shared::{FreeSlot, Previous, Shared, Work};
use super::task::{Begun, End, Progress, Task};
use crate::engines::pool::Trouble;
use crate::offload::nested::{NestedWait, run_awaited_by};
use crate::offload::outcomes::{OffloadError, Outcome, Panic, Sample, nanos};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Instant;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// A closure `F` that is called with the state `S` of the thread it runs on.
pub(crate) struct Job<S, F, T> {
    pub(crate) task: Task<F, T>,
    pub(crate) call: fn(F, &mut S) -> T,
    pub(crate) site: CallSite,
    /// The runtime it was handed over from, where its threads are that one's.
    pub(crate) home: Option<Handle>,
    /// The closure that waits for it, if one does.
    pub(crate) awaited_by: Option<Arc<NestedWait>>,
    /// What the closure looks at to see whether it is still wanted.
    pub(crate) token: OnceLock<CancellationToken>,
    /// What it has waited for too long, where a thread that took it up has found that.
    pub(crate) waited_for: OnceLock<Trouble>,
    /// The span that it was handed over in.
    #[cfg(feature = "tracing")]
    pub(crate) span: tracing::Span,
}

impl<S, F: Send, T: Send> Work<S> for Job<S, F, T> {
    fn run(
        &self,
        state: &mut S,
        shared: &Shared<S>,
        previous: Previous,
        free: &mut FreeSlot<'_>,
    ) -> Option<Waker> {
        let now = if let Previous::Job(ended) = previous { ended } else { None };
        let mut unrun = |outcome: Option<Outcome>, at| {
            free(at, Sample { outcome, times: None });
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
            saturation::on_begin(shared, waited, matches!(previous, Previous::Job(_)), &self.waited_for);
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
            run_awaited_by(self.awaited_by.as_ref(), || (self.call)(f, state))
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
                free(Some(ended), Sample { outcome: Some(outcome), times });
                self.task.publish_end();
                waker
            }
            End::Unwanted { result, counted } => {
                // Its drop belongs to the closure, and to the closure's slot.
                drop_caught(result);
                free(None, Sample { outcome: (!counted).then_some(outcome), times });
                None
            }
        }
    }

    fn refuse(&self, why: OffloadError, shared: &Shared<S>) -> bool {
        let Some(f) = self.task.refuse(why) else { return false };
        drop_caught(f);
        shared.admission.count(self.site, Outcome::Cancelled.into());
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
pub(crate) fn drop_caught<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}
