//! `offload`, the short form: a closure on the default pool, which an application may choose once.

use super::builder::PoolBuilder;
use super::pool::Pool;
use crate::offload::jobs::CallSite;
use crate::offload::outcomes::OffloadError;
use crate::offload::run::Run;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};

static DEFAULT: OnceLock<Pool> = OnceLock::new();

/// Runs `f` on the default pool; awaiting gives its value.
///
/// For work that blocks now and then: files, a synchronous database driver, a C library. Unless the application has
/// called [`set_default_pool`], the threads are those of tokio's blocking pool, 512 by default, without any other
/// limit. That is wrong for long computation, which would fill them, and for what must not pile up: take a
/// [`Pool`] of your own for those.
///
/// # Cancellation
///
/// Nothing happens before the first poll. Dropped before a thread has taken it up, `f` never runs; after that it runs
/// to its end, and its value is dropped there. Once that has ended, the value is dropped with the future.
///
/// # Cost
///
/// Two changes of thread: some microseconds of latency, and no time on the executor.
///
/// # Panics
///
/// A panic of `f` is resumed on the awaiting task, with its payload. Polling panics outside of a tokio runtime, when
/// the runtime or the default pool is shut down before `f` has begun, and after completion.
///
/// # Example
///
/// ```
/// use guard_runtime::offload;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let text = offload(|| std::fs::read_to_string("Cargo.toml")).await?;
/// assert!(text.contains("[package]"));
/// # Ok(())
/// # }
/// ```
#[inline]
#[track_caller]
pub fn offload<F, T>(f: F) -> Offload<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let site = CallSite::of::<F>();
    Offload(default_pool().order(f, site, true))
}

/// The pool that [`offload`] hands over to, and whose [`stats`](Pool::stats) tell what it does.
pub fn default_pool() -> &'static Pool {
    DEFAULT.get_or_init(|| PoolBuilder::unlimited("default").build())
}

/// Has [`offload`] use this pool, from now on and for the whole process.
///
/// For the application, at its start; a library offloads and leaves the choice to whoever runs it. `offload` never
/// refuses: where the pool's queue is full, it waits all the same.
///
/// # Errors
///
/// The pool is given back if the default pool is in use already, or was set before.
///
/// # Example
///
/// ```
/// use guard_runtime::{Pool, offload};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let io = Pool::builder("io").threads(8).build();
/// guard_runtime::offload::set_default_pool(io).expect("nothing has run before");
/// assert_eq!(offload(|| 7).await, 7);
/// assert_eq!(guard_runtime::offload::default_pool().name(), "io");
/// # }
/// ```
pub fn set_default_pool(pool: Pool) -> Result<(), Pool> {
    DEFAULT.set(pool)
}

/// The future of [`offload`].
#[must_use = "nothing is run unless the future is awaited"]
pub struct Offload<F, T>(Run<F, T>);

impl<F, T> Future for Offload<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(value) => Poll::Ready(value),
            Err(OffloadError::Panicked(panic)) => panic.resume(),
            Err(error) => panic!("`offload`: {error}"),
        }
    }
}

impl<F, T> fmt::Debug for Offload<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Offload").field(&self.0).finish()
    }
}
