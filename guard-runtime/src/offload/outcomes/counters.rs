//! What a pool has done: counts and times, in all and by call site.

use super::times::{Classes, Sum, Times};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Of one pool. Whoever enters something has taken turns with the others.
pub(super) struct Books<K> {
    /// At least one.
    pages: Box<[Entries<K>]>,
}

/// More threads than these share pages: each has a kilobyte or three.
const PAGES: usize = 8;

/// What is entered for each closure: as little as the totals can be made of.
#[derive(Clone)]
#[repr(align(128))] // On cache lines of its own: each thread has its page.
struct Entries<K> {
    outcomes: [u64; OUTCOMES],
    waited: Classes,
    ran: Classes,
    sites: Vec<(K, SiteTotals)>,
    /// Where in `sites`.
    places: HashMap<K, usize, BuildHasherDefault<AddressHasher>>,
    /// That of the last one, which the next one is often from, too.
    last: usize,
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

const OUTCOMES: usize = Outcome::Abandoned as usize + 1;

/// What became of a closure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    /// None where somebody else has counted it.
    pub(super) outcome: Option<Outcome>,
    /// How long it waited and how long it ran, in nanoseconds, if it did.
    pub(super) times: Option<(u64, u64)>,
}

#[derive(Debug)]
pub(super) struct Totals<K> {
    outcomes: [u64; OUTCOMES],
    pub(super) waited: Times,
    pub(super) ran: Times,
    pub(super) sites: Vec<(K, SiteTotals)>,
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
        Books { pages: std::iter::repeat_with(Entries::default).take(threads.clamp(1, PAGES)).collect() }
    }

    /// `page`: of the thread, any number.
    #[inline]
    pub(super) fn enter(&mut self, page: usize, site: K, account: Account) {
        let page = page % self.pages.len();
        self.pages[page].enter(site, account);
    }

    /// As they are now, to be added up later.
    pub(super) fn copy(&self) -> Books<K> {
        Books { pages: self.pages.clone() }
    }

    pub(super) fn totals(&self) -> Totals<K> {
        let mut outcomes = [0; OUTCOMES];
        let (mut waited, mut ran) = (Classes::NONE, Classes::NONE);
        let (mut all_waited, mut all_ran) = (Sum::default(), Sum::default());
        let mut sites = Vec::new();
        for page in &self.pages {
            outcomes.iter_mut().zip(page.outcomes).for_each(|(all, more)| *all += more);
            waited.merge(&page.waited);
            ran.merge(&page.ran);
            sites.extend_from_slice(&page.sites);
        }
        for (_, site) in &sites {
            all_waited.merge(site.waited);
            all_ran.merge(site.ran);
        }
        Totals { outcomes, waited: Times::of(all_waited, waited), ran: Times::of(all_ran, ran), sites }
    }
}

impl<K> Totals<K> {
    pub(super) fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }
}

impl<K> Default for Entries<K> {
    fn default() -> Entries<K> {
        Entries {
            outcomes: [0; OUTCOMES],
            waited: Classes::NONE,
            ran: Classes::NONE,
            sites: Vec::new(),
            places: HashMap::default(),
            last: 0,
        }
    }
}

impl<K: Copy + Eq + Hash> Entries<K> {
    #[inline]
    fn enter(&mut self, site: K, account: Account) {
        if let Some((waited, ran)) = account.times {
            self.waited.add(waited);
            self.ran.add(ran);
            let site = self.site(site);
            site.waited.add(waited);
            site.ran.add(ran);
        }
        if let Some(outcome) = account.outcome {
            self.outcomes[outcome as usize] += 1;
        }
    }

    #[inline]
    fn site(&mut self, site: K) -> &mut SiteTotals {
        if self.sites.get(self.last).is_none_or(|(last, _)| *last != site) {
            self.last = self.look_up(site);
        }
        &mut self.sites[self.last].1
    }

    fn look_up(&mut self, site: K) -> usize {
        *self.places.entry(site).or_insert_with(|| {
            self.sites.push((site, SiteTotals::default()));
            self.sites.len() - 1
        })
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
