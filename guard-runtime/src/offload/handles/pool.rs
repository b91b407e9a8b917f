//! `Pool`: a limited number of threads for blocking work, with a queue that is limited too.

use super::shutdown::{Leftover, shutdown};
use super::stats::PoolStats;
use crate::offload::jobs::{CallSite, Shared};
use crate::offload::outcomes::OffloadError;
use crate::offload::run::{Order, Run};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A limited number of threads for work that blocks, with a queue that is limited as well.
///
/// A pool for each thing that can be exhausted: one for the database, one for files, one for the C library that is not
/// thread-safe (`threads(1)`). Then one slow thing cannot starve the others, and [`stats`](Pool::stats) say which it
/// is. Cloning gives another handle to the same pool; a `static` of a `LazyLock<Pool>` works in any runtime.
///
/// A closure's thread counts as taken until the closure has *really* ended: when its future is dropped or its deadline
/// passes, the closure runs on, and the limit holds all the same. One that waits for another one of its own pool, where that
/// is full, [lends it its slot](crate::book::offloading#may-a-closure-offload-again); if it then stops waiting before the
/// other one has ended, both run.
///
/// # Cost
///
/// That of tokio's `spawn_blocking`; a fifth of it and less where closures wait in the queue, because a thread takes the
/// next one without going through tokio. The clock is read two or three times for each. No thread exists for a pool that
/// does nothing. `cargo bench -p guard-runtime --bench offload --features rayon` measures it beside others.
///
/// # Example
///
/// ```
/// use guard_runtime::Pool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let files = Pool::builder("files").threads(4).queue(1_000).build();
/// let text = files.run(|| std::fs::read_to_string("Cargo.toml")).await??;
/// assert!(text.contains("[package]"));
/// # Ok(())
/// # }
/// ```
pub struct Pool {
    shared: Arc<Shared<()>>,
}

impl Pool {
    pub(crate) fn of(shared: Shared<()>) -> Pool {
        Pool { shared: Arc::new(shared) }
    }

    /// The name it was built with.
    pub fn name(&self) -> &'static str {
        self.shared.name
    }

    /// How many closures may run at a time.
    pub fn threads(&self) -> usize {
        self.shared.width
    }

    /// Runs `f` on a thread of the pool; awaiting gives its value.
    ///
    /// Where every thread is busy it waits in the queue, first come, first served.
    ///
    /// # Cancellation
    ///
    /// See [`Run`]: dropped in time, `f` never runs.
    ///
    /// # Errors
    ///
    /// [`QueueFull`](OffloadError::QueueFull), [`Panicked`](OffloadError::Panicked), and
    /// [`Closed`](OffloadError::Closed) once the pool or the runtime is shut down.
    ///
    /// # Panics
    ///
    /// Polling panics outside of a tokio runtime, and after completion.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("io").threads(2).build();
    /// assert_eq!(pool.run(|| 6 * 7).await.unwrap(), 42);
    ///
    /// let error = pool.run(|| -> u32 { panic!("no such order") }).await.unwrap_err();
    /// assert_eq!(error.to_string(), "panicked: no such order");
    /// # }
    /// ```
    #[track_caller]
    pub fn run<F, T>(&self, f: F) -> Run<F, T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.order(f, CallSite::of::<F>(), false)
    }

    /// Hands `f` over now, before anything is awaited, or says at once why not.
    ///
    /// The future then only waits. It may be awaited anywhere, or dropped, which takes `f` back if it has not begun.
    /// With [`Run::with_deadline`] it ends in time, counted from that call; with [`Run::with_token`] it is told.
    ///
    /// # Errors
    ///
    /// [`QueueFull`](OffloadError::QueueFull) and [`Closed`](OffloadError::Closed) at once; those of [`Pool::run`] by
    /// the future.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), OffloadError> {
    /// let pool = Pool::builder("thumbnails").threads(1).queue(1).build();
    /// let (release, wait) = std::sync::mpsc::channel::<()>();
    ///
    /// let running = pool.try_run(move || wait.recv())?;
    /// let queued = pool.try_run(|| 2)?;
    /// assert!(matches!(pool.try_run(|| 3), Err(OffloadError::QueueFull)));
    ///
    /// release.send(()).unwrap();
    /// assert_eq!(queued.await?, 2);
    /// # running.await?.unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn try_run<F, T>(&self, f: F) -> Result<Run<F, T>, OffloadError>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let mut run = self.order(f, CallSite::of::<F>(), false);
        run.submit(None, false)?;
        Ok(run)
    }

    /// [`Pool::run`] that ends in time, counted from the first poll.
    ///
    /// A closure cannot be stopped from outside. If the deadline passes while it waits, it never runs; if it passes while
    /// it runs, the closure is abandoned: it keeps its thread to its end, is counted in
    /// [`PoolStats::abandoned`](crate::offload::PoolStats::abandoned), and what it gives is dropped there. For work that can
    /// stop by itself see [`Pool::run_with_token`].
    ///
    /// # Errors
    ///
    /// [`DeadlineInQueue`](OffloadError::DeadlineInQueue), [`DeadlineRunning`](OffloadError::DeadlineRunning), and
    /// those of [`Pool::run`].
    ///
    /// # Panics
    ///
    /// As [`Pool::run`], and if the runtime was built without time.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("dns").threads(1).build();
    /// let (release, wait) = std::sync::mpsc::channel::<()>();
    ///
    /// let slow = pool.run_with_deadline(Duration::from_millis(20), move || wait.recv()).await;
    /// assert!(matches!(slow, Err(OffloadError::DeadlineRunning)));
    /// // The only thread is taken until the closure really ends.
    /// let next = pool.run_with_deadline(Duration::from_millis(20), || ()).await;
    /// assert!(matches!(next, Err(OffloadError::DeadlineInQueue)));
    /// # drop(release);
    /// # }
    /// ```
    #[track_caller]
    pub fn run_with_deadline<F, T>(&self, within: Duration, f: F) -> Run<F, T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.order(f, CallSite::of::<F>(), false).with_deadline(within)
    }

    /// [`Pool::run`] of a closure that can stop by itself: it is given a token, and looks at it now and then.
    ///
    /// The closure's token is a child of `token`: cancelled along with it, and also when the future is dropped, when
    /// [`shutdown`](Pool::shutdown) runs out of time, and when a deadline passes
    /// ([`run_with_deadline`](Pool::run_with_deadline) has one; here it is [`Run::with_deadline`]). A closure that has
    /// not begun when `token` is cancelled never runs. One that has begun decides for itself, and what it gives is
    /// the value of the future: what it has got so far, or an error of its own.
    ///
    /// For [`Pool::try_run`] and actors there is [`Run::with_token`]; for many items,
    /// [`Map::with_token`](crate::offload::Map::with_token).
    ///
    /// # Errors
    ///
    /// [`Cancelled`](OffloadError::Cancelled), and those of [`Pool::run`].
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # use tokio_util::sync::CancellationToken;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), OffloadError> {
    /// let pool = Pool::builder("search").build();
    /// let request = CancellationToken::new();
    ///
    /// let search = pool.run_with_token(&request, |token| {
    ///     let mut found = Vec::new();
    ///     for n in 0_u64.. {
    ///         if token.is_cancelled() {
    ///             break;
    ///         }
    ///         # std::thread::yield_now();
    ///         found.push(n);
    ///     }
    ///     found
    /// });
    /// let search = tokio::spawn(search);
    /// tokio::task::yield_now().await;
    /// # while pool.stats().busy() == 0 { tokio::task::yield_now().await }
    /// request.cancel();
    /// let found = search.await.unwrap()?;
    /// # let _ = found;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn run_with_token<F, T>(
        &self,
        token: &CancellationToken,
        f: F,
    ) -> Run<impl FnOnce() -> T + Send + 'static + use<F, T>, T>
    where
        F: FnOnce(CancellationToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let own = token.child_token();
        let given = own.clone();
        self.order(move || f(given), CallSite::of::<F>(), false).with_token(own)
    }

    /// Accepts nothing more, and waits until all that was accepted has ended, for `limit` at most.
    ///
    /// What waits in the queue is run as long as there is time, and then cancelled; what runs longer is told by its token,
    /// if it has one, and left alone: nothing can stop it. Both are in the [`Leftover`], for the log. Every handle of
    /// the pool is shut down; calling it again waits again.
    ///
    /// # Panics
    ///
    /// If the runtime was built without time.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("mail").build();
    /// let sent = pool.try_run(|| "sent").unwrap();
    ///
    /// let left = pool.shutdown(Duration::from_secs(10)).await;
    /// assert!(left.is_empty(), "{left}");
    /// assert_eq!(sent.await.unwrap(), "sent");
    /// assert!(matches!(pool.run(|| "more").await, Err(OffloadError::Closed)));
    /// # }
    /// ```
    pub async fn shutdown(&self, limit: Duration) -> Leftover {
        shutdown(&self.shared, limit).await
    }

    /// Whether [`shutdown`](Pool::shutdown) has been called.
    pub fn is_closed(&self) -> bool {
        self.shared.admission.is_closed()
    }

    /// What it does now, and has done so far. See [`PoolStats`].
    ///
    /// Where the guard is built, this also reports a pool that is stuck: whose first closure in the queue has waited longer
    /// than [the limit](crate::offload::PoolBuilder::wait_limit) already.
    ///
    /// # Cost
    ///
    /// Some microseconds, and more with many threads: each running closure is looked at.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::Pool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("io").threads(2).build();
    /// pool.run(|| ()).await.unwrap();
    /// let stats = pool.stats();
    /// assert_eq!((stats.completed(), stats.busy(), stats.queued()), (1, 0, 0));
    /// println!("{}: {stats}, p99 of the wait {:?}", pool.name(), stats.waited().quantile(0.99));
    /// # }
    /// ```
    pub fn stats(&self) -> PoolStats {
        PoolStats::new(&self.shared)
    }

    pub(crate) fn shared(&self) -> Arc<Shared<()>> {
        Arc::clone(&self.shared)
    }

    pub(crate) fn order<F, T>(&self, f: F, site: CallSite, patient: bool) -> Run<F, T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Run::new(Order { shared: Arc::clone(&self.shared), f, call: |f, ()| f(), site, patient })
    }
}

impl Clone for Pool {
    fn clone(&self) -> Pool {
        Pool { shared: Arc::clone(&self.shared) }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("name", &self.name())
            .field("threads", &self.threads())
            .finish_non_exhaustive()
    }
}
