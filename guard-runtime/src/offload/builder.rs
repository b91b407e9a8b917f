//! How a pool is set up.

use super::admission::Admission;
use super::blocking::Blocking;
use super::pool::Pool;
use super::shared::{Shared, Threads};
use std::time::Duration;

/// Sets up a [`Pool`]. Made by [`Pool::builder`].
#[derive(Clone, Debug)]
#[must_use = "it has to be built"]
pub struct PoolBuilder {
    name: String,
    threads: usize,
    queue: usize,
    wait_limit: Option<Duration>,
}

/// How many threads a pool has unless told otherwise.
const THREADS: usize = 16;
/// How many closures wait in a pool unless told otherwise.
const QUEUE: usize = 1_000;

impl PoolBuilder {
    pub(super) fn new(name: &str) -> PoolBuilder {
        PoolBuilder { name: name.to_owned(), threads: THREADS, queue: QUEUE, wait_limit: None }
    }

    pub(super) fn unlimited(name: &str) -> PoolBuilder {
        PoolBuilder { threads: usize::MAX, queue: usize::MAX, ..PoolBuilder::new(name) }
    }

    /// How many closures may run at a time; at least one. 16 by default.
    ///
    /// The threads are the runtime's: its `max_blocking_threads` has to be larger than all pools together.
    pub fn threads(mut self, threads: usize) -> PoolBuilder {
        self.threads = threads.max(1);
        self
    }

    /// How many more may wait; any further one is refused with
    /// [`OffloadError::QueueFull`](crate::offload::OffloadError::QueueFull). 1,000 by default.
    pub fn queue(mut self, queue: usize) -> PoolBuilder {
        self.queue = queue;
        self
    }

    /// From how long on a closure's wait for a thread is a violation of kind `pool`: 500 ms, unless
    /// [`Config::limit`](crate::Config::limit) says otherwise for [`Kind::Pool`](crate::Kind::Pool).
    ///
    /// It is logged with the state of the pool and with who keeps its threads busy, where the guard is built:
    ///
    /// ```text
    /// pool `db` is saturated: 37 queued, longest wait 1.8s, 8 of 8 threads busy in `service::db::query` (pool)
    ///   at src/handlers.rs:20:18 in service::handlers::spent
    ///   fix: give the pool more threads or less work, or let it refuse by a shorter queue
    /// ```
    ///
    /// Waits below a millisecond never count.
    pub fn wait_limit(mut self, limit: Duration) -> PoolBuilder {
        self.wait_limit = Some(limit);
        self
    }

    /// Makes the pool. Needs no runtime; using it does.
    pub fn build(self) -> Pool {
        let threads: Box<dyn Threads<()>> = Box::new(Blocking);
        let admission = Admission::new(self.threads, self.queue);
        Pool::of(Shared::new("pool", &self.name, admission, self.wait_limit, threads))
    }
}
