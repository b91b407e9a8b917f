//! Threads for closures that another closure waits for, where none else comes: the pool is full of those that wait, or
//! the runtime has lent all its threads.

use super::books::Account;
use super::error::OffloadError;
use super::inside::Waits;
use super::job::{AnyJob, Work};
use super::queue::Key;
use super::runner::Runner;
use super::saturation;
use super::shared::Shared;
use super::sync::{Condvar, Mutex, hold, lock, wait_for};
use super::task::Progress;
use crate::region;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;

/// As long as a runtime may need to start a thread, on a machine with much else to do.
const THREAD_COMES_WITHIN: Duration = Duration::from_millis(250);
/// How often those that got none are looked at, unless a slot comes back earlier.
const TICK: Duration = Duration::from_millis(10);
/// After so many looks at nothing the thread that looks ends.
const IDLE: u32 = 100;

/// A closure that another one waits for.
struct Awaited<S> {
    shared: Weak<Shared<S>>,
    job: Weak<dyn Work<S>>,
    key: Key,
    waits: Arc<Waits>,
}

/// An [`Awaited`] of any pool.
trait Look: Send {
    /// Has it run where it is stuck. True if it need not be looked at again.
    fn look(&self) -> bool;
}

struct Relief {
    awaited: Vec<Box<dyn Look>>,
    /// Whether there is a thread that looks at them.
    has_thread: bool,
    /// Whether it should look now.
    is_called: bool,
}

static RELIEF: Mutex<Relief> =
    Mutex::new(Relief { awaited: Vec::new(), has_thread: false, is_called: false });
static CALLED: Condvar = Condvar::new();

/// Has the closure run, sooner or later, though its pool may have no thread for it while this one waits.
pub(super) fn watch<S: 'static>(shared: &Arc<Shared<S>>, job: &AnyJob<S>, key: Key, waits: Arc<Waits>) {
    // It may start a thread.
    let _allowed = region::allow("handing over to a pool");
    if look(shared, job, key, &waits) {
        return;
    }
    let awaited = Awaited { shared: Arc::downgrade(shared), job: Arc::downgrade(job), key, waits };
    let mut relief = lock(&RELIEF);
    relief.awaited.push(Box::new(awaited));
    if !relief.has_thread {
        let started = std::thread::Builder::new().name("nested offloads".to_owned()).spawn(keep_looking);
        relief.has_thread = started.is_ok();
    }
}

/// A slot that was lent has come back.
pub(super) fn look_again() {
    let mut relief = lock(&RELIEF);
    if relief.has_thread {
        relief.is_called = true;
        CALLED.notify_one();
    }
}

fn keep_looking() {
    let mut idle = 0;
    let mut relief = lock(&RELIEF);
    while idle < IDLE {
        let mut awaited = take(&mut relief.awaited);
        relief.is_called = false;
        drop(relief);
        // The last one that knows of a closure may drop it here.
        awaited.retain(|one| catch_unwind(AssertUnwindSafe(|| !one.look())).unwrap_or(false));
        relief = lock(&RELIEF);
        idle = if awaited.is_empty() && relief.awaited.is_empty() { idle + 1 } else { 0 };
        // First come, first served.
        awaited.append(&mut relief.awaited);
        relief.awaited = awaited;
        if !relief.is_called {
            relief = wait_for(&CALLED, relief, TICK);
        }
        if !relief.awaited.is_empty() {
            idle = 0;
        }
    }
    relief.has_thread = false;
}

impl<S: 'static> Look for Awaited<S> {
    fn look(&self) -> bool {
        let (Some(shared), Some(job)) = (self.shared.upgrade(), self.job.upgrade()) else { return true };
        look(&shared, &job, self.key, &self.waits)
    }
}

fn look<S: 'static>(shared: &Arc<Shared<S>>, job: &AnyJob<S>, key: Key, waits: &Arc<Waits>) -> bool {
    if job.progress() != Progress::Waiting || waits.is_over() {
        return true;
    }
    let itself = waits.is_inside(shared);
    if !itself && job.home().is_none() {
        // Whose threads are not lent by a runtime has them.
        return true;
    }
    let relieved = if shared.admission.has_room() {
        if !lacks_threads(shared, &**job) {
            return false;
        }
        shared.admission.relieve(key, None)
    } else if itself && !shared.threads.has_others() {
        saturation::nested(shared, job.site(), itself);
        job.refuse(OffloadError::Deadlock, shared);
        shared.withdraw(key, job.site(), Account::default());
        return true;
    } else {
        waits.borrow(shared).and_then(|loan| shared.admission.relieve(key, Some(loan)))
    };
    let Some((slot, lent)) = relieved else { return false };
    let runner = Runner::apart(shared, slot, lent);
    saturation::nested(shared, job.site(), itself);
    shared.threads.start_apart(job.home(), shared.name, runner);
    true
}

/// Whether the runtime that would lend the job a thread has none to spare.
fn lacks_threads<S>(shared: &Shared<S>, job: &dyn Work<S>) -> bool {
    let Some(home) = job.home().map(Handle::id) else { return false };
    let mut without_threads = hold(&shared.without_threads);
    let lacks = *without_threads == Some(home) || job.submitted().elapsed() >= THREAD_COMES_WITHIN;
    if lacks {
        *without_threads = Some(home);
    }
    lacks
}
