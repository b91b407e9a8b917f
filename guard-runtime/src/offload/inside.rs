//! What a thread of a pool is at: which pool's closure, and who waits for that.

use super::shared::Shared;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The address of what the pool shares, and its name.
type Pool = Option<(usize, &'static str)>;

thread_local! {
    static INSIDE: Cell<Pool> = const { Cell::new(None) };
    /// What waits for the closure that this thread runs, from inside of another one.
    static BEHIND: RefCell<Option<Arc<Waits>>> = const { RefCell::new(None) };
    static HELPING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a closure on the thread that waits for it, in the middle of its poll.
pub(super) fn help<T>(f: impl FnOnce() -> T) -> T {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            HELPING.set(self.0);
        }
    }
    let _reset = Reset(HELPING.replace(true));
    f()
}

/// Whether whoever takes what this thread makes is this thread: it must not wait for that.
pub(super) fn is_helping() -> bool {
    HELPING.get()
}

/// While it exists, the thread runs closures of a pool.
pub(super) struct Inside {
    outer: Pool,
    _not_send: PhantomData<*mut ()>,
}

impl Inside {
    pub(super) fn enter<S>(shared: &Arc<Shared<S>>) -> Inside {
        Inside { outer: INSIDE.replace(Some((address(shared), shared.name))), _not_send: PhantomData }
    }

    /// Whether it does so in the midst of a closure of the same pool.
    pub(super) fn is_nested(&self) -> bool {
        self.outer.is_some() && self.outer == INSIDE.get()
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.outer);
    }
}

/// A closure of a pool that waits for another closure, which it has handed over.
pub(super) struct Waits {
    /// The address of the pool.
    pool: usize,
    /// What waits for the one that waits.
    behind: Option<Arc<Waits>>,
    /// Its thread is free to go on.
    over: AtomicBool,
}

impl Waits {
    /// For a closure that is handed over by a poll on this thread; None outside of closures.
    pub(super) fn here() -> Option<Arc<Waits>> {
        let (pool, _) = INSIDE.get()?;
        let behind = BEHIND.with_borrow(Option::clone);
        Some(Arc::new(Waits { pool, behind, over: AtomicBool::new(false) }))
    }

    /// Nobody waits any more.
    pub(super) fn give_up(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Runs a closure that somebody may wait for.
pub(super) fn run_behind<T>(behind: Option<&Arc<Waits>>, f: impl FnOnce() -> T) -> T {
    struct Reset(Option<Arc<Waits>>);
    impl Drop for Reset {
        fn drop(&mut self) {
            BEHIND.set(self.0.take());
        }
    }
    let Some(behind) = behind else { return f() };
    let _reset = Reset(BEHIND.replace(Some(Arc::clone(behind))));
    f()
}

/// Whether a closure of that pool waits for this thread: the one that it runs, or one that waits for that one.
pub(super) fn is_inside<S>(shared: &Arc<Shared<S>>) -> bool {
    let Some((inside, _)) = INSIDE.get() else { return false };
    let pool = address(shared);
    inside == pool
        || BEHIND.with_borrow(|behind| {
            let mut next = behind.as_deref();
            while let Some(waits) = next.filter(|waits| !waits.over.load(Ordering::Relaxed)) {
                if waits.pool == pool {
                    return true;
                }
                next = waits.behind.as_deref();
            }
            false
        })
}

/// The name of the pool whose closure this thread runs.
pub(crate) fn pool_name() -> Option<&'static str> {
    INSIDE.get().map(|(_, name)| name)
}

fn address<S>(shared: &Arc<Shared<S>>) -> usize {
    Arc::as_ptr(shared).addr()
}
