//! What `admission`, `task` and `feed` are built on. The model checks put loom's in its place.

pub(super) use std::hint::spin_loop;
pub(super) use std::sync::atomic::AtomicBool;
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
pub(super) use std::thread::yield_now;

/// A panic never leaves what these locks protect half done: none of the user's code runs under them.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits to be told, or for nothing.
pub(super) fn wait<'m, T>(told: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    told.wait(guard).unwrap_or_else(std::sync::PoisonError::into_inner)
}
