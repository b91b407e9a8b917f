//! What hooks ask of the thread that they are called on, and leave with it.

#[cfg(not(hooks_raw))]
use super::Region;
use super::calls::is_first_below_call;
use super::{CALLS_SEEN, FORKED, HOOK, HookGuard, REGION, armed, enter_engine, forked, keep};
use crate::model::{Call, Engine, Record};
use crate::thread::executor;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

/// The fast path of a hook: `Some` only in an armed poll that is not unwinding, or on a thread that may be an armed
/// worker's. Counts the call as seen.
///
/// `may_allocate`: false in hooks that an allocator calls while it holds its locks. There tokio is not asked for the
/// first time, which may allocate.
#[inline]
pub(crate) fn enter_hook(may_allocate: bool) -> Option<HookGuard> {
    let guarded = enter_engine(Engine::Intercept);
    if guarded.is_some() || !armed::is_any() { guarded } else { enter_outside(may_allocate) }
}

/// Outside of guarded polls, in a process with armed workers.
#[cold]
fn enter_outside(may_allocate: bool) -> Option<HookGuard> {
    REGION.with(|region| {
        let unknown = !may_allocate && !region.asked.get();
        if region.word.get() == FORKED && !forked::wake(region) {
            return None;
        }
        if region.word.get() != 0 || unknown || std::thread::panicking() {
            return None;
        }
        region.word.set(HOOK);
        let inside = HookGuard(PhantomData);
        region.asked.set(true);
        // A task without a worker: perhaps a `LocalSet`'s, but not on a thread of the blocking pool.
        let may_be_executor = executor::worker().is_some() || executor::is_in_task() && !region.pooled.get();
        if !may_be_executor {
            return None;
        }
        if let Some(calls) = CALLS_SEEN.get(Engine::Intercept as usize) {
            calls.fetch_add(1, Ordering::Relaxed);
        }
        Some(inside)
    })
}

/// Tokio was asked about this thread: from now on its answers allocate nothing.
pub(crate) fn mark_asked() {
    REGION.with(|region| region.asked.set(true));
}

/// Asks tokio about this thread for the first time, at a moment at which nobody holds a lock of an allocator's: so that
/// hooks which may not be the first to ask know this thread.
#[cfg(not(hooks_raw))]
#[inline]
pub(crate) fn meet_thread() {
    if armed::is_any() {
        REGION.with(ask);
    }
}

#[cfg(not(hooks_raw))]
fn ask(region: &Region) {
    if region.word.get() == 0 && !region.asked.replace(true) {
        region.word.set(HOOK);
        let _inside = HookGuard(PhantomData);
        executor::worker();
    }
}

/// Runs a call in a child that borrows this thread from its parent, which the child may leave as it is: by a program that
/// it executes, or by its end.
pub(crate) fn lend<T>(_inside: &HookGuard, f: impl FnOnce() -> T) -> T {
    /// The guard will lower it again.
    struct Raised;

    impl Drop for Raised {
        fn drop(&mut self) {
            REGION.with(|region| region.word.set(region.word.get().wrapping_add(HOOK)));
        }
    }

    REGION.with(|region| region.word.set(region.word.get().wrapping_sub(HOOK)));
    let _raised = Raised;
    f()
}

/// Notes who holds the mutex that the hook at work is about to wait for.
#[cfg(not(hooks_raw))] // musl has no hook of mutexes.
pub(crate) fn note_holder(thread: i32) {
    REGION.with(|region| region.holder.set(thread));
}

/// What [`note_holder`] has noted for this call; 0 is nobody.
pub(crate) fn take_holder() -> i32 {
    REGION.with(|region| region.holder.replace(0))
}

/// Notes that this thread is one of a blocking pool: what it runs as a task, but not as a worker, is off the executor.
pub(crate) fn mark_pool_thread() {
    REGION.with(|region| region.pooled.set(true));
}

/// The task that the current thread's worker is itself.
pub(crate) fn idle_task() -> Option<u64> {
    REGION.with(|region| Some(region.idle_task.get()).filter(|task| *task != 0))
}

pub(crate) fn set_idle_task(task: Option<u64>) {
    REGION.with(|region| region.idle_task.set(task.unwrap_or(0)));
}

/// Keeps what a hook saw. To be called under the [`HookGuard`] that [`enter_hook`] gave.
pub(crate) fn record(seen: &Record) {
    keep(&Record { kind: seen.seen_kind(), times: u32::from(is_first_below_call()), ..*seen });
}

/// Whether this poll has a record of this typed call already.
pub(crate) fn has_recorded(call: &Call) -> bool {
    REGION.with(|region| region.records.try_borrow_mut().is_ok_and(|mut records| records.has(call)))
}
