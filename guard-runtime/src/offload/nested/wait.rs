//! Nested waits: which closures wait for the one that a thread runs, and whose slots are lent meanwhile.

use super::current::{PoolId, current, replace_current};
use crate::offload::slots;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// What waits for the closure that this thread runs, from inside of another one.
    static AWAITED_BY: RefCell<Option<Arc<NestedWait>>> = const { RefCell::new(None) };
    /// Whether there is a `LENDER`.
    static HAS_WAITED: Cell<bool> = const { Cell::new(false) };
    /// The closure that this thread runs, once it has handed another one over to wait for.
    static LENDER: RefCell<Option<Arc<Lender>>> = const { RefCell::new(None) };
}

/// While it exists, the thread runs closures of a pool.
pub(crate) struct InPool {
    outer: Option<PoolId>,
    /// The closure that this is in the midst of.
    lender: Option<Arc<Lender>>,
    _not_send: PhantomData<*mut ()>,
}

impl InPool {
    #[inline]
    pub(crate) fn enter(pool: PoolId) -> InPool {
        let outer = replace_current(Some(pool));
        let lender = if HAS_WAITED.replace(false) { LENDER.take() } else { None };
        InPool { outer, lender, _not_send: PhantomData }
    }

    /// Whether it does so in the midst of a closure of the same pool.
    pub(crate) fn is_nested(&self) -> bool {
        self.outer.is_some() && self.outer == current()
    }
}

impl Drop for InPool {
    fn drop(&mut self) {
        replace_current(self.outer);
        HAS_WAITED.set(self.lender.is_some());
        LENDER.set(self.lender.take());
    }
}

/// A closure that has a slot of its pool, which it does not need while it waits for another one.
#[derive(Default)]
struct Lender {
    has_lent: AtomicBool,
    ended: AtomicBool,
}

/// A closure of a pool that waits for another closure, which it has handed over.
pub(crate) struct NestedWait {
    pool: PoolId,
    lender: Arc<Lender>,
    /// What waits for the one that waits.
    awaited_by: Option<Arc<NestedWait>>,
    /// Its thread is free to go on.
    over: AtomicBool,
}

/// While it exists, somebody waits. Dropped, nobody does any more.
pub(crate) struct WaitGuard(pub(crate) Arc<NestedWait>);

impl NestedWait {
    /// For a closure that is waited for on this thread; None outside of closures.
    pub(crate) fn here() -> Option<WaitGuard> {
        let pool = current()?;
        let awaited_by = AWAITED_BY.with_borrow(Option::clone);
        HAS_WAITED.set(true);
        let lender = LENDER.with_borrow_mut(|lender| Arc::clone(lender.get_or_insert_default()));
        Some(WaitGuard(Arc::new(NestedWait { pool, lender, awaited_by, over: AtomicBool::new(false) })))
    }

    /// This one, and those that wait for it, as far as anybody waits.
    fn all(self: &Arc<Self>) -> impl Iterator<Item = &Arc<NestedWait>> {
        let is_on = |waits: &&Arc<NestedWait>| {
            !waits.over.load(Ordering::Relaxed) && !waits.lender.ended.load(Ordering::Relaxed)
        };
        std::iter::successors(Some(self).filter(is_on), move |next| next.awaited_by.as_ref().filter(is_on))
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_over(self: &Arc<Self>) -> bool {
        self.all().next().is_none()
    }

    /// Whether a closure of that pool waits.
    pub(crate) fn includes(self: &Arc<Self>, pool: PoolId) -> bool {
        self.all().any(|waits| waits.pool == pool)
    }

    /// The slot of a closure of that pool which waits, unless all have lent theirs.
    pub(crate) fn borrow_slot(self: &Arc<Self>, pool: PoolId) -> Option<LentSlot> {
        let of_pool = self.all().filter(|waits| waits.pool == pool);
        let mut lenders = of_pool.map(|waits| &waits.lender);
        let lender = lenders.find(|lender| !lender.has_lent.swap(true, Ordering::Relaxed))?;
        Some(LentSlot { lender: Arc::clone(lender), borrower: Arc::clone(self) })
    }
}

impl Drop for WaitGuard {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

/// A slot that is lent, until this is dropped.
pub(crate) struct LentSlot {
    lender: Arc<Lender>,
    /// Who waits for the closure that has the slot.
    borrower: Arc<NestedWait>,
}

impl slots::Loan for LentSlot {
    fn is_on(&self) -> bool {
        self.borrower.all().any(|waits| Arc::ptr_eq(&waits.lender, &self.lender))
    }
}

impl Drop for LentSlot {
    fn drop(&mut self) {
        self.lender.has_lent.store(false, Ordering::Relaxed);
    }
}

/// Runs a closure that somebody may wait for.
pub(crate) fn run_awaited_by<T>(awaited_by: Option<&Arc<NestedWait>>, f: impl FnOnce() -> T) -> T {
    struct Reset(Option<Arc<NestedWait>>);
    impl Drop for Reset {
        fn drop(&mut self) {
            AWAITED_BY.set(self.0.take());
        }
    }
    /// What it has handed over may outlive the closure: that lends nothing any more.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            if HAS_WAITED.replace(false) {
                LENDER.take().into_iter().for_each(|lender| lender.ended.store(true, Ordering::Relaxed));
            }
        }
    }
    let _end = End;
    let Some(awaited_by) = awaited_by else { return f() };
    let _reset = Reset(AWAITED_BY.replace(Some(Arc::clone(awaited_by))));
    f()
}

/// Whether a closure of that pool waits for this thread: the one that it runs, or one that waits for that one.
#[inline]
pub(crate) fn is_awaited_by(pool: PoolId) -> bool {
    let Some(inside) = current() else { return false };
    let awaited_by = || {
        AWAITED_BY
            .with_borrow(|awaited_by| awaited_by.as_ref().is_some_and(|awaited_by| awaited_by.includes(pool)))
    };
    inside == pool || awaited_by()
}
