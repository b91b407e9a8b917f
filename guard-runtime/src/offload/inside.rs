//! Which pool's closure a thread is running.

use super::shared::Shared;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;

thread_local! {
    /// The address of what the pool shares; 0 for none.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

/// While it exists, the thread runs closures of a pool.
pub(super) struct Inside {
    outer: usize,
    _not_send: PhantomData<*mut ()>,
}

impl Inside {
    pub(super) fn enter<S>(shared: &Arc<Shared<S>>) -> Inside {
        Inside { outer: INSIDE.replace(address(shared)), _not_send: PhantomData }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.outer);
    }
}

/// Whether this thread runs a closure of that pool.
pub(super) fn is_inside<S>(shared: &Arc<Shared<S>>) -> bool {
    INSIDE.get() == address(shared)
}

fn address<S>(shared: &Arc<Shared<S>>) -> usize {
    Arc::as_ptr(shared).addr()
}
