//! The records of the poll in progress: entries of fixed size, their stacks in one arena, in a store that the thread
//! borrows from its first record to the poll's end.
//!
//! Not thread-local: a thread's static TLS is taken from its stack, which may be small, and most threads never record
//! anything. Not from the heap: the allocator itself may be what called the hook. The stores lie in `.bss`, so one that
//! was never used costs no memory.

use super::{Drained, same_call, same_event};
use crate::model::{Call, RawStack, Record};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many threads may have recorded something in a poll that is still in progress.
const STORES: usize = 64;
/// How many distinct events of one poll are kept; the rest is counted as lost.
const ENTRIES: usize = 384;
/// How many frames their stacks may have together, frames that a stack shares with the one before it not counted.
const IPS: usize = 6 * 1024;

static POOL: [Store; STORES] = [const { Store::new() }; STORES];

/// Where an entry's stack is: `own` frames in the arena, then the `shared` outermost frames of the entry before.
#[derive(Clone, Copy)]
struct Span {
    hash: u64,
    start: usize,
    own: usize,
    shared: usize,
}

struct Store {
    lent: AtomicBool,
    kept: UnsafeCell<Kept>,
}

struct Kept {
    entries: [MaybeUninit<Record<Span>>; ENTRIES],
    ips: [usize; IPS],
    /// The newest entry's stack, whole.
    last: RawStack,
}

// SAFETY: only the thread that set `lent` touches `kept`, until it clears `lent` again.
unsafe impl Sync for Store {}

impl Store {
    const fn new() -> Store {
        let kept = Kept {
            entries: [const { MaybeUninit::zeroed() }; ENTRIES],
            ips: [0; IPS],
            last: RawStack::EMPTY,
        };
        Store { lent: AtomicBool::new(false), kept: UnsafeCell::new(kept) }
    }

    fn borrow(from: usize) -> Option<(usize, &'static Store)> {
        let mut all = (from..STORES).chain(0..from).filter_map(|at| Some((at, POOL.get(at)?)));
        all.find(|(_, store)| !store.lent.swap(true, Ordering::Acquire))
    }
}

/// This thread's records. Without a destructor, because it is thread-local; all zero when nothing is in progress.
pub(super) struct Records {
    store: Option<&'static Store>,
    /// Which store to try first: the one that this thread had last, so that threads seldom meet at one.
    home: usize,
    len: usize,
    /// Records before this one belong to an enclosing boundary.
    base: usize,
    /// Whether the next stack may share frames with the newest one.
    chained: bool,
    lost: u32,
}

impl Records {
    pub(super) const EMPTY: Records =
        Records { store: None, home: 0, len: 0, base: 0, chained: false, lost: 0 };

    /// Begins a boundary of its own; gives what [`Records::drain`] wants back.
    pub(super) fn begin(&mut self) -> usize {
        self.chained = false;
        std::mem::replace(&mut self.base, self.len)
    }

    fn kept(&mut self) -> Option<&mut Kept> {
        if self.store.is_none() {
            let (home, store) = Store::borrow(self.home)?;
            (self.home, self.store) = (home, Some(store));
        }
        // SAFETY: the store is lent to this thread, and `&mut self` is the only way to it.
        self.store.map(|store| unsafe { &mut *store.kept.get() })
    }

    /// Keeps a record, as part of an earlier one if both are the same event. Whether it has an entry of its own.
    pub(super) fn keep(&mut self, new: &Record) -> bool {
        let (base, len, chained) = (self.base, self.len, self.chained);
        let kept = self.kept().and_then(|kept| kept.keep(base, len, chained, new));
        match kept {
            Some(Place::Known) => {}
            Some(Place::New) => (self.len, self.chained) = (len.saturating_add(1), true),
            None => self.lost = self.lost.saturating_add(1),
        }
        matches!(kept, Some(Place::New))
    }

    /// Whether something below this typed call has been kept since [`Records::begin`].
    pub(super) fn has(&mut self, call: &Call) -> bool {
        let (base, len) = (self.base, self.len);
        let is_same = |old: &Call| same_call(old, call);
        base < len
            && self.kept().is_some_and(|kept| {
                let mut calls = (base..len).rev().filter_map(|at| kept.entry(at)?.call);
                calls.any(|call| is_same(&call))
            })
    }

    /// Takes out what was kept since [`Records::begin`], which gave `outer_base`.
    pub(super) fn drain(&mut self, outer_base: usize) -> Option<Drained> {
        let (base, len) = (self.base, self.len);
        let mut records = Vec::with_capacity(len.saturating_sub(base));
        if base < len {
            if let Some(kept) = self.kept() {
                kept.read(base, len, &mut records);
            }
        }
        // After `forget` the enclosing ones have nothing either.
        (self.len, self.base, self.chained) = (base, outer_base.min(base), false);
        if self.len == 0 {
            self.give_back();
        }
        let lost = std::mem::take(&mut self.lost);
        (base < len || lost > 0).then_some(Drained { records, lost })
    }

    fn give_back(&mut self) {
        if let Some(store) = self.store.take() {
            store.lent.store(false, Ordering::Release);
        }
    }

    /// Drops everything, what enclosing boundaries have recorded included.
    pub(super) fn forget(&mut self) {
        self.give_back();
        *self = Records { home: self.home, ..Records::EMPTY };
    }
}

/// In a forked child, whose only thread has `own`: the other stores were lent to threads that it does not have.
pub(super) fn in_child(own: &Records) {
    let is_own = |store: &Store| own.store.is_some_and(|own| std::ptr::eq(own, store));
    for store in POOL.iter().filter(|store| !is_own(store)) {
        store.lent.store(false, Ordering::Relaxed);
    }
}

enum Place {
    Known,
    New,
}

impl Kept {
    fn entry(&mut self, at: usize) -> Option<&mut Record<Span>> {
        // SAFETY: entries below the length were written by `keep`, and `Record<Span>` is plain data.
        self.entries.get_mut(at).map(|entry| unsafe { entry.assume_init_mut() })
    }

    /// `None` if it does not fit.
    fn keep(&mut self, base: usize, len: usize, chained: bool, new: &Record) -> Option<Place> {
        // The newest first: what is repeated is mostly repeated at once.
        for at in (base..len).rev() {
            let old = self.entry(at)?;
            if same_event(old, old.stack.hash, new, new.stack.hash) {
                old.merge(new);
                return Some(Place::Known);
            }
        }
        let ips = new.stack.ips.get(..new.stack.len)?;
        let last = self.last.ips.get(..if chained { self.last.len } else { 0 })?;
        let shared = ips.iter().rev().zip(last.iter().rev()).take_while(|(new, last)| new == last).count();
        let (inner, _) = ips.split_at_checked(ips.len().saturating_sub(shared))?;
        let own = inner.len();
        let start = match len.checked_sub(1) {
            None => 0,
            Some(newest) => {
                let before = self.entry(newest)?.stack;
                before.start.saturating_add(before.own)
            }
        };
        self.ips.get_mut(start..start.saturating_add(own))?.copy_from_slice(inner);
        let span = Span { hash: new.stack.hash, start, own, shared };
        self.entries.get_mut(len)?.write(new.with_stack(span));
        self.last.ips.get_mut(..ips.len())?.copy_from_slice(ips);
        self.last.len = ips.len();
        Some(Place::New)
    }

    fn read(&mut self, base: usize, len: usize, into: &mut Vec<Record>) {
        let mut stack = RawStack::EMPTY;
        for at in base..len {
            let Some(&mut record) = self.entry(at) else { return };
            if self.unfold(&record.stack, &mut stack).is_some() {
                into.push(record.with_stack(stack));
            }
        }
    }

    /// Makes of the stack of the entry before the one of this entry.
    fn unfold(&self, span: &Span, stack: &mut RawStack) -> Option<()> {
        let Span { hash, start, own, shared } = *span;
        let outer = stack.len.checked_sub(shared)?..stack.len;
        let inner = self.ips.get(start..start.checked_add(own)?)?;
        let len = own.checked_add(shared).filter(|len| *len <= stack.ips.len())?;
        stack.ips.copy_within(outer, own);
        stack.ips.get_mut(..own)?.copy_from_slice(inner);
        (stack.len, stack.hash) = (len, hash);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Guarding, Kind, Place};
    use std::panic::Location;

    fn record(ips: &[usize]) -> Record {
        let mut stack = RawStack::EMPTY;
        stack.ips[..ips.len()].copy_from_slice(ips);
        stack.len = ips.len();
        stack.hash = ips.iter().fold(1_u64, |hash, ip| hash.wrapping_mul(1_000_003) + *ip as u64);
        let guarding = Guarding { place: Place::Call(Location::caller()), type_name: || "test" };
        Record { stack, elapsed_ns: 5, ..Record::new(Engine::Intercept, Kind::Fs, "read", guarding) }
    }

    fn stacks(drained: Option<Drained>) -> Vec<Vec<usize>> {
        let records = drained.expect("something was kept").records;
        records.iter().map(|record| record.stack.ips[..record.stack.len].to_vec()).collect()
    }

    #[test]
    fn stacks_come_back_whole_though_they_share_their_outer_frames() {
        let mut records = Records::EMPTY;
        let given: [&[usize]; 6] = [&[1, 2, 3, 9], &[4, 3, 9], &[5, 6, 4, 3, 9], &[7], &[], &[8, 6, 4, 3, 9]];
        for ips in given {
            records.keep(&record(ips));
        }
        records.keep(&record(given[1]));
        let drained = records.drain(0);
        assert_eq!(drained.as_ref().map(|drained| (drained.records[1].times, drained.lost)), Some((2, 0)));
        assert_eq!(stacks(drained), given);
        assert!(records.drain(0).is_none() && records.store.is_none());
    }

    #[test]
    fn a_boundary_inside_another_takes_its_own_only() {
        let mut records = Records::EMPTY;
        records.keep(&record(&[1, 9]));
        let outer = records.begin();
        records.keep(&record(&[1, 9]));
        records.keep(&record(&[2, 9]));
        assert_eq!(stacks(records.drain(outer)), [[1, 9], [2, 9]]);
        records.keep(&record(&[3, 9]));
        assert_eq!(stacks(records.drain(0)), [[1, 9], [3, 9]]);
    }

    #[test]
    fn hundreds_of_deep_stacks_fit_and_the_rest_is_counted() {
        let mut records = Records::EMPTY;
        // As in an unoptimised program: a hundred frames, of which the innermost few differ.
        let outer: Vec<usize> = (1_000..1_090).collect();
        for at in 0..ENTRIES + 7 {
            let ips: Vec<usize> = (0..10).map(|frame| at * 10 + frame).chain(outer.iter().copied()).collect();
            records.keep(&record(&ips));
        }
        let drained = records.drain(0).unwrap();
        assert_eq!((drained.records.len(), drained.lost), (ENTRIES, 7));
        assert_eq!(drained.records[ENTRIES - 1].stack.ips[10..100], outer);
    }

    #[test]
    fn threads_that_record_at_once_have_stores_of_their_own() {
        let all = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let all = &all;
                scope.spawn(move || {
                    let mut records = Records::EMPTY;
                    for at in 0..100 {
                        records.keep(&record(&[thread * 1_000 + at, 7]));
                    }
                    all.wait();
                    let expected: Vec<Vec<usize>> = (0..100).map(|at| vec![thread * 1_000 + at, 7]).collect();
                    assert_eq!(stacks(records.drain(0)), expected);
                });
            }
        });
    }
}
