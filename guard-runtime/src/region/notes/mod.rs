//! Calls that no poll of ours hands over: made on armed workers, or not yet returned when the program ends.
//!
//! Two fixed tables for the whole process, which hooks write without a lock and without the heap. Each call that may
//! block takes a place among the [`flights`] before it is made. Once it has returned on an armed worker, it is [`ready()`]:
//! written down for good, or counted where its stack is written down already. Then [`bell`] wakes who takes it.
//!
//! What is ready is taken while the program runs; the end of the process takes the calls in flight as well, so that
//! one which never came back is known too.

mod bell;
mod flights;
mod futex;
mod index;
mod ready;

pub(crate) use flights::{depart, hold, release};
pub(crate) use ready::is_ready;

use crate::model::{Note, Ticket};
use bell::Bell;

/// What wakes the thread that takes what is ready.
pub(crate) static BELL: Bell = Bell::new(futex::AtomicU32::new(bell::NOBODY));

/// A call has returned on an armed worker: to be handed over. `note`: as it was when the call was made.
pub(crate) fn ready(ticket: Option<Ticket>, key: u64, note: &Note) {
    // Taken in flight meanwhile, at the end of the process: then it has been told.
    if ticket.is_none_or(flights::land) {
        ready::add(key, note);
        if let Some(ticket) = ticket {
            flights::landed(ticket);
        }
    }
}

/// Takes what is ready, and how many calls were lost. With `all` also what has not been handed over by its poll, and
/// what has not returned. Allocates.
pub(crate) fn take(all: bool) -> (Vec<Note>, u32) {
    let mut notes = if all { flights::take() } else { Vec::new() };
    let lost = ready::take(&mut notes);
    (notes, lost)
}

/// A forked child has none of its parent's calls.
pub(crate) fn in_child() {
    flights::in_child();
    ready::in_child();
    BELL.in_child();
}

/// Whether something waits for a worker to hand it over, because no thread of ours does.
#[inline]
pub(crate) fn waits_for_worker() -> bool {
    is_ready() && !BELL.has_thread()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Guarding, Kind, Record};
    use std::collections::BTreeMap;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::Instant;

    /// What is ready is taken by whoever asks first.
    pub(super) fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// With a symbol to know the test's own notes by: other tests make hooked calls meanwhile.
    pub(super) fn note(symbol: &'static str) -> Note {
        let record = Record {
            worker: Some(0),
            since: Some(Instant::now()),
            ..Record::new(Engine::Intercept, Kind::Other, symbol, Guarding::RUNTIME)
        };
        Note { record, runtime: None }
    }

    /// A stack of `depth` frames, of which `middle` is one in its middle.
    fn stack(note: &Note, middle: usize, depth: usize) -> Note {
        let mut note = *note;
        note.record.stack.len = depth;
        for (at, ip) in note.record.stack.ips[..depth].iter_mut().enumerate() {
            *ip = if at == depth / 2 { middle } else { at };
        }
        note
    }

    fn land(key: u64, note: &Note, elapsed_ns: u64, slept: Option<bool>) {
        let ticket = depart(key, note);
        let mut note = *note;
        (note.record.elapsed_ns, note.record.slept) = (elapsed_ns, slept);
        ready(ticket, key, &note);
    }

    fn taken(symbol: &str) -> Vec<Record> {
        let (notes, _) = take(false);
        notes.iter().map(|note| note.record).filter(|record| record.symbol == symbol).collect()
    }

    /// Mixed as the keys of hooks are.
    fn key(n: u64) -> u64 {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 4
    }

    #[test]
    fn what_is_ready_is_taken_once_and_repetitions_are_counted() {
        let _alone = alone();
        let (one, other) = (note("test one"), note("test other"));
        land(7, &one, 10, Some(false));
        land(7, &one, 5, Some(true));
        land(8, &other, 1, None);
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
    }

    #[cfg_attr(miri, ignore = "too many for an interpreter")]
    #[test]
    fn thousands_of_places_fit_whoever_is_slow_and_the_rest_is_counted_as_lost() {
        let _alone = alone();
        take(false);
        let many = note("test full");
        for _ in 0..3 {
            for n in 0..ready::PLACES as u64 {
                // Of different ends: no recursion.
                let mut one = stack(&many, 0, 40);
                one.record.stack.ips[0] = n as usize;
                land(key(n), &one, 1, None);
            }
        }
        let mut extra = stack(&many, 0, 40);
        extra.record.stack.ips[0] = usize::MAX;
        land(key(u64::MAX), &extra, 1, None);
        let (notes, lost) = take(false);
        let times: Vec<u32> = notes
            .iter()
            .filter(|note| note.record.symbol == "test full")
            .map(|note| note.record.times)
            .collect();
        // Other tests' calls may have taken a place meanwhile.
        assert_eq!(
            times.iter().map(|times| *times as usize).sum::<usize>() + lost as usize,
            3 * ready::PLACES + 1
        );
        assert!(times.len() + 64 > ready::PLACES && lost < 64, "{} places, {lost} lost", times.len());
        // Everything is free again.
        land(1, &many, 1, None);
        assert_eq!(taken("test full").len(), 1);
    }

    #[cfg_attr(miri, ignore = "too many for an interpreter")]
    #[test]
    fn the_stacks_of_a_recursion_leave_room_for_others() {
        let _alone = alone();
        take(false);
        let deep = note("test deep");
        for n in 0..10_000 {
            land(key(n as u64), &stack(&deep, n, 60), 1, None);
        }
        land(key(1 << 40), &note("test shallow"), 1, None);
        let (notes, lost) = take(false);
        let of = |symbol: &str| {
            let ours = notes.iter().filter(|note| note.record.symbol == symbol);
            ours.map(|note| note.record.times as usize).sum::<usize>()
        };
        assert_eq!((of("test deep"), of("test shallow"), lost), (10_000, 1, 0));
    }

    #[test]
    fn several_threads_at_once_lose_none_and_mix_up_none() {
        let _alone = alone();
        const ROUNDS: u64 = if cfg!(miri) { 60 } else { 20_000 };
        static SYMBOLS: [&str; 3] = ["test many 0", "test many 1", "test many 2"];
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    let notes = SYMBOLS.map(note);
                    for n in 0..ROUNDS {
                        let which = n % 3;
                        land(key(which), &notes[which as usize], which, None);
                    }
                })
            })
            .collect();
        let mut seen: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let mut lost = 0;
        let mut look = || {
            let (notes, missed) = take(false);
            lost += missed;
            for record in notes.iter().map(|note| &note.record) {
                let (times, elapsed) = seen.entry(record.symbol).or_default();
                *times += u64::from(record.times);
                *elapsed += record.elapsed_ns;
            }
        };
        while !threads.iter().all(std::thread::JoinHandle::is_finished) {
            look();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        look();
        let each = |which: u64| 4 * (0..ROUNDS).filter(|n| n % 3 == which).count() as u64;
        for (which, symbol) in (0..).zip(SYMBOLS) {
            assert_eq!(seen[symbol], (each(which), which * each(which)), "{symbol}, {lost} lost");
        }
    }
}
