//! Hands a job over to its pool, and has a thread come for it.

use super::shared::{AnyJob, Held, Shared, Worker};
use crate::model::ON;
use crate::offload::slots::{Key, Refusal, Submitted};
use crate::region;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;

/// What a job that waits in the queue is known by.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) key: Key,
    /// Whether it had to wait for another one to end.
    pub(crate) full: bool,
}

impl<S: 'static> Shared<S> {
    /// Hands a job over. Beside its ticket: since when the first in the queue had waited, where the guard is built.
    #[inline(always)] // It has one caller, and gives more than goes into registers.
    pub(crate) fn submit(
        self: &Arc<Self>,
        job: AnyJob<S>,
        home: Option<&Handle>,
        patient: bool,
    ) -> Result<(Ticket, Option<Instant>), Refusal> {
        match self.admission.submit(job, home.map(Handle::id), patient, ON) {
            Submitted::Queued { key, front_since, full, start } => {
                if start {
                    self.start(home);
                }
                Ok((Ticket { key, full }, front_since))
            }
            Submitted::Refused(_, refusal) => Err(refusal),
        }
    }

    #[cold]
    pub(super) fn start(self: &Arc<Self>, home: Option<&Handle>) {
        let worker = Worker {
            shared: Arc::clone(self),
            held: Held::Starting,
            home: home.map(Handle::id),
            is_dedicated: false,
        };
        start_thread(worker, home);
    }
}

thread_local! {
    static STARTING: Cell<Starting> = const { Cell::new(Starting::No) };
    static PENDING: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Starting {
    No,
    One,
    /// And more are pending.
    More,
}

/// Starts a thread for a worker, on the runtime `home`.
///
/// A runtime that was shut down drops the worker at once, whose drop may start the next one: not deeper in the stack,
/// but from here.
fn start_thread<S: 'static>(worker: Worker<S>, home: Option<&Handle>) {
    if STARTING.get() != Starting::No {
        let home = home.cloned();
        STARTING.set(Starting::More);
        let start = Box::new(move || start_at_once(worker, home.as_ref()));
        return PENDING.with_borrow_mut(|pending| pending.push(start));
    }
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            STARTING.set(Starting::No);
        }
    }
    STARTING.set(Starting::One);
    let _reset = Reset;
    start_at_once(worker, home);
    while STARTING.get() == Starting::More {
        match PENDING.with_borrow_mut(Vec::pop) {
            Some(start) => start(),
            None => break,
        }
    }
}

fn start_at_once<S: 'static>(worker: Worker<S>, home: Option<&Handle>) {
    // Handing over takes locks, and may start a thread.
    let _allowed = region::allow("handing over to a pool");
    let shared = Arc::clone(&worker.shared);
    shared.threads.start(home, worker);
}
