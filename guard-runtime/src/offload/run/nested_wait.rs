//! A closure that another one waits for, and that no thread comes for: the pool is full of those that wait, or the
//! runtime has lent all its threads. It is given a thread of its own.

use crate::offload::jobs::{AnyJob, Progress, Shared, Work, Worker, saturation};
use crate::offload::nested::{NestedWait, Watched, watch};
use crate::offload::outcomes::{OffloadError, Sample};
use crate::offload::slots::Key;
use crate::offload::sync::hold;
use crate::region;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;

/// As long as a runtime may need to start a thread, on a machine with much else to do.
const THREAD_COMES_WITHIN: Duration = Duration::from_millis(250);

/// A closure that another one waits for.
struct Awaited<S> {
    shared: Weak<Shared<S>>,
    job: Weak<dyn Work<S>>,
    key: Key,
    wait: Arc<NestedWait>,
}

/// Has the closure run, sooner or later, though its pool may have no thread for it while this one waits.
pub(super) fn ensure_thread<S: 'static>(
    shared: &Arc<Shared<S>>,
    job: &AnyJob<S>,
    key: Key,
    wait: Arc<NestedWait>,
) {
    // It may start a thread.
    let _allowed = region::allow("handing over to a pool");
    if look(shared, job, key, &wait) {
        return;
    }
    watch(Box::new(Awaited { shared: Arc::downgrade(shared), job: Arc::downgrade(job), key, wait }));
}

impl<S: 'static> Watched for Awaited<S> {
    fn look(&self) -> bool {
        let (Some(shared), Some(job)) = (self.shared.upgrade(), self.job.upgrade()) else { return true };
        look(&shared, &job, self.key, &self.wait)
    }
}

fn look<S: 'static>(shared: &Arc<Shared<S>>, job: &AnyJob<S>, key: Key, wait: &Arc<NestedWait>) -> bool {
    if job.progress() != Progress::Waiting || wait.is_over() {
        return true;
    }
    let itself = wait.includes(shared.id());
    if !itself && job.home().is_none() {
        // Whose threads are not lent by a runtime has them.
        return true;
    }
    let admitted = if shared.admission.has_room() {
        if !lacks_threads(shared, &**job) {
            return false;
        }
        shared.admission.admit_out_of_turn(key, None)
    } else if itself && !shared.threads.has_others() {
        saturation::on_nested_wait(shared, job.site(), itself);
        job.refuse(OffloadError::Deadlock, shared);
        shared.withdraw(key, job.site(), Sample::default());
        return true;
    } else {
        wait.borrow_slot(shared.id()).and_then(|loan| shared.admission.admit_out_of_turn(key, Some(loan)))
    };
    let Some((slot, job_ref)) = admitted else { return false };
    let worker = Worker::dedicated(shared, slot, job_ref);
    saturation::on_nested_wait(shared, job.site(), itself);
    shared.threads.start_dedicated(job.home(), shared.name, worker);
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
