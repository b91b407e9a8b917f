//! What a pool's handles, futures and workers share, and what a job, a worker and the threads are to one another. These
//! types name each other, so they are declared together; jobs, workers and threads are implemented in files of their own.

use super::call_site::CallSite;
use super::pool_names;
use super::task::Progress;
use crate::engines::pool::Trouble;
use crate::offload::nested::{LentSlot, PoolId};
use crate::offload::outcomes::{OffloadError, Sample};
use crate::offload::slots::{Admission, Entry, Key, Patience, Slot};
use crate::offload::sync::{Latch, Mutex};
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

/// `S`: what closures are called with; `()` but for actors.
pub(crate) struct Shared<S> {
    pub(crate) name: &'static str,
    /// "pool `name`", for reports.
    pub(crate) label: &'static str,
    pub(crate) admission: Admission<AnyJob<S>>,
    pub(crate) threads: Box<dyn Threads<S>>,
    /// How many closures may run at a time.
    pub(crate) width: usize,
    /// How long a closure may wait for a thread, where the pool has a limit of its own.
    pub(crate) wait_limit: Option<Duration>,
    /// The runtime that was last found to have no thread for those who wait, until one comes.
    pub(crate) without_threads: Latch<Option<Id>>,
    /// When it was last told that the pool is stuck.
    pub(crate) told: Mutex<Option<Instant>>,
    /// Told when a pool that was shut down has come to rest.
    pub(crate) over: Notify,
}

impl<S: 'static> Shared<S> {
    /// `what`: how reports call it.
    pub(crate) fn new(
        what: &str,
        name: &str,
        admission: Admission<AnyJob<S>>,
        wait_limit: Option<Duration>,
        threads: Box<dyn Threads<S>>,
    ) -> Shared<S> {
        Shared {
            name: pool_names::keep(name),
            label: pool_names::keep(&format!("{what} `{name}`")),
            width: admission.threads(),
            admission,
            threads,
            wait_limit,
            without_threads: Latch::new(None),
            told: Mutex::new(None),
            over: Notify::new(),
        }
    }

    /// Which pool this is, for those that know nothing else of pools.
    pub(crate) fn id(self: &Arc<Self>) -> PoolId {
        PoolId::new(Arc::as_ptr(self).addr(), self.name)
    }

    /// Takes a job out of the queue, if it is still there.
    pub(crate) fn withdraw(&self, key: Key, site: CallSite, sample: Sample) {
        if self.admission.withdraw(key, site, sample) {
            self.over.notify_waiters();
        }
    }
}

/// Where a pool's closures run.
pub(crate) trait Threads<S>: Send + Sync {
    /// Has the worker work on a thread.
    fn start(&self, home: Option<&Handle>, worker: Worker<S>);

    /// Has the worker work on a thread that exists for it alone: no other one comes. Not called where
    /// [`Self::has_others`] says no.
    fn start_dedicated(&self, home: Option<&Handle>, name: &str, worker: Worker<S>);

    /// Whether closures can run on other threads as well.
    fn has_others(&self) -> bool {
        true
    }

    /// The runtime whose threads a closure handed over here would run on; None where the threads are the pool's own.
    fn home(&self, pool: &str) -> Option<Handle>;

    /// Whether a closure can be handed over here: `home` does not panic.
    fn are_within_reach(&self) -> bool {
        true
    }

    /// How long a thread without work waits for more.
    fn patience(&self) -> Patience {
        Patience::SHORT
    }

    /// After how many nanoseconds of closures a thread lets others' work on it go first, by [`Self::give_way`].
    fn quantum(&self) -> u64 {
        u64::MAX
    }

    /// True if there was some.
    fn give_way(&self) -> bool {
        false
    }

    /// What helps against it.
    fn remedy(&self, trouble: Trouble) -> &'static str;

    /// Why no closure is run any more.
    fn refusal(&self) -> Option<OffloadError> {
        None
    }

    /// A closure has panicked.
    fn panicked(&self) {}
}

/// To be worked off on a thread of the pool. Dropped instead, as by a runtime that was shut down, it gives up on the
/// jobs of that runtime.
pub(crate) struct Worker<S: 'static> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) held: Held<S>,
    /// The runtime whose thread this takes, for jobs of that one.
    pub(super) home: Option<Id>,
    /// Whether its thread is for one job alone.
    pub(super) is_dedicated: bool,
}

pub(super) enum Held<S> {
    /// Nothing yet: no thread has come.
    Starting,
    /// The slot keeps the job until [`Worker::end`].
    Busy(Slot, JobRef<S>),
    /// Without a job.
    Lingering(Slot),
    /// Without a job, while others' work on this thread goes first.
    Paused(Slot),
    Nothing,
}

/// A job of any closure.
pub(crate) trait Work<S>: Send + Sync {
    /// Runs the closure, unless somebody else has taken it; then frees its slot, by telling `free` what became of it;
    /// and after that lets the future have the outcome, whose waker is to be woken. `free` is told the time, where it is
    /// known. Does not unwind.
    fn run(
        &self,
        state: &mut S,
        shared: &Shared<S>,
        previous: Previous,
        free: &mut FreeSlot<'_>,
    ) -> Option<Waker>;

    /// Gives up on it, if it has not begun: then the future gets the error.
    fn refuse(&self, why: OffloadError, shared: &Shared<S>) -> bool;

    /// Tells the closure that it is not wanted any more, if it listens.
    fn cancel(&self);

    fn progress(&self) -> Progress;

    fn submitted(&self) -> Instant;

    fn site(&self) -> CallSite;

    fn home(&self) -> Option<&Handle>;
}

pub(crate) type AnyJob<S> = Arc<dyn Work<S>>;

/// What a thread did before it took a job up.
#[derive(Clone, Copy)]
pub(crate) enum Previous {
    /// It ran another one, until then.
    Job(Option<Instant>),
    Nothing,
}

pub(crate) type FreeSlot<'f> = dyn FnMut(Option<Instant>, Sample) + 'f;

/// A job of which somebody else keeps the `Arc`: taking part in the count costs as much as a lock.
pub(crate) struct JobRef<S>(NonNull<dyn Work<S>>);

// SAFETY: it stands for a `&dyn Work`, and `Work` is `Sync`.
unsafe impl<S> Send for JobRef<S> {}

impl<S> JobRef<S> {
    /// # Safety
    ///
    /// The job is kept for as long as what is given is used.
    pub(crate) unsafe fn get<'j>(&self) -> &'j dyn Work<S> {
        // SAFETY: it was made of a reference, and the caller knows that the job is still there.
        unsafe { self.0.as_ref() }
    }
}

impl<S> Entry for AnyJob<S> {
    type Group = Option<Id>;
    type Site = CallSite;
    type Ref = JobRef<S>;
    type Loan = LentSlot;

    fn to_ref(&self) -> JobRef<S> {
        JobRef(NonNull::from(&**self))
    }

    fn since(&self) -> Instant {
        self.submitted()
    }
}
