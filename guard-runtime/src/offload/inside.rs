//! What a thread of a pool is at: which pool's closure, or waking whoever waits for it.

use super::shared::Shared;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;

/// The address of what the pool shares, and its name.
type Pool = Option<(usize, &'static str)>;

thread_local! {
    static INSIDE: Cell<Pool> = const { Cell::new(None) };
    static WAKING: Cell<bool> = const { Cell::new(false) };
}

/// Has this thread of a pool run a waker, before it keeps the books.
pub(super) fn wake(waker: Waker) {
    WAKING.set(true);
    // An executor's code: the books have to be kept whatever it does.
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    WAKING.set(false);
}

/// Whether this thread will keep books once it returns.
pub(super) fn is_waking() -> bool {
    WAKING.get()
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
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.outer);
    }
}

/// Whether this thread runs a closure of that pool.
pub(super) fn is_inside<S>(shared: &Arc<Shared<S>>) -> bool {
    INSIDE.get().is_some_and(|(inside, _)| inside == address(shared))
}

/// The name of the pool whose closure this thread runs.
pub(crate) fn pool_name() -> Option<&'static str> {
    INSIDE.get().map(|(_, name)| name)
}

fn address<S>(shared: &Arc<Shared<S>>) -> usize {
    Arc::as_ptr(shared).addr()
}
