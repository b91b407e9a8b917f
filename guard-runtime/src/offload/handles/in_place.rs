//! `offload_in_place`: for work that borrows.

use crate::offload::outcomes::Times;
use crate::offload::sync::{Mutex, lock};
use crate::region;
use crate::thread::executor;
use std::time::Instant;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs `f` at once on this thread, and has the thread's other tasks moved elsewhere where that is possible.
///
/// For work that borrows: `f` needs neither `Send` nor `'static`. On a worker of tokio's multi-thread runtime this is
/// [`tokio::task::block_in_place`]: another thread takes over the worker's tasks, though not the futures joined
/// with this one in the same task. Everywhere else (a current_thread runtime, the body of `#[tokio::main]`, a thread
/// of one's own, and always without the feature `workers`) nothing can be moved: `f` simply runs. In no case does
/// what `f` calls count as a violation. Prefer [`offload`](crate::offload::offload()) wherever the closure can be `'static`.
///
/// On a current_thread runtime, where tokio's `block_in_place` panics, `f` holds up all tasks. [`in_place_times`] tells
/// how often that was, and for how long.
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
    match flavor_of_worker() {
        #[cfg(not(target_family = "wasm"))]
        Some(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(f),
        Some(RuntimeFlavor::CurrentThread) => {
            let _timed = Timed(Instant::now());
            f()
        }
        _ => f(),
    }
}

/// How long [`offload_in_place`] has held up current_thread runtimes, in the whole process.
///
/// Needs the feature `workers`; without it nothing is counted.
///
/// # Example
///
/// ```
/// use guard_runtime::offload::in_place_times;
/// use guard_runtime::offload_in_place;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(in_place_times().count(), 0);
/// offload_in_place(|| std::fs::metadata("Cargo.toml").is_ok());
/// # #[cfg(feature = "workers")]
/// assert_eq!(in_place_times().count(), 1);
/// # }
/// ```
pub fn in_place_times() -> Times {
    lock(&IN_PLACE).clone()
}

static IN_PLACE: Mutex<Times> = Mutex::new(Times::NONE);

/// Counted by unwinding too.
struct Timed(Instant);

impl Drop for Timed {
    fn drop(&mut self) {
        lock(&IN_PLACE).add(self.0.elapsed());
    }
}

/// None where the thread is no worker.
fn flavor_of_worker() -> Option<RuntimeFlavor> {
    let _quiet = region::quiet();
    executor::worker()?;
    Some(Handle::try_current().ok()?.runtime_flavor())
}
