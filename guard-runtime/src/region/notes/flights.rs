//! The table of calls that have not returned, or whose guarded poll has not ended.
//!
//! ```text
//! Free ─► Writing ─► InFlight ─► Held     (seen in a guarded poll, which hands it over itself) ─► Free
//!                             ├► Landing  (seen on an armed worker: it is being written down)  ─► Free
//!                             └► Taken    (the process ends)                                   ─► Free
//! ```

use crate::model::{Note, Ticket};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

const PLACES: usize = 512;
/// A free place is looked for in so many.
const NEAR: usize = 64;

/// What is in a place: a tag, and a generation, so that a place which was emptied and filled again is not taken for what
/// it was.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State(u64);

const FREE: u64 = 0;
const WRITING: u64 = 1;
const IN_FLIGHT: u64 = 2;
const HELD: u64 = 3;
const LANDING: u64 = 4;
const TAKEN: u64 = 5;

const TAG: u64 = 0xff;
const GENERATION: u64 = 1 << 8;

impl State {
    fn tag(self) -> u64 {
        self.0 & TAG
    }

    /// The next generation's.
    fn next(self, tag: u64) -> State {
        State((self.0 & !TAG).wrapping_add(GENERATION) | tag)
    }
}

// The small columns lie together: looking through them touches few cache lines.
static STATES: [AtomicU64; PLACES] = [const { AtomicU64::new(FREE) }; PLACES];
static ELAPSED: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
static NOTES: [Cell; PLACES] = [const { Cell(UnsafeCell::new(MaybeUninit::zeroed())) }; PLACES];

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

/// Takes a place for a call that is about to be made; none if those near it are taken.
pub(crate) fn depart(key: u64, note: &Note) -> Option<Ticket> {
    let first = (key >> 16) as usize;
    for place in (first..first.saturating_add(NEAR)).map(|at| at % PLACES) {
        let free = state(place);
        if free.tag() != FREE || !step(place, free, free.next(WRITING)) {
            continue;
        }
        // SAFETY: `Writing`: the note is ours alone.
        unsafe { (*NOTES[place].0.get()).write(*note) };
        ELAPSED[place].store(0, Ordering::Relaxed);
        let state = free.next(WRITING).next(IN_FLIGHT);
        STATES[place].store(state.0, Ordering::Release);
        return Some(Ticket { place: place as u16, state: state.0 });
    }
    None
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

/// The call has returned, and is about to be written down elsewhere. False if the end of the process has taken it.
pub(super) fn land(ticket: Ticket) -> bool {
    let owned = State(ticket.state);
    step(ticket.place.into(), owned, owned.next(LANDING))
}

/// It is written down.
pub(super) fn landed(ticket: Ticket) {
    let landing = State(ticket.state).next(LANDING);
    STATES[usize::from(ticket.place)].store(landing.next(FREE).0, Ordering::Release);
}

/// Takes all. Allocates.
pub(super) fn take() -> Vec<Note> {
    let mut notes = Vec::new();
    for place in 0..PLACES {
        loop {
            let seen = state(place);
            if seen.tag() == LANDING {
                // It will be found among what is ready in a moment, unless its thread has lost its CPU.
                await_landing(place, seen);
                break;
            }
            if !matches!(seen.tag(), IN_FLIGHT | HELD) {
                break;
            }
            if !step(place, seen, seen.next(TAKEN)) {
                continue;
            }
            // SAFETY: `Taken`: the note is ours alone; it was written before the place became `InFlight`.
            let mut note = unsafe { (*NOTES[place].0.get()).assume_init() };
            let record = &mut note.record;
            record.in_flight = seen.tag() == IN_FLIGHT;
            record.elapsed_ns = match (record.in_flight, record.since) {
                (true, Some(since)) => u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX),
                _ => ELAPSED[place].load(Ordering::Relaxed),
            };
            notes.push(note);
            STATES[place].store(seen.next(TAKEN).next(FREE).0, Ordering::Release);
            break;
        }
    }
    notes
}

fn await_landing(place: usize, seen: State) {
    for _ in 0..1000 {
        if state(place) != seen {
            return;
        }
        std::thread::yield_now();
    }
}

/// A forked child has none of its parent's calls.
pub(super) fn in_child() {
    for state in &STATES {
        // Where nobody ever was, nothing is written: the pages stay shared.
        let seen = state.load(Ordering::Relaxed);
        if State(seen).tag() != FREE {
            state.store(State(seen).next(FREE).0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alone, note};
    use super::*;

    #[test]
    fn what_was_taken_in_flight_neither_lands_nor_is_released_again() {
        let _alone = alone();
        let own = |notes: Vec<Note>| {
            let ours = notes.into_iter().filter(|note| note.record.symbol == "test flight");
            ours.map(|note| (note.record.in_flight, note.record.elapsed_ns > 0)).collect::<Vec<_>>()
        };
        let [flies, held, landing] = [1, 2, 3].map(|key| depart(key << 16, &note("test flight")).unwrap());
        let held = hold(held, 7);
        assert!(land(landing));
        landed(landing);
        assert_eq!(own(take()), [(true, true), (false, true)]);
        assert!(!land(flies));
        // Their places may be somebody else's by now.
        let next = depart(1 << 16, &note("test flight")).unwrap();
        assert_eq!(next.place, flies.place);
        release(flies);
        release(held);
        assert_eq!(own(take()), [(true, true)]);
        assert!(own(take()).is_empty());
    }
}
