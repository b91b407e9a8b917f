//! What a pool's handles, its futures and its threads share.

use super::admission::{Admission, Patience, Refusal, Submitted};
use super::books::Account;
use super::call_site::CallSite;
use super::error::OffloadError;
use super::job::AnyJob;
use super::names;
use super::queue::Key;
use super::runner::{Runner, start_thread};
use super::sync::{Latch, Mutex};
use crate::detect::ON;
use crate::detect::pool::Trouble;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

/// `S`: what closures are called with; `()` but for actors.
pub(super) struct Shared<S> {
    pub(super) name: &'static str,
    /// "pool `name`", for reports.
    pub(super) label: &'static str,
    pub(super) admission: Admission<AnyJob<S>>,
    pub(super) threads: Box<dyn Threads<S>>,
    /// How many closures may run at a time.
    pub(super) width: usize,
    /// How long a closure may wait for a thread, where the pool has a limit of its own.
    pub(super) wait_limit: Option<Duration>,
    /// The runtime that was last found to have no thread for those who wait, until one comes.
    pub(super) without_threads: Latch<Option<Id>>,
    /// When it was last told that the pool is stuck.
    pub(super) told: Mutex<Option<Instant>>,
    /// Told when a pool that was shut down has come to rest.
    pub(super) over: Notify,
}

/// Where a pool's closures run.
pub(super) trait Threads<S>: Send + Sync {
    /// Has the runner work on a thread.
    fn start(&self, home: Option<&Handle>, runner: Runner<S>);

    /// Has the runner work on a thread that exists for it alone: no other one comes. Not called where
    /// [`Self::has_others`] says no.
    fn start_apart(&self, home: Option<&Handle>, name: &str, runner: Runner<S>);

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

/// A job's place in the queue.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) key: Key,
    /// Whether it had to wait for another one to end.
    pub(super) full: bool,
}

impl<S: 'static> Shared<S> {
    /// `what`: how reports call it.
    pub(super) fn new(
        what: &str,
        name: &str,
        admission: Admission<AnyJob<S>>,
        wait_limit: Option<Duration>,
        threads: Box<dyn Threads<S>>,
    ) -> Shared<S> {
        Shared {
            name: names::keep(name),
            label: names::keep(&format!("{what} `{name}`")),
            width: admission.threads(),
            admission,
            threads,
            wait_limit,
            without_threads: Latch::new(None),
            told: Mutex::new(None),
            over: Notify::new(),
        }
    }

    /// Hands a job over. Beside its place: since when the first in the queue had waited, where the guard is built.
    #[inline(always)] // It has one caller, and gives more than goes into registers.
    pub(super) fn submit(
        self: &Arc<Self>,
        job: AnyJob<S>,
        home: Option<&Handle>,
        patient: bool,
    ) -> Result<(Place, Option<Instant>), Refusal> {
        match self.admission.submit(job, home.map(Handle::id), patient, ON) {
            Submitted::Queued { key, behind, full, start } => {
                if start {
                    self.start(home);
                }
                Ok((Place { key, full }, behind))
            }
            Submitted::Refused(_, refusal) => Err(refusal),
        }
    }

    /// Takes a job out of the queue, if it is still there.
    pub(super) fn withdraw(&self, key: Key, site: CallSite, account: Account) {
        if self.admission.withdraw(key, site, account) {
            self.over.notify_waiters();
        }
    }

    #[cold]
    pub(super) fn start(self: &Arc<Self>, home: Option<&Handle>) {
        start_thread(Runner::starting(self, home), home);
    }
}
