//! Calls that no poll of ours hands over: made on armed workers, or not yet returned when the program ends.
//!
//! A fixed table for the whole process, which hooks write without a lock and without the heap. Each call that may block
//! takes a place before it is made:
//!
//! ```text
//! Free ─► Writing ─► InFlight ─► Held   (seen in a guarded poll, which hands it over itself) ─► Free
//!                             └► Ready  (seen on an armed worker; repetitions are counted here) ─► Taken ─► Free
//! ```
//!
//! Safe points take what is ready; the end of the process takes all, so that a call which never came back is known too.

use crate::model::{Note, Ticket};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

const PLACES: usize = 128;
/// Repetitions are looked for in so many places.
const NEAR: usize = 8;

/// What is in a place: a tag, how often (for `Ready`), and a generation, so that a place which was emptied and filled
/// again is not taken for what it was.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State(u64);

const FREE: u64 = 0;
const WRITING: u64 = 1;
const IN_FLIGHT: u64 = 2;
const HELD: u64 = 3;
const READY: u64 = 4;
const TAKEN: u64 = 5;

const TAG: u64 = 0xff;
const ONCE: u64 = 1 << 8;
const TIMES: u64 = 0xff_ffff << 8;
const GENERATION: u64 = 1 << 32;

impl State {
    fn tag(self) -> u64 {
        self.0 & TAG
    }

    fn times(self) -> u32 {
        ((self.0 & TIMES) >> 8) as u32
    }

    /// The next generation's.
    fn next(self, tag: u64) -> State {
        State((self.0 & !(TAG | TIMES)).wrapping_add(GENERATION) | tag)
    }
}

// The small columns lie together: looking through them touches few cache lines.
static STATES: [AtomicU64; PLACES] = [const { AtomicU64::new(FREE) }; PLACES];
static KEYS: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
static ELAPSED: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
static LONGEST: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
/// Whether a ready call slept: not known, no, yes.
static SLEPT: [AtomicU8; PLACES] = [const { AtomicU8::new(0) }; PLACES];
static NOTES: [Cell; PLACES] = [const { Cell(UnsafeCell::new(MaybeUninit::uninit())) }; PLACES];
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

/// Takes a place for a call that is about to be made; none if all are taken.
pub(crate) fn depart(key: u64, note: &Note) -> Option<Ticket> {
    for place in places(key) {
        let free = state(place);
        if free.tag() != FREE || !step(place, free, free.next(WRITING)) {
            continue;
        }
        // SAFETY: `Writing`: the note is ours alone.
        unsafe { (*NOTES[place].0.get()).write(*note) };
        KEYS[place].store(key, Ordering::Relaxed);
        ELAPSED[place].store(0, Ordering::Relaxed);
        let state = free.next(WRITING).next(IN_FLIGHT);
        STATES[place].store(state.0, Ordering::Release);
        return Some(Ticket { place: place as u16, state: state.0 });
    }
    None
}

/// All places, those first in which equal calls are looked for.
fn places(key: u64) -> impl Iterator<Item = usize> {
    (0..PLACES).map(move |n| ((key >> 16) as usize + n) % PLACES)
}

/// The call has returned, and its poll will hand it over.
pub(crate) fn hold(ticket: Ticket, elapsed_ns: u64) -> Ticket {
    let (place, owned) = (usize::from(ticket.place), State(ticket.state));
    ELAPSED[place].store(elapsed_ns, Ordering::Relaxed);
    let held = owned.next(HELD);
    // Taken meanwhile, at the end of the process: then the ticket fits no more, which `release` accepts too.
    step(place, owned, held);
    Ticket { state: held.0, ..ticket }
}

/// Nothing is left to be handed over.
pub(crate) fn release(ticket: Ticket) {
    let owned = State(ticket.state);
    step(ticket.place.into(), owned, owned.next(FREE));
}

/// The call has returned on an armed worker: to be handed over at the next safe point.
pub(crate) fn ready(ticket: Ticket, key: u64, elapsed_ns: u64, slept: Option<bool>) {
    let slept = slept.map_or(0, |slept| 1 + u8::from(slept));
    if repeat(key, elapsed_ns, slept) {
        return release(ticket);
    }
    let (place, owned) = (usize::from(ticket.place), State(ticket.state));
    ELAPSED[place].store(elapsed_ns, Ordering::Relaxed);
    LONGEST[place].store(elapsed_ns, Ordering::Relaxed);
    SLEPT[place].store(slept, Ordering::Relaxed);
    PENDING.fetch_add(1, Ordering::Relaxed);
    if !step(place, owned, State(owned.next(READY).0 + ONCE)) {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a call that waits already for being handed over.
fn repeat(key: u64, elapsed_ns: u64, slept: u8) -> bool {
    for place in places(key).take(NEAR) {
        loop {
            let seen = state(place);
            if seen.tag() != READY || KEYS[place].load(Ordering::Relaxed) != key || seen.0 & TIMES == TIMES {
                break;
            }
            if step(place, seen, State(seen.0 + ONCE)) {
                ELAPSED[place].fetch_add(elapsed_ns, Ordering::Relaxed);
                LONGEST[place].fetch_max(elapsed_ns, Ordering::Relaxed);
                SLEPT[place].fetch_max(slept, Ordering::Relaxed);
                return true;
            }
        }
    }
    false
}

/// A call that found no place.
pub(crate) fn lose() {
    if LOST.fetch_add(1, Ordering::Relaxed) == 0 {
        PENDING.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether there is something to hand over.
#[inline]
pub(crate) fn is_ready() -> bool {
    PENDING.load(Ordering::Relaxed) > 0
}

/// Takes what is ready, and how many calls were lost. With `all` also what has not been handed over by its poll,
/// and what has not returned. Allocates.
pub(crate) fn take(all: bool) -> (Vec<Note>, u32) {
    let mut notes = Vec::new();
    for place in 0..PLACES {
        loop {
            let seen = state(place);
            let wanted = matches!((seen.tag(), all), (READY, _) | (IN_FLIGHT | HELD, true));
            if !wanted {
                break;
            }
            if !step(place, seen, seen.next(TAKEN)) {
                continue;
            }
            // SAFETY: `Taken`: the note is ours alone; it was written before the place became `InFlight`.
            let mut note = unsafe { (*NOTES[place].0.get()).assume_init() };
            note.in_flight = seen.tag() == IN_FLIGHT;
            note.record.elapsed_ns = match note.in_flight {
                true => u64::try_from(note.since.elapsed().as_nanos()).unwrap_or(u64::MAX),
                false => ELAPSED[place].load(Ordering::Relaxed),
            };
            if seen.tag() == READY {
                note.record.times = seen.times();
                note.record.longest_ns = LONGEST[place].load(Ordering::Relaxed);
                note.record.slept =
                    SLEPT[place].load(Ordering::Relaxed).checked_sub(1).map(|slept| slept == 1);
                PENDING.fetch_sub(1, Ordering::Relaxed);
            }
            notes.push(note);
            STATES[place].store(seen.next(TAKEN).next(FREE).0, Ordering::Release);
            break;
        }
    }
    let lost = LOST.swap(0, Ordering::Relaxed);
    if lost > 0 {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
    (notes, lost)
}

/// A forked child has none of its parent's calls.
pub(crate) fn in_child() {
    for state in &STATES {
        state.store(FREE, Ordering::Relaxed);
    }
    PENDING.store(0, Ordering::Relaxed);
    LOST.store(0, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Guarding, Kind, Record};
    use std::time::Instant;

    /// With a symbol to know the test's own notes by: other tests make hooked calls meanwhile.
    fn note(symbol: &'static str) -> Note {
        let record = Record {
            worker: Some(0),
            ..Record::new(Engine::Intercept, Kind::Other, symbol, Guarding::RUNTIME)
        };
        Note { record, since: Instant::now(), runtime: None, in_flight: false }
    }

    fn taken(symbol: &str) -> Vec<(u32, u64)> {
        let (notes, _) = take(false);
        let ours = notes.iter().filter(|note| note.record.symbol == symbol);
        ours.map(|note| (note.record.times, note.record.elapsed_ns)).collect()
    }

    // One test, because what is ready is taken by whoever asks first.
    #[test]
    fn what_is_ready_is_taken_once_and_repetitions_are_counted() {
        let (one, other) = (note("test one"), note("test other"));
        ready(depart(7, &one).unwrap(), 7, 10, Some(false));
        ready(depart(7, &one).unwrap(), 7, 5, Some(true));
        ready(depart(8, &other).unwrap(), 8, 1, None);
        let held = hold(depart(9, &one).unwrap(), 1);
        assert!(is_ready());
        let (notes, _) = take(false);
        let count = |symbol: &str| {
            let ours = notes.iter().filter(move |note| note.record.symbol == symbol);
            ours.map(|note| {
                let record = &note.record;
                (record.times, record.elapsed_ns, record.longest_ns, record.slept)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(count("test one"), [(2, 15, 10, Some(true))]);
        assert_eq!(count("test other"), [(1, 1, 1, None)]);
        release(held);
        assert!(taken("test one").is_empty());

        // Several threads at once lose none.
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    let many = note("test many");
                    let send = |n: u64| depart(n % 3, &many).map(|ticket| ready(ticket, n % 3, 1, None));
                    (0..3000).filter_map(send).count()
                })
            })
            .collect();
        let mut seen = 0;
        while !threads.iter().all(std::thread::JoinHandle::is_finished) {
            seen += taken("test many").iter().map(|(times, _)| *times as usize).sum::<usize>();
        }
        let sent: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        seen += taken("test many").iter().map(|(times, _)| *times as usize).sum::<usize>();
        assert_eq!((sent, seen), (12_000, 12_000));
    }
}
