//! What a pool has done: counts and times, in all and by call site.

use super::sync::{Mutex, lock};
use super::times::{Sum, Times};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::time::Duration;

/// Under a lock of its own, so that handing over does not wait for bookkeeping.
#[repr(align(128))] // On cache lines of its own.
pub(super) struct Books<K> {
    totals: Mutex<Totals<K>>,
}

/// How a closure ended: each one that is admitted is counted once, in one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Completed,
    Panicked,
    /// It never began.
    Cancelled,
    /// It never began, because its deadline had passed.
    Expired,
    /// It began, and nobody waited for its end.
    Abandoned,
}

/// What became of a closure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    /// None where somebody else has counted it.
    pub(super) outcome: Option<Outcome>,
    /// How long it waited and how long it ran, if it did.
    pub(super) times: Option<(Duration, Duration)>,
}

#[derive(Clone, Debug)]
pub(super) struct Totals<K> {
    pub(super) completed: u64,
    pub(super) panicked: u64,
    pub(super) cancelled: u64,
    pub(super) expired: u64,
    pub(super) abandoned: u64,
    pub(super) waited: Times,
    pub(super) ran: Times,
    pub(super) sites: HashMap<K, SiteTotals, BuildHasherDefault<AddressHasher>>,
    /// How many entries were made for closures that had a slot: one for each that has left it, a moment later.
    pub(super) ended: u64,
}

/// The times of one call site.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SiteTotals {
    pub(super) waited: Sum,
    pub(super) ran: Sum,
}

impl<K: Copy + Eq + Hash> Books<K> {
    pub(super) fn new() -> Books<K> {
        Books {
            totals: Mutex::new(Totals {
                completed: 0,
                panicked: 0,
                cancelled: 0,
                expired: 0,
                abandoned: 0,
                waited: Times::NONE,
                ran: Times::NONE,
                sites: HashMap::default(),
                ended: 0,
            }),
        }
    }

    pub(super) fn enter(&self, site: K, account: Account) {
        if account.outcome.is_none() && account.times.is_none() {
            return;
        }
        lock(&self.totals).enter(site, account);
    }

    /// For a closure that had a slot, and has left it.
    pub(super) fn enter_ended(&self, site: K, account: Account) {
        let mut totals = lock(&self.totals);
        totals.ended += 1;
        totals.enter(site, account);
    }

    pub(super) fn totals(&self) -> Totals<K> {
        lock(&self.totals).clone()
    }
}

impl<K: Eq + Hash> Totals<K> {
    fn enter(&mut self, site: K, account: Account) {
        if let Some((waited, ran)) = account.times {
            self.waited.add(waited);
            self.ran.add(ran);
            let site = self.sites.entry(site).or_default();
            site.waited.add(waited);
            site.ran.add(ran);
        }
        match account.outcome {
            Some(Outcome::Completed) => self.completed += 1,
            Some(Outcome::Panicked) => self.panicked += 1,
            Some(Outcome::Cancelled) => self.cancelled += 1,
            Some(Outcome::Expired) => self.expired += 1,
            Some(Outcome::Abandoned) => self.abandoned += 1,
            None => {}
        }
    }
}

impl From<Outcome> for Account {
    fn from(outcome: Outcome) -> Account {
        Account { outcome: Some(outcome), times: None }
    }
}

/// Enough for addresses, which are distinct already.
#[derive(Clone, Default)]
pub(super) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, word: usize) {
        // The odd constant of Fibonacci hashing: high bits come to depend on all of them.
        self.0 = (self.0.rotate_left(5) ^ word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
