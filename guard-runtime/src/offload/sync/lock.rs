//! `std`'s mutex and condition variable, without poison, and without a violation where one waits for them.

use crate::region;
use std::sync::PoisonError;
use std::time::Duration;

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

/// A panic never leaves what these locks protect half done: none of the user's code runs under them.
/// Whoever waits for one waits for a few instructions of another thread: that is no violation of the poll it happens in,
/// however long the system lets the other thread sleep.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(_) => lock_contended(mutex),
    }
}

#[cold]
fn lock_contended<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    let _allowed = region::allow("a pool's lock");
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits to be told, or for nothing.
pub(crate) fn wait<'m, T>(told: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    told.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// And no longer than that.
pub(crate) fn wait_for<'m, T>(
    told: &Condvar,
    guard: MutexGuard<'m, T>,
    limit: Duration,
) -> MutexGuard<'m, T> {
    told.wait_timeout(guard, limit).unwrap_or_else(PoisonError::into_inner).0
}

#[cfg(all(test, feature = "workers"))]
mod tests {
    use super::{Mutex, lock};
    use crate::testing;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn waiting_for_one_is_no_violation() {
        let (mutex, (held, is_held)) = (Mutex::new(0), channel());
        let violations = std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut guard = lock(&mutex);
                held.send(()).unwrap();
                // Longer than the limit for locks.
                std::thread::sleep(Duration::from_millis(20));
                *guard = 1;
            });
            is_held.recv().unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(testing::capture(async { assert_eq!(*lock(&mutex), 1) }))
        });
        assert!(violations.is_empty(), "{violations:?}");
    }
}
