//! Who of a pool may run and who waits: its slots and its queue. Knows nothing of threads, closures and runtimes.

mod admission;
mod entry;
mod queue;
mod snapshot;
mod state;

pub(crate) use admission::{Admission, Patience, Refusal, Starts, Submitted};
pub(crate) use entry::{Entry, Loan};
pub(crate) use queue::Key;
pub(crate) use snapshot::{Predecessor, Snapshot};
pub(crate) use state::{Next, Slot};
