//! The rooms of `offload` that the checked files are built on, as they are, but for the locks: those are loom's.

#[path = "../../guard-runtime/src/offload/outcomes/mod.rs"]
#[allow(dead_code, unused_imports)]
pub(crate) mod outcomes;
#[path = "../../guard-runtime/src/offload/slots/mod.rs"]
#[allow(dead_code, unused_imports)]
pub(crate) mod slots;

pub(crate) mod sync {
    //! loom's locks.

    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::AtomicBool;
    pub(crate) use loom::sync::{Condvar, Mutex, Mutex as Latch, MutexGuard};
    pub(crate) use loom::thread::yield_now;

    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap()
    }

    pub(crate) fn hold<T>(latch: &Latch<T>) -> MutexGuard<'_, T> {
        lock(latch)
    }

    pub(crate) fn wait<'m, T>(told: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
        told.wait(guard).unwrap()
    }
}
