//! Which place of the table of ready calls a stack has, by hash: bounded to look up, and nothing is ever moved in it.

use super::ready::PLACES;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

/// Each place has two entries, so it is at most half full.
const ENTRIES: usize = 4 * PLACES;
/// An entry lies at most so far from where its hash puts it.
const NEAR: usize = 16;

/// A place, counted from 1; 0 is an empty entry.
static ENTRY: [AtomicU16; ENTRIES] = [const { AtomicU16::new(0) }; ENTRIES];
/// By which keys a place is found: of its whole stack, and of the stack's ends.
static KEYS: [[AtomicU64; PLACES]; 2] = [const { [const { AtomicU64::new(0) }; PLACES] }; 2];

/// Gives each place that may have a stack of this key to `is_it`, with the question whether it still has, until it says
/// yes.
pub(super) fn find(key: u64, is_it: impl Fn((usize, &dyn Fn() -> bool)) -> bool) -> bool {
    find_by(0, key, is_it)
}

/// The same by the ends of the stack.
pub(super) fn find_near(near: u64, is_it: impl Fn((usize, &dyn Fn() -> bool)) -> bool) -> bool {
    find_by(1, near, is_it)
}

fn find_by(which: usize, key: u64, is_it: impl Fn((usize, &dyn Fn() -> bool)) -> bool) -> bool {
    entries(which, key).any(|entry| {
        let place = usize::from(entry.load(Ordering::Acquire));
        place > 0 && is_it((place - 1, &|| KEYS[which][place - 1].load(Ordering::Relaxed) == key))
    })
}

fn entries(which: usize, key: u64) -> impl Iterator<Item = &'static AtomicU16> {
    // Keys of hooks keep their lowest bits for themselves.
    let first = (key >> 16) as usize + which * 7;
    (0..NEAR).map(move |at| &ENTRY[(first.wrapping_add(at)) % ENTRIES])
}

/// Makes a place known by both keys. Where there is no room, it is not found.
pub(super) fn insert(place: usize, key: u64, near: u64) {
    for (which, key) in [key, near].into_iter().enumerate() {
        KEYS[which][place].store(key, Ordering::Relaxed);
        let is_put = |entry: &AtomicU16| {
            entry.compare_exchange(0, place as u16 + 1, Ordering::Release, Ordering::Relaxed).is_ok()
        };
        // One of a recursion's many stacks is enough to find the others by.
        if which == 0 || !find_by(1, key, |(_, is_it)| is_it()) {
            entries(which, key).any(is_put);
        }
    }
}

/// Forgets a place. By its owner alone, before it is free.
pub(super) fn remove(place: usize) {
    for (which, keys) in KEYS.iter().enumerate() {
        for entry in entries(which, keys[place].load(Ordering::Relaxed)) {
            let _ = entry.compare_exchange(place as u16 + 1, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}
