//! `PoolBuilder`: how a pool is set up, and what it has unless told otherwise.

use super::pool::Pool;
use crate::offload::jobs::{Shared, Threads};
use crate::offload::slots::Admission;
use crate::offload::threads::BlockingThreads;
#[cfg(feature = "rayon")]
use crate::offload::threads::ComputingThreads;
use std::time::Duration;

/// Sets up a [`Pool`]. Made by [`Pool::builder`] and, with the feature `rayon`, `Pool::cpu`.
#[derive(Clone, Debug)]
#[must_use = "it has to be built"]
pub struct PoolBuilder {
    name: String,
    threads: usize,
    queue: usize,
    wait_limit: Option<Duration>,
    /// Makes its threads.
    make: fn(&PoolBuilder) -> Box<dyn Threads<()>>,
}

/// How many threads a pool has unless told otherwise.
const THREADS: usize = 16;
/// How many closures wait in a pool unless told otherwise.
const QUEUE: usize = 1_000;

impl Pool {
    /// A pool for blocking work, on tokio's blocking threads. The name is for statistics and reports.
    ///
    /// Each different name is kept for ever, as long as the program runs; so it is with actors. Do not make names of
    /// requests.
    pub fn builder(name: impl AsRef<str>) -> PoolBuilder {
        PoolBuilder::new(name.as_ref())
    }

    /// A pool for computing: hashing, compressing, parsing, rendering. On threads of its own, as many as there are cores.
    ///
    /// Computation on a pool for blocking work would take threads from those who wait, and be spread over more threads
    /// than there are cores. The threads are those of a rayon pool: `par_iter`, `join` and `scope` inside of a closure use
    /// them. Such work, and what closures `spawn` there, gets its turn also while closures wait in the queue; a thread that
    /// waits for it may run another closure meanwhile.
    ///
    /// The threads exist as long as the pool. They need no runtime, but for deadlines.
    ///
    /// # Cost
    ///
    /// That of rayon's `spawn` with a channel back, to some percent: limits and statistics are paid for by queueing for less.
    ///
    /// # Example
    ///
    /// ```
    /// use guard_runtime::Pool;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), guard_runtime::offload::OffloadError> {
    /// let cpu = Pool::cpu("hash").threads(2).build();
    /// let sum = cpu.run(|| (0..1_000_000_u64).fold(0, |sum: u64, n| sum.rotate_left(5) ^ n)).await?;
    /// # let _ = sum;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "rayon")]
    pub fn cpu(name: impl AsRef<str>) -> PoolBuilder {
        PoolBuilder::computing(name.as_ref())
    }
}

impl PoolBuilder {
    fn new(name: &str) -> PoolBuilder {
        let make = |_: &PoolBuilder| -> Box<dyn Threads<()>> { Box::new(BlockingThreads) };
        PoolBuilder { name: name.to_owned(), threads: THREADS, queue: QUEUE, wait_limit: None, make }
    }

    #[cfg(feature = "rayon")]
    fn computing(name: &str) -> PoolBuilder {
        PoolBuilder {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            make: |this| Box::new(ComputingThreads::new(&this.name, this.threads)),
            ..PoolBuilder::new(name)
        }
    }

    /// With no other limit than the runtime has.
    pub(super) fn unlimited(name: &str) -> PoolBuilder {
        PoolBuilder { threads: usize::MAX, queue: usize::MAX, ..PoolBuilder::new(name) }
    }

    /// How many closures may run at a time; at least one. By default 16, and for `Pool::cpu` as many as there are cores.
    ///
    /// The threads are the runtime's: its `max_blocking_threads` has to be larger than all pools together. Those of
    /// `Pool::cpu` are its own, and as many as this.
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
    /// pool `db` is saturated: 37 queued, longest wait 1.8 s, 8 of 8 threads busy in `service::db::query` (pool)
    ///   at src/handlers.rs:20:18 in service::handlers::spent
    ///   fix: give the pool more threads or less work, or let it refuse by a shorter queue
    /// ```
    ///
    /// Waits below a millisecond never count.
    pub fn wait_limit(mut self, limit: Duration) -> PoolBuilder {
        self.wait_limit = Some(limit);
        self
    }

    /// Makes the pool. Needs no runtime; using it does, but for `Pool::cpu`.
    ///
    /// # Panics
    ///
    /// If the operating system does not start the threads of a `Pool::cpu`.
    pub fn build(self) -> Pool {
        let threads = (self.make)(&self);
        let admission = Admission::new(self.threads, self.queue);
        Pool::of(Shared::new("pool", &self.name, admission, self.wait_limit, threads))
    }
}
