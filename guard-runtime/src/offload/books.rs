//! What a pool has done: counts and times, in all and by call site.

use super::sync::{Mutex, lock};
use super::times::{Sum, Times};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::time::Duration;

/// Under locks of their own, so that handing over does not wait for bookkeeping, nor one thread for another.
pub(super) struct Books<K> {
    /// At least one.
    pages: Box<[Page<K>]>,
}

#[repr(align(128))] // On cache lines of its own.
struct Page<K>(Mutex<Totals<K>>);

/// More threads than these share pages: each has a kilobyte or three.
const PAGES: usize = 8;

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

#[derive(Debug)]
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
    /// For as many threads.
    pub(super) fn new(threads: usize) -> Books<K> {
        let page = || Page(Mutex::new(Totals::default()));
        Books { pages: std::iter::repeat_with(page).take(threads.clamp(1, PAGES)).collect() }
    }

    pub(super) fn enter(&self, site: K, account: Account) {
        if account.outcome.is_none() && account.times.is_none() {
            return;
        }
        lock(self.page(0)).enter(site, account);
    }

    /// For a closure that had a slot, and has left it. `page`: of the thread, any number.
    pub(super) fn enter_ended(&self, page: usize, site: K, account: Account) {
        let mut totals = lock(self.page(page));
        totals.ended += 1;
        totals.enter(site, account);
    }

    fn page(&self, number: usize) -> &Mutex<Totals<K>> {
        &self.pages[number % self.pages.len()].0
    }

    pub(super) fn totals(&self) -> Totals<K> {
        let mut all = Totals::default();
        for page in &self.pages {
            all.add(&lock(&page.0));
        }
        all
    }
}

impl<K: Copy + Eq + Hash> Totals<K> {
    fn add(&mut self, page: &Totals<K>) {
        self.completed += page.completed;
        self.panicked += page.panicked;
        self.cancelled += page.cancelled;
        self.expired += page.expired;
        self.abandoned += page.abandoned;
        self.waited.merge(&page.waited);
        self.ran.merge(&page.ran);
        for (site, totals) in &page.sites {
            let all = self.sites.entry(*site).or_default();
            all.waited.merge(totals.waited);
            all.ran.merge(totals.ran);
        }
        self.ended += page.ended;
    }
}

impl<K> Default for Totals<K> {
    fn default() -> Totals<K> {
        Totals {
            completed: 0,
            panicked: 0,
            cancelled: 0,
            expired: 0,
            abandoned: 0,
            waited: Times::NONE,
            ran: Times::NONE,
            sites: HashMap::default(),
            ended: 0,
        }
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
