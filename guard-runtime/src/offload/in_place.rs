//! `offload_in_place`: for work that borrows.

use crate::region;
#[cfg(not(target_family = "wasm"))]
use tokio::runtime::Handle;

/// Runs `f` at once on this thread, and has the thread's other tasks moved elsewhere where that is possible.
///
/// For work that borrows: `f` needs neither `Send` nor `'static`. On a worker of tokio's multi-thread runtime this is
/// [`tokio::task::block_in_place`]: another thread takes over the worker's tasks, though not the futures joined
/// with this one in the same task. Everywhere else (a current_thread runtime, the body of `#[tokio::main]`, a thread
/// of one's own, and always without the feature `workers`) nothing can be moved: `f` simply runs. In no case does
/// what `f` calls count as a violation. Prefer [`offload`](super::offload()) wherever the closure can be `'static`.
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

/// Runs `f` inside of a poll on a thread that is not an executor's, where it may block on futures of its own.
pub(super) fn out_of_the_poll<T>(f: impl FnOnce() -> T) -> T {
    // Only where tokio's answer is known: on an event loop of one thread, `block_in_place` panics.
    #[cfg(all(feature = "workers", not(target_family = "wasm")))]
    if crate::detect::executor::worker().is_none() {
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
