//! An actor's thread: owns a state, and runs closures on it until nobody can hand over any more.

use super::handoff::Handoff;
use crate::engines::pool::Trouble;
use crate::offload::jobs::{Threads, Worker, thread_name};
use crate::offload::outcomes::{OffloadError, Panic};
use crate::offload::slots::Patience;
use crate::region;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The one thread of an actor with a state `S`.
pub(crate) struct ActorThread<S: 'static> {
    inbox: Arc<Inbox<S>>,
}

/// What the thread waits at.
pub(crate) struct Inbox<S: 'static> {
    next: Handoff<Worker<S>>,
    /// Whether a closure has panicked, and may have left the state half changed.
    poisoned: AtomicBool,
    /// Cancelled when the thread has dropped the state.
    pub(crate) ended: CancellationToken,
}

/// How the state could not be made.
pub(crate) enum NotMade<E> {
    Error(E),
    Panic(Panic),
}

impl<S> Inbox<S> {
    pub(crate) fn new() -> Arc<Inbox<S>> {
        Arc::new(Inbox {
            next: Handoff::new(),
            poisoned: AtomicBool::new(false),
            ended: CancellationToken::new(),
        })
    }

    /// Has the thread end, once it has done what it was given.
    pub(crate) fn close(&self) {
        self.next.close();
    }

    /// Has no closure be run any more.
    fn poison(&self) {
        self.poisoned.store(true, Ordering::Relaxed);
    }

    /// Starts the thread, which makes the state and says how that went.
    pub(crate) fn start<E: Send + 'static>(
        self: &Arc<Self>,
        name: &str,
        make: impl FnOnce() -> Result<S, E> + Send + 'static,
    ) -> oneshot::Receiver<Result<(), NotMade<E>>> {
        let (said, heard) = oneshot::channel();
        let inbox = Arc::clone(self);
        let _allowed = region::allow("starting a thread");
        let thread = std::thread::Builder::new().name(thread_name(name)).spawn(move || {
            // Cancels however the thread ends.
            let _ended = inbox.ended.clone().drop_guard();
            // Whatever is polled here holds up no executor.
            let _allowed = region::allow("an actor's thread");
            match catch_unwind(AssertUnwindSafe(make)) {
                Ok(Ok(state)) => {
                    if said.send(Ok(())).is_ok() {
                        inbox.serve(state);
                    }
                }
                // Nobody may wait for it any more.
                Ok(Err(error)) => drop(said.send(Err(NotMade::Error(error)))),
                Err(payload) => drop(said.send(Err(NotMade::Panic(Panic::new(payload))))),
            }
        });
        if let Err(error) = thread {
            panic!("actor `{name}`: the operating system starts no thread: {error}");
        }
        heard
    }

    fn serve(&self, mut state: S) {
        /// However the thread ends, what comes later is refused, and does not wait for it.
        struct Gone<'a, S: 'static>(&'a Inbox<S>);
        impl<S> Drop for Gone<'_, S> {
            fn drop(&mut self) {
                self.0.close();
                drop(self.0.next.take());
            }
        }
        let _gone = Gone(self);
        while let Some(worker) = self.next.take() {
            // A worker catches what closures do; should anything escape it, whoever waits gets an answer all the same.
            if catch_unwind(AssertUnwindSafe(|| worker.work(&mut state))).is_err() {
                self.poison();
            }
        }
    }
}

impl<S> ActorThread<S> {
    pub(crate) fn new(inbox: Arc<Inbox<S>>) -> ActorThread<S> {
        ActorThread { inbox }
    }
}

impl<S> Threads<S> for ActorThread<S> {
    fn start(&self, _: Option<&Handle>, worker: Worker<S>) {
        // After the end, its drop refuses whoever waits. One thread is started at a time, so none is put aside.
        drop(self.inbox.next.put(worker));
    }

    fn start_dedicated(&self, _: Option<&Handle>, _: &str, worker: Worker<S>) {
        // Its drop refuses whoever waits: the state is here.
        drop(worker);
    }

    fn has_others(&self) -> bool {
        false
    }

    fn remedy(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Saturated => {
                "give the actor less to do, or let it refuse by a smaller mailbox: what needs no state belongs on a pool"
            }
            Trouble::NoThread => "let fewer threads compute: the machine has no core left for the actor's",
            Trouble::WaitsForItself => {
                "use the state that the closure was given instead of asking the actor for it"
            }
        }
    }

    fn home(&self, _: &str) -> Option<Handle> {
        None
    }

    fn patience(&self) -> Patience {
        Patience::LONG
    }

    fn refusal(&self) -> Option<OffloadError> {
        self.inbox.poisoned.load(Ordering::Relaxed).then_some(OffloadError::Poisoned)
    }

    fn panicked(&self) {
        self.inbox.poison();
    }
}

impl<S> Drop for ActorThread<S> {
    fn drop(&mut self) {
        self.inbox.close();
    }
}
