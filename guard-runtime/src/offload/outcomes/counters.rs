//! Counters of what a pool has done: how many and how long, in all and by call site.

use super::times::{Classes, Sum, Times};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Of one pool. Whoever adds something has taken turns with the others.
pub(crate) struct Counters<K> {
    /// At least one.
    shards: Box<[Shard<K>]>,
}

/// More threads than these share shards: each has a kilobyte or three.
const SHARDS: usize = 8;

/// What is added for each closure: as little as the totals can be made of.
#[derive(Clone)]
#[repr(align(128))] // On cache lines of its own: each thread has its shard.
struct Shard<K> {
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
pub(crate) enum Outcome {
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

/// What is counted of a closure: what became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// None where somebody else has counted it.
    pub(crate) outcome: Option<Outcome>,
    /// How long it waited and how long it ran, in nanoseconds, if it did.
    pub(crate) times: Option<(u64, u64)>,
}

#[derive(Debug)]
pub(crate) struct Totals<K> {
    outcomes: [u64; OUTCOMES],
    pub(crate) waited: Times,
    pub(crate) ran: Times,
    pub(crate) sites: Vec<(K, SiteTotals)>,
}

/// The times of one call site.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SiteTotals {
    pub(crate) waited: Sum,
    pub(crate) ran: Sum,
}

impl<K: Copy + Eq + Hash> Counters<K> {
    /// For as many threads.
    pub(crate) fn new(threads: usize) -> Counters<K> {
        Counters { shards: std::iter::repeat_with(Shard::default).take(threads.clamp(1, SHARDS)).collect() }
    }

    /// `shard`: of the thread, any number.
    #[inline]
    pub(crate) fn add(&mut self, shard: usize, site: K, sample: Sample) {
        let shard = shard % self.shards.len();
        self.shards[shard].add(site, sample);
    }

    /// As they are now, to be added up later.
    pub(crate) fn copy(&self) -> Counters<K> {
        Counters { shards: self.shards.clone() }
    }

    pub(crate) fn totals(&self) -> Totals<K> {
        let mut outcomes = [0; OUTCOMES];
        let (mut waited, mut ran) = (Classes::NONE, Classes::NONE);
        let (mut all_waited, mut all_ran) = (Sum::default(), Sum::default());
        let mut sites = Vec::new();
        for shard in &self.shards {
            outcomes.iter_mut().zip(shard.outcomes).for_each(|(all, more)| *all += more);
            waited.merge(&shard.waited);
            ran.merge(&shard.ran);
            sites.extend_from_slice(&shard.sites);
        }
        for (_, site) in &sites {
            all_waited.merge(site.waited);
            all_ran.merge(site.ran);
        }
        Totals { outcomes, waited: Times::of(all_waited, waited), ran: Times::of(all_ran, ran), sites }
    }
}

impl<K> Totals<K> {
    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }
}

impl<K> Default for Shard<K> {
    fn default() -> Shard<K> {
        Shard {
            outcomes: [0; OUTCOMES],
            waited: Classes::NONE,
            ran: Classes::NONE,
            sites: Vec::new(),
            places: HashMap::default(),
            last: 0,
        }
    }
}

impl<K: Copy + Eq + Hash> Shard<K> {
    #[inline]
    fn add(&mut self, site: K, sample: Sample) {
        if let Some((waited, ran)) = sample.times {
            self.waited.add(waited);
            self.ran.add(ran);
            let site = self.site(site);
            site.waited.add(waited);
            site.ran.add(ran);
        }
        if let Some(outcome) = sample.outcome {
            self.outcomes[outcome as usize] += 1;
        }
    }

    #[inline]
    fn site(&mut self, site: K) -> &mut SiteTotals {
        if self.sites.get(self.last).is_none_or(|(last, _)| *last != site) {
            self.last = self.find(site);
        }
        &mut self.sites[self.last].1
    }

    fn find(&mut self, site: K) -> usize {
        *self.places.entry(site).or_insert_with(|| {
            self.sites.push((site, SiteTotals::default()));
            self.sites.len() - 1
        })
    }
}

impl From<Outcome> for Sample {
    fn from(outcome: Outcome) -> Sample {
        Sample { outcome: Some(outcome), times: None }
    }
}

/// Enough for addresses, which are distinct already.
#[derive(Clone, Default)]
pub(crate) struct AddressHasher(u64);

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
