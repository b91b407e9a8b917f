//! What a thread of a pool is at: which pool's closure, and who waits for that.

use super::admission;
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
    /// Whether there is a `LENDER`.
    static HAS_WAITED: Cell<bool> = const { Cell::new(false) };
    /// The closure that this thread runs, once it has handed another one over to wait for.
    static LENDER: RefCell<Option<Arc<Lender>>> = const { RefCell::new(None) };
}

/// While it exists, the thread runs closures of a pool.
pub(super) struct Inside {
    outer: Pool,
    /// The closure that this is in the midst of.
    lender: Option<Arc<Lender>>,
    _not_send: PhantomData<*mut ()>,
}

impl Inside {
    pub(super) fn enter<S>(shared: &Arc<Shared<S>>) -> Inside {
        let outer = INSIDE.replace(Some((address(shared), shared.name)));
        let lender = if HAS_WAITED.replace(false) { LENDER.take() } else { None };
        Inside { outer, lender, _not_send: PhantomData }
    }

    /// Whether it does so in the midst of a closure of the same pool.
    pub(super) fn is_nested(&self) -> bool {
        self.outer.is_some() && self.outer == INSIDE.get()
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.outer);
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
pub(super) struct Waits {
    /// The address of the pool.
    pool: usize,
    lender: Arc<Lender>,
    /// What waits for the one that waits.
    behind: Option<Arc<Waits>>,
    /// Its thread is free to go on.
    over: AtomicBool,
}

/// While it exists, somebody waits. Dropped, nobody does any more.
pub(super) struct Waiting(pub(super) Arc<Waits>);

impl Waits {
    /// For a closure that is waited for on this thread; None outside of closures.
    pub(super) fn here() -> Option<Waiting> {
        let (pool, _) = INSIDE.get()?;
        let behind = BEHIND.with_borrow(Option::clone);
        HAS_WAITED.set(true);
        let lender = LENDER.with_borrow_mut(|lender| Arc::clone(lender.get_or_insert_default()));
        Some(Waiting(Arc::new(Waits { pool, lender, behind, over: AtomicBool::new(false) })))
    }

    /// This one, and those that wait for it, as far as anybody waits.
    fn all(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Waits>> {
        let waits = |waits: &&Arc<Waits>| {
            !waits.over.load(Ordering::Relaxed) && !waits.lender.ended.load(Ordering::Relaxed)
        };
        std::iter::successors(Some(self).filter(waits), move |next| next.behind.as_ref().filter(waits))
    }

    /// Whether nobody waits any more.
    pub(super) fn is_over(self: &Arc<Self>) -> bool {
        self.all().next().is_none()
    }

    /// Whether a closure of that pool waits.
    pub(super) fn is_inside<S>(self: &Arc<Self>, shared: &Arc<Shared<S>>) -> bool {
        self.all().any(|waits| waits.pool == address(shared))
    }

    /// The slot of a closure of that pool which waits, unless all have lent theirs.
    pub(super) fn borrow<S>(self: &Arc<Self>, shared: &Arc<Shared<S>>) -> Option<Loan> {
        let of_pool = self.all().filter(|waits| waits.pool == address(shared));
        let mut lenders = of_pool.map(|waits| &waits.lender);
        let lender = lenders.find(|lender| !lender.has_lent.swap(true, Ordering::Relaxed))?;
        Some(Loan { lender: Arc::clone(lender), borrower: Arc::clone(self) })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

/// A slot that is lent, until this is dropped.
pub(super) struct Loan {
    lender: Arc<Lender>,
    /// Who waits for the closure that has the slot.
    borrower: Arc<Waits>,
}

impl admission::Loan for Loan {
    fn is_on(&self) -> bool {
        self.borrower.all().any(|waits| Arc::ptr_eq(&waits.lender, &self.lender))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.lender.has_lent.store(false, Ordering::Relaxed);
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
    let Some(behind) = behind else { return f() };
    let _reset = Reset(BEHIND.replace(Some(Arc::clone(behind))));
    f()
}

/// Whether a closure of that pool waits for this thread: the one that it runs, or one that waits for that one.
pub(super) fn is_inside<S>(shared: &Arc<Shared<S>>) -> bool {
    let Some((inside, _)) = INSIDE.get() else { return false };
    let behind =
        || BEHIND.with_borrow(|behind| behind.as_ref().is_some_and(|behind| behind.is_inside(shared)));
    inside == address(shared) || behind()
}

/// The name of the pool whose closure this thread runs.
pub(crate) fn pool_name() -> Option<&'static str> {
    INSIDE.get().map(|(_, name)| name)
}

fn address<S>(shared: &Arc<Shared<S>>) -> usize {
    Arc::as_ptr(shared).addr()
}
