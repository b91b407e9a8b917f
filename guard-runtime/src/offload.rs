//! The fix: moves blocking work off the executor's threads.

use crate::region;
use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Runs `f` on tokio's blocking pool; awaiting gives its value.
///
/// For work that blocks now and then: files, a synchronous database driver, a C library. The pool grows to 512
/// threads by default and has no queue limit, so it is wrong for long computation, which would fill it.
///
/// # Cancellation
///
/// Nothing happens before the first poll. Dropped before a thread has taken it up, `f` never runs; after that it runs
/// to its end, and its value is dropped on the pool's thread.
///
/// # Cost
///
/// Two changes of thread: some microseconds of latency, and no time on the executor.
///
/// # Panics
///
/// A panic of `f` is resumed on the awaiting task, with its payload. Polling panics outside of a tokio runtime, when
/// the runtime shuts down before `f` has begun, and after completion.
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
pub fn offload<F, T>(f: F) -> Offload<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Offload(State::Waiting(f))
}

/// The future of [`offload`].
#[must_use = "nothing is run unless the future is awaited"]
pub struct Offload<F, T>(State<F, T>);

enum State<F, T> {
    Waiting(F),
    Running(JoinHandle<T>),
    Done,
}

// The closure is moved out, never pinned.
impl<F, T> Unpin for Offload<F, T> {}

impl<F, T> Future for Offload<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut work = match std::mem::replace(&mut self.0, State::Done) {
            State::Waiting(f) => start(f),
            State::Running(work) => work,
            State::Done => panic!("`offload` polled after completion"),
        };
        match Pin::new(&mut work).poll(cx) {
            Poll::Pending => {
                self.0 = State::Running(work);
                Poll::Pending
            }
            Poll::Ready(Ok(value)) => Poll::Ready(value),
            Poll::Ready(Err(error)) => match error.try_into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(_) => panic!("`offload`: the runtime shut down before the work had begun"),
            },
        }
    }
}

fn start<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let Ok(runtime) = Handle::try_current() else {
        panic!("`offload` was awaited outside of a tokio runtime");
    };
    // Handing over takes the pool's lock, and may start a thread.
    let _allowed = region::allow("handing over to the blocking pool");
    runtime.spawn_blocking(f)
}

impl<F, T> Drop for Offload<F, T> {
    fn drop(&mut self) {
        if let State::Running(work) = &self.0 {
            // Has an effect only as long as no thread has taken it up.
            work.abort();
        }
    }
}

impl<F, T> fmt::Debug for Offload<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Waiting(_) => "Offload(waiting)",
            State::Running(_) => "Offload(running)",
            State::Done => "Offload(done)",
        })
    }
}

/// Runs `f` at once on this thread, and has the thread's other tasks moved elsewhere where that is possible.
///
/// For work that borrows: `f` needs neither `Send` nor `'static`. On a worker of tokio's multi-thread runtime this is
/// [`tokio::task::block_in_place`]: another thread takes over the worker's tasks, though not the futures joined
/// with this one in the same task. Everywhere else (a current_thread runtime, the body of `#[tokio::main]`, a thread
/// of one's own, and always without the feature `workers`) nothing can be moved: `f` simply runs. In no case does
/// what `f` calls count as a violation. Prefer [`offload`] wherever the closure can be `'static`.
///
/// # Panics
///
/// If `f` does; and, as in tokio, in a `LocalSet` that is run by `block_on` inside of `block_in_place` on a worker.
///
/// # Example
///
/// ```
/// # #[tokio::main]
/// # async fn main() {
/// let mut lines = Vec::new();
/// guard_runtime::offload_in_place(|| {
///     lines.extend(std::fs::read_to_string("Cargo.toml").unwrap().lines().map(str::to_owned));
/// });
/// assert!(lines.len() > 1);
/// # }
/// ```
pub fn offload_in_place<T>(f: impl FnOnce() -> T) -> T {
    let _allowed = region::allow("offload_in_place");
    #[cfg(not(target_family = "wasm"))]
    if on_multi_thread_worker() {
        return tokio::task::block_in_place(f);
    }
    f()
}

#[cfg(not(target_family = "wasm"))]
fn on_multi_thread_worker() -> bool {
    let _quiet = region::quiet();
    crate::detect::executor::worker().is_some()
        && Handle::try_current()
            .is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
}
