//! The thread-local region: whether the current thread polls a guarded future, and what engines saw during that poll.
//!
//! One const thread-local without a destructor, because hooks run before, during and after every other thread-local.
//! The word decides alone whether a hook does anything:
//!
//! | bits  | meaning                                         |
//! |-------|-------------------------------------------------|
//! | 0-15  | guard depth: guarded polls on this thread       |
//! | 16-31 | allow depth                                     |
//! | 32-47 | in-hook depth: our own code is running          |
//! | 48-63 | flags; any flag disarms                         |

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

mod absence;
mod allowed;
pub(crate) mod armed;
mod calls;
mod forked;
mod hooked;
// Its places are its own constants.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(crate) mod notes;
#[cfg_attr(not(hooks_target), allow(dead_code))]
mod quick;
mod records;

pub(crate) use absence::{before_blocking, stop_judging_sleeps};
pub use allowed::{AllowGuard, allow};
pub(crate) use calls::{close_call, current_call, open_call, record_call};
pub(crate) use forked::{in_child, is_forked};
pub(crate) use hooked::{
    enter_hook, has_recorded, idle_task, lend, mark_asked, mark_pool_thread, record, set_idle_task,
    take_holder,
};
#[cfg(not(hooks_raw))]
pub(crate) use hooked::{meet_thread, note_holder};
#[cfg_attr(not(hooks_target), allow(unused_imports))]
pub(crate) use quick::{LONG_NS, Quick, forget_spent, set_limit_of_writing, spend};

use crate::model::{Call, ENGINES, Engine, Guarding, Record};
use crate::thread::kernel;
use crate::thread::process::{self, Memory};
use absence::{judge_absence, settle_sleep};
use calls::{CALLS, NO_CALLS, OpenCall, OpenCalls};
use quick::{NOTHING, Spent};
use records::Records;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

const GUARD: u64 = 1;
const ALLOW: u64 = 1 << 16;
const HOOK: u64 = 1 << 32;
const GUARD_MASK: u64 = 0xffff;
const ALLOW_MASK: u64 = 0xffff << 16;
const FLAGS: u64 = 0xffff << 48;
/// The process was forked inside an armed poll, or on an armed worker; in force until exec or a runtime of its own.
const FORKED: u64 = 1 << 48;

/// How many nested guards are told apart.
const GUARDS: usize = 16;

/// Calls that engines looked at, of all threads.
static CALLS_SEEN: [AtomicU64; ENGINES] = [const { AtomicU64::new(0) }; ENGINES];

struct Region {
    word: Cell<u64>,
    /// The guards of the polls in progress, the outermost first; deeper ones count as part of the last.
    guards: [Cell<Option<Guarding>>; GUARDS],
    calls: [Cell<Option<OpenCall>>; CALLS],
    open: Cell<OpenCalls>,
    records: RefCell<Records>,
    /// The thread that holds the mutex which a hook is about to wait for.
    holder: Cell<i32>,
    /// Whether the thread is one of a blocking pool.
    pooled: Cell<bool>,
    /// As which task a multi-thread worker runs on this thread, between those that it polls. 0: not known.
    idle_task: Cell<u64>,
    /// Whether tokio was asked about this thread before.
    asked: Cell<bool>,
    /// Whether an engine has looked at a call since the outermost poll began.
    touched: Cell<bool>,
    /// How many calls each engine has looked at since; moved to `CALLS_SEEN` at the poll's end.
    seen: [Cell<u32>; ENGINES],
    /// Something in this poll makes its sleeps nobody's fault, or unclear.
    blind: Cell<bool>,
    /// Of a forked thread: the runtime that it ran at the fork.
    forked_in: Cell<u64>,
    /// How long calls have taken that are exempt as long as they are quick.
    spent: Cell<Spent>,
}

thread_local! {
    static REGION: Region = const {
        Region {
            word: Cell::new(0),
            guards: [const { Cell::new(None) }; GUARDS],
            calls: [const { Cell::new(None) }; CALLS],
            open: Cell::new(NO_CALLS),
            records: RefCell::new(Records::EMPTY),
            holder: Cell::new(0),
            pooled: Cell::new(false),
            idle_task: Cell::new(0),
            asked: Cell::new(false),
            touched: Cell::new(false),
            seen: [const { Cell::new(0) }; ENGINES],
            blind: Cell::new(false),
            forked_in: Cell::new(0),
            spent: Cell::new(NOTHING),
        }
    };
}

/// Armed: at least one guarded poll, nothing else.
#[inline(always)]
fn is_armed(word: u64) -> bool {
    // 1..=0xffff, by one comparison.
    word.wrapping_sub(1) < GUARD_MASK
}

/// A poll in progress: what to restore when it ends. Small, since it is all that a poll pays for.
#[must_use = "whoever enters has to leave, by unwinding too"]
pub(crate) struct Entered {
    word: u64,
    open: OpenCalls,
    /// The region belongs to this thread.
    _not_send: PhantomData<*mut ()>,
}

/// A poll that keeps its records from enclosing ones. Leaves when dropped.
pub(crate) struct Collecting {
    entered: Entered,
    outer_base: usize,
}

/// What a boundary has to judge.
pub(crate) struct Drained {
    pub(crate) records: Vec<Record>,
    pub(crate) lost: u32,
}

/// Enters the region for one poll (or one drop) of a guarded future.
#[inline]
pub(crate) fn enter(guarding: Guarding) -> Entered {
    REGION.with(|region| {
        let (mut word, open) = (region.word.get(), region.open.get());
        if word & FLAGS != 0 && forked::wake(region) {
            word = region.word.get();
        }
        let depth = word & GUARD_MASK;
        if let Some(guard) = region.guards.get(depth as usize) {
            guard.set(Some(guarding));
        }
        region.open.set(OpenCalls { outer: open.all, ..open });
        if depth == 0 {
            kernel::begin();
        }
        // The saved word comes back at the end, so a depth that has reached its limit may simply stay there.
        region.word.set(if depth == GUARD_MASK { word } else { word.wrapping_add(GUARD) });
        Entered { word, open, _not_send: PhantomData }
    })
}

impl Entered {
    /// Leaves the region. `Some` if this was the outermost poll and an engine had something to do in it.
    #[inline]
    pub(crate) fn leave(&self) -> Option<Drained> {
        REGION.with(|region| {
            self.restore(region);
            let outermost = self.word & GUARD_MASK == 0;
            if outermost && region.touched.replace(false) { drain(region, 0) } else { None }
        })
    }

    #[inline]
    fn restore(&self, region: &Region) {
        if kernel::may_have_left() {
            judge_absence(region, is_armed(region.word.get()));
        }
        // A fork inside this poll outlives it.
        region.word.set(self.word | (region.word.get() & FLAGS));
        region.open.set(self.open);
    }
}

impl Collecting {
    /// Enters like [`enter`], as a boundary of its own: what is seen inside is handed to this poll alone.
    pub(crate) fn enter(guarding: Guarding) -> Collecting {
        let entered = enter(guarding);
        // Borrowed only where a signal's handler has interrupted the writing of a record: what it does is not kept then.
        let begin =
            |region: &Region| region.records.try_borrow_mut().map_or(0, |mut records| records.begin());
        let outer_base = REGION.with(begin);
        Collecting { entered, outer_base }
    }

    /// Leaves the region with what was recorded since it was entered.
    pub(crate) fn leave(self) -> Option<Drained> {
        let drained = self.restore();
        std::mem::forget(self);
        drained
    }

    fn restore(&self) -> Option<Drained> {
        REGION.with(|region| {
            self.entered.restore(region);
            if self.entered.word & GUARD_MASK == 0 {
                region.touched.set(false);
            }
            drain(region, self.outer_base)
        })
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        self.restore();
    }
}

#[cold]
fn drain(region: &Region, outer_base: usize) -> Option<Drained> {
    let _quiet = quiet();
    if region.word.get() & GUARD_MASK == 0 {
        region.blind.set(false);
        quick::forget(region);
    }
    for (here, total) in region.seen.iter().zip(&CALLS_SEEN) {
        if here.get() > 0 {
            total.fetch_add(here.replace(0).into(), Ordering::Relaxed);
        }
    }
    let drained = region.records.try_borrow_mut().ok()?.drain(outer_base);
    if region.word.get() & FLAGS != 0 || drained.is_some() && process::memory() != Memory::Own {
        // Its parent's, which tells them itself.
        return None;
    }
    for record in drained.iter().flat_map(|drained| &drained.records) {
        if let Some(ticket) = record.ticket {
            notes::release(ticket);
        }
    }
    drained
}

/// Runs `f` as an armed poll of its own, whatever is in progress here, and gives what was recorded. Counts nowhere.
pub(crate) fn rehearse(guarding: Guarding, f: fn()) -> Vec<Record> {
    let (word, seen) = REGION.with(|region| {
        let word = region.word.get();
        region.word.set(word & (FLAGS | GUARD_MASK));
        (word, region.seen.each_ref().map(Cell::get))
    });
    let collecting = Collecting::enter(guarding);
    f();
    REGION.with(|region| region.seen.iter().zip(seen).for_each(|(here, before)| here.set(before)));
    let records = collecting.leave().map_or_else(Vec::new, |drained| drained.records);
    REGION.with(|region| region.word.set(word));
    records
}

/// Whether a guarded poll is in progress on this thread.
pub(crate) fn in_poll() -> bool {
    REGION.with(|region| region.word.get() & GUARD_MASK != 0)
}

/// An engine at work. While one exists on a thread, no hook does anything there.
pub(crate) struct HookGuard(PhantomData<*mut ()>);

impl Drop for HookGuard {
    #[inline]
    fn drop(&mut self) {
        REGION.with(|region| region.word.set(region.word.get().wrapping_sub(HOOK)));
    }
}

#[inline]
fn enter_engine(engine: Engine) -> Option<HookGuard> {
    REGION.with(|region| {
        let word = region.word.get();
        if !is_armed(word) {
            return None;
        }
        if std::thread::panicking() {
            // What a panic does is not judged, its sleeps included, should the poll go on behind it.
            region.blind.set(true);
            region.touched.set(true);
            return None;
        }
        region.word.set(word.wrapping_add(HOOK));
        region.touched.set(true);
        if let Some(seen) = region.seen.get(engine as usize) {
            seen.set(seen.get().wrapping_add(1));
        }
        Some(HookGuard(PhantomData))
    })
}

/// Our own code at work, which may sleep. While one exists on a thread, no hook does anything there.
pub(crate) struct Quiet {
    _inside: HookGuard,
}

impl Drop for Quiet {
    #[inline]
    fn drop(&mut self) {
        REGION.with(settle_sleep);
    }
}

/// Runs our own code on this thread without any hook firing.
#[inline]
pub(crate) fn quiet() -> Quiet {
    REGION.with(|region| {
        settle_sleep(region);
        region.word.set(region.word.get().wrapping_add(HOOK));
    });
    Quiet { _inside: HookGuard(PhantomData) }
}

/// The innermost guard of this thread's polls.
pub(crate) fn current_guard() -> Option<Guarding> {
    REGION.with(|region| {
        let depth = (region.word.get() & GUARD_MASK) as usize;
        region.guards.get(..depth.min(GUARDS))?.last()?.get()
    })
}

/// Keeps what a pool observed, for the boundary of the guarded poll in progress. False if there is none.
#[cfg(feature = "tokio")]
pub(crate) fn record_pool(record: &Record) -> bool {
    let _quiet = quiet();
    let Some(guarding) = current_guard().filter(|_| !is_forked()) else { return false };
    REGION.with(|region| region.touched.set(true));
    keep(&Record { guarding, ..*record });
    true
}

fn keep(new: &Record) {
    // Only a signal handler inside this very function can find it borrowed: its event is dropped.
    let keep = |region: &Region| region.records.try_borrow_mut().is_ok_and(|mut records| records.keep(new));
    let kept = REGION.with(keep);
    if let (false, Some(ticket)) = (kept, new.ticket) {
        notes::release(ticket);
    }
}

fn same_call(a: &Call, b: &Call) -> bool {
    std::ptr::eq(a.api, b.api) && a.at == b.at
}

/// Whether two records, with stacks of these hashes, are occurrences of one event.
fn same_event<A, B>(a: &Record<A>, a_stack: u64, b: &Record<B>, b_stack: u64) -> bool {
    match (a.call, b.call) {
        // Below one typed call everything is one event: `fs::read` opens, asks for the size and reads.
        (Some(a), Some(b)) => same_call(&a, &b),
        (None, None) => {
            a_stack == b_stack && a.symbol == b.symbol && a.kind == b.kind && a.by_clock == b.by_clock
        }
        _ => false,
    }
}

/// How many calls an engine has looked at so far, in polls that have ended.
pub(crate) fn calls_seen(engine: Engine) -> u64 {
    CALLS_SEEN.get(engine as usize).map_or(0, |calls| calls.load(Ordering::Relaxed))
}
