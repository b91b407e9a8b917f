//! The user's own handler of violations.

use super::Violation;
use crate::region;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

type Handler = Arc<dyn Fn(&Violation) + Send + Sync>;

static HANDLER: RwLock<Option<Handler>> = RwLock::new(None);
/// The same for hooks, which take no lock.
static HANDLED: AtomicBool = AtomicBool::new(false);

/// Calls `handler` for every violation, repeated ones included, unless the action for it is off.
///
/// It runs on the thread that blocked, after the poll and before any panic; it may block, since nothing is watched
/// while it runs. For tasks that only an armed worker covers, it runs at once on a thread of its own, all of whose signals are
/// blocked, or on one that asks for the [`stats`](crate::stats) or ends the runtime, a test or the process. A later call
/// replaces the handler. Violations that a test collects ([`testing::capture`](crate::testing::capture)) do not reach it.
///
/// # Panics
///
/// A panic of the handler is caught after the panic hook has shown it.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// static BLOCKED: AtomicU64 = AtomicU64::new(0);
/// guard_runtime::set_handler(|violation| {
///     BLOCKED.fetch_add(violation.elapsed().as_micros() as u64, Ordering::Relaxed);
/// });
/// ```
pub fn set_handler(handler: impl Fn(&Violation) + Send + Sync + 'static) {
    let _quiet = region::quiet();
    let new: Handler = Arc::new(handler);
    HANDLED.store(true, Ordering::Relaxed);
    let old = HANDLER.write().unwrap_or_else(PoisonError::into_inner).replace(new);
    drop(old);
}

/// Whether no thread is in the middle of something here.
pub(super) fn is_idle() -> bool {
    HANDLER.try_write().is_ok()
}

/// Whether [`set_handler`] was called.
pub(crate) fn has_handler() -> bool {
    HANDLED.load(Ordering::Relaxed)
}

pub(super) fn call(violation: &Violation) {
    let handler = HANDLER.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(handler) = handler {
        // The hook has shown the panic; the violation is what matters here.
        let _ = catch_unwind(AssertUnwindSafe(|| handler(violation)));
    }
}
