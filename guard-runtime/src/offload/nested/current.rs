//! Which pool's closure a thread runs.

use std::cell::Cell;

/// A pool, for as long as anybody holds what it shares: the address of that.
#[derive(Clone, Copy)]
pub(crate) struct PoolId {
    address: usize,
    name: &'static str,
}

impl PoolId {
    #[inline]
    pub(crate) fn new(address: usize, name: &'static str) -> PoolId {
        PoolId { address, name }
    }
}

impl PartialEq for PoolId {
    fn eq(&self, other: &PoolId) -> bool {
        self.address == other.address
    }
}

thread_local! {
    static CURRENT: Cell<Option<PoolId>> = const { Cell::new(None) };
}

/// The pool whose closure this thread runs.
#[inline] // Asked for each closure that is handed over.
pub(super) fn current() -> Option<PoolId> {
    CURRENT.get()
}

/// Gives the one before.
#[inline]
pub(super) fn replace_current(pool: Option<PoolId>) -> Option<PoolId> {
    CURRENT.replace(pool)
}

/// The name of the pool whose closure this thread runs.
pub(crate) fn pool_name() -> Option<&'static str> {
    current().map(|pool| pool.name)
}
