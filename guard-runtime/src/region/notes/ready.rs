//! The table of calls that have returned on armed workers, until they are handed over: each distinct stack once, with
//! how often it was seen.
//!
//! ```text
//! Free ─► Writing ─► Ready (repetitions are counted here) ─► Taken ─► Free
//! ```
//!
//! As many distinct stacks as there are places fit, whoever is slow to take them. The table lies in `.bss` and fills from
//! its beginning: places that were never used cost no memory. An index finds repetitions; a stack that it has no room for
//! is merely not recognized, and takes another place.

use super::{BELL, index};
use crate::model::{Note, RawStack};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

pub(super) const PLACES: usize = 8192;
/// From so many on stacks that differ in their middle alone are taken for one, so that those of a recursion leave as much
/// room again to others.
const CROWDED: u32 = PLACES as u32 / 2;
/// What is compared of such stacks: the caller with his nearest callers, and what kind of thread it is.
const INNERMOST: usize = 12;
const OUTERMOST: usize = 24;

/// What is in a place: a tag, how many are about to add to it, how often it was seen, and a generation, so that a place
/// which was emptied and filled again is not taken for what it was.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State(u64);

const FREE: u64 = 0;
const WRITING: u64 = 1;
const READY: u64 = 2;
const TAKEN: u64 = 3;

const TAG: u64 = 0xff;
const ADDING: u64 = 1 << 8;
const ADDERS: u64 = 0xff << 8;
const ONCE: u64 = 1 << 16;
const TIMES: u64 = 0xff_ffff << 16;
const GENERATION: u64 = 1 << 40;

impl State {
    fn tag(self) -> u64 {
        self.0 & TAG
    }

    fn times(self) -> u32 {
        ((self.0 & TIMES) >> 16) as u32
    }

    /// Whether one more may add to it.
    fn has_room(self) -> bool {
        self.0 & TIMES != TIMES && self.0 & ADDERS != ADDERS
    }

    /// The next generation's.
    fn next(self, tag: u64) -> State {
        State((self.0 & !(TAG | ADDERS | TIMES)).wrapping_add(GENERATION) | tag)
    }
}

/// A bit for each place that is not free.
static USED: [AtomicU64; PLACES / 64] = [const { AtomicU64::new(0) }; PLACES / 64];
static STATES: [AtomicU64; PLACES] = [const { AtomicU64::new(FREE) }; PLACES];
static ELAPSED: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
static LONGEST: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
/// Whether a call slept: not known, no, yes.
static SLEPT: [AtomicU8; PLACES] = [const { AtomicU8::new(0) }; PLACES];
static NOTES: [Cell; PLACES] = [const { Cell(UnsafeCell::new(MaybeUninit::zeroed())) }; PLACES];
/// How many places are ready, and one more if calls were lost.
static PENDING: AtomicU32 = AtomicU32::new(0);
/// Calls that found no place.
static LOST: AtomicU32 = AtomicU32::new(0);

struct Cell(UnsafeCell<MaybeUninit<Note>>);

// SAFETY: who moves a place to `Writing` or `Taken` owns its note until it moves it on.
unsafe impl Sync for Cell {}

fn state(place: usize) -> State {
    State(STATES[place].load(Ordering::Acquire))
}

/// Moves a place on, unless somebody else has done so.
fn step(place: usize, from: State, to: State) -> bool {
    STATES[place].compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// A call that has returned. No lock, no allocation.
pub(super) fn add(key: u64, note: &Note) {
    let record = &note.record;
    let times =
        Times { elapsed_ns: record.elapsed_ns, slept: record.slept.map_or(0, |slept| 1 + u8::from(slept)) };
    if index::find(key, |place| repeat(place, times)) {
        return;
    }
    let near = near_key(note);
    if PENDING.load(Ordering::Relaxed) >= CROWDED && index::find_near(near, |place| repeat(place, times)) {
        return;
    }
    let Some(place) = claim() else { return lose() };
    let free = state(place);
    let writing = free.next(WRITING);
    STATES[place].store(writing.0, Ordering::Relaxed);
    // SAFETY: `Writing`: the note is ours alone.
    unsafe { (*NOTES[place].0.get()).write(*note) };
    ELAPSED[place].store(times.elapsed_ns, Ordering::Relaxed);
    LONGEST[place].store(times.elapsed_ns, Ordering::Relaxed);
    SLEPT[place].store(times.slept, Ordering::Relaxed);
    // Before it can be taken, and its entries be removed.
    index::insert(place, key, near);
    PENDING.fetch_add(1, Ordering::Relaxed);
    STATES[place].store(writing.next(READY).0 + ONCE, Ordering::Release);
    BELL.ring();
}

#[derive(Clone, Copy)]
struct Times {
    elapsed_ns: u64,
    slept: u8,
}

/// Adds a call to a place. `is_it`: whether that still is what was looked for.
fn repeat((place, is_it): (usize, &dyn Fn() -> bool), times: Times) -> bool {
    loop {
        let seen = state(place);
        if seen.tag() != READY || !seen.has_room() || !is_it() {
            return false;
        }
        if step(place, seen, State(seen.0 + ONCE + ADDING)) {
            break;
        }
    }
    ELAPSED[place].fetch_add(times.elapsed_ns, Ordering::Relaxed);
    LONGEST[place].fetch_max(times.elapsed_ns, Ordering::Relaxed);
    SLEPT[place].fetch_max(times.slept, Ordering::Relaxed);
    STATES[place].fetch_sub(ADDING, Ordering::Release);
    true
}

/// The first free place, so that few pages are ever touched.
fn claim() -> Option<usize> {
    for (at, word) in USED.iter().enumerate() {
        let mut seen = word.load(Ordering::Relaxed);
        while seen != u64::MAX {
            let bit = seen.trailing_ones();
            seen = word.fetch_or(1 << bit, Ordering::Acquire);
            if seen & 1 << bit == 0 {
                return Some(at * 64 + bit as usize);
            }
        }
    }
    None
}

/// Equal for stacks that begin and end alike, as those of a recursion do.
fn near_key(note: &Note) -> u64 {
    let RawStack { ips, len, .. } = &note.record.stack;
    let (inner, outer) = ips[..*len].split_at(INNERMOST.min(*len));
    let outer = &outer[outer.len().saturating_sub(OUTERMOST)..];
    let lane = u64::from(note.record.worker.is_some()) << 1 | u64::from(note.record.task.is_some());
    let parts =
        [note.record.kind as u64, note.record.symbol.as_ptr() as u64, lane, note.runtime.unwrap_or(0)];
    let ips = inner.iter().chain(outer).map(|ip| *ip as u64);
    parts.into_iter().chain(ips).fold(0xcbf2_9ce4_8422_2325, |hash, part| {
        let hash: u64 = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ (hash >> 29)
    })
}

/// A call that found no place.
fn lose() {
    if LOST.fetch_add(1, Ordering::Relaxed) == 0 {
        PENDING.fetch_add(1, Ordering::Relaxed);
    }
    BELL.ring();
}

/// Whether there is something to hand over.
#[inline]
pub(crate) fn is_ready() -> bool {
    PENDING.load(Ordering::Relaxed) > 0
}

/// Takes what is ready, and how many calls were lost. A place that somebody is adding to is left for the next time.
pub(super) fn take(notes: &mut Vec<Note>) -> u32 {
    for (at, word) in USED.iter().enumerate() {
        let mut used = word.load(Ordering::Acquire);
        while used != 0 {
            let bit = used.trailing_zeros();
            used &= used - 1;
            if let Some(note) = take_one(at * 64 + bit as usize) {
                notes.push(note);
                word.fetch_and(!(1 << bit), Ordering::Release);
                PENDING.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
    let lost = LOST.swap(0, Ordering::Relaxed);
    if lost > 0 {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
    lost
}

fn take_one(place: usize) -> Option<Note> {
    loop {
        let seen = state(place);
        if seen.tag() != READY || seen.0 & ADDERS != 0 {
            return None;
        }
        if !step(place, seen, seen.next(TAKEN)) {
            continue;
        }
        // SAFETY: `Taken`: the note is ours alone; it was written before the place became `Ready`.
        let mut note = unsafe { (*NOTES[place].0.get()).assume_init() };
        note.record.times = seen.times();
        note.record.elapsed_ns = ELAPSED[place].load(Ordering::Relaxed);
        note.record.longest_ns = LONGEST[place].load(Ordering::Relaxed);
        note.record.slept = SLEPT[place].load(Ordering::Relaxed).checked_sub(1).map(|slept| slept == 1);
        note.record.in_flight = false;
        index::remove(place);
        STATES[place].store(seen.next(TAKEN).next(FREE).0, Ordering::Relaxed);
        return Some(note);
    }
}

/// A forked child has none of its parent's calls, and none of the threads that were adding one.
pub(super) fn in_child() {
    for (at, word) in USED.iter().enumerate() {
        let mut used = word.swap(0, Ordering::Relaxed);
        while used != 0 {
            let place = at * 64 + used.trailing_zeros() as usize;
            used &= used - 1;
            index::remove(place);
            STATES[place].store(state(place).next(FREE).0, Ordering::Relaxed);
        }
    }
    PENDING.store(0, Ordering::Relaxed);
    LOST.store(0, Ordering::Relaxed);
}
