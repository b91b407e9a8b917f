//! The lock that `admission` and `task` are built on. The model checks put loom's in its place.

pub(super) use std::hint::spin_loop;
pub(super) use std::sync::atomic::AtomicBool;
pub(super) use std::sync::{Mutex, MutexGuard};
pub(super) use std::thread::yield_now;

/// A panic never leaves what these locks protect half done: none of the user's code runs under them.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
