//! Statistics of a pool: what it does now, and has done so far, in all and by call site.

use crate::offload::jobs::{AnyJob, CallSite, Progress, Shared, saturation};
use crate::offload::outcomes::{Outcome, Shown, SiteTotals, Sum, Times};
use crate::region;
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// What a pool does now, and has done since it was built. Made by [`Pool::stats`](crate::Pool::stats).
///
/// Each closure handed over is counted in exactly one of [`rejected`](PoolStats::rejected),
/// [`cancelled`](PoolStats::cancelled), [`expired`](PoolStats::expired), [`completed`](PoolStats::completed),
/// [`panicked`](PoolStats::panicked) and [`abandoned`](PoolStats::abandoned), once it is decided.
#[derive(Clone, Debug)]
pub struct PoolStats {
    threads: usize,
    busy: usize,
    abandoned_running: usize,
    queued: usize,
    longest_waiting: Duration,
    submitted: u64,
    rejected: u64,
    completed: u64,
    panicked: u64,
    cancelled: u64,
    expired: u64,
    abandoned: u64,
    waited: Times,
    ran: Times,
    sites: Vec<SiteStats>,
}

/// What the closures of one place in the code took. Part of [`PoolStats`].
#[derive(Clone, Debug)]
pub struct SiteStats {
    function: String,
    location: String,
    waited: Sum,
    ran: Sum,
}

impl PoolStats {
    pub(crate) fn new<S>(shared: &Shared<S>) -> PoolStats {
        let allowed = region::allow("a pool's books");
        let (snapshot, totals) = shared.admission.statistics();
        let now = Instant::now();
        drop(allowed);
        if let Some(first) = &snapshot.first {
            let waited = now.saturating_duration_since(first.submitted());
            if saturation::is_long(waited) {
                saturation::check_front(shared, first.site(), waited);
            }
        }
        let is_abandoned = |job: &&AnyJob<S>| matches!(job.progress(), Progress::Abandoned { .. });
        let longest = snapshot.first.map(|job| now.saturating_duration_since(job.submitted()));
        PoolStats {
            threads: shared.width,
            busy: snapshot.slots.len() - snapshot.lent,
            abandoned_running: snapshot.slots.iter().filter(is_abandoned).count(),
            queued: snapshot.queued,
            longest_waiting: longest.unwrap_or_default(),
            submitted: snapshot.submitted,
            rejected: snapshot.rejected,
            completed: totals.count(Outcome::Completed),
            panicked: totals.count(Outcome::Panicked),
            cancelled: totals.count(Outcome::Cancelled),
            expired: totals.count(Outcome::Expired),
            abandoned: totals.count(Outcome::Abandoned),
            waited: totals.waited,
            ran: totals.ran,
            sites: by_place(totals.sites),
        }
    }

    /// How many closures may run at a time.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many run now, abandoned ones included. One that waits for another one of the same pool, which has its slot,
    /// does not count.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// How many run now that nobody waits for any more.
    pub fn abandoned_running(&self) -> usize {
        self.abandoned_running
    }

    /// How many wait for a thread now.
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// How long the first of those has waited.
    pub fn longest_waiting(&self) -> Duration {
        self.longest_waiting
    }

    /// All that were handed over.
    pub fn submitted(&self) -> u64 {
        self.submitted
    }

    /// Refused, because the queue was full or the pool shut down.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Ended with a value.
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Ended with a panic.
    pub fn panicked(&self) -> u64 {
        self.panicked
    }

    /// Taken back before they began: the future was dropped, a token cancelled, the pool or the runtime shut down. Of an
    /// actor also what came behind a panic, or would have waited for itself.
    pub fn cancelled(&self) -> u64 {
        self.cancelled
    }

    /// Whose deadline passed before they began.
    pub fn expired(&self) -> u64 {
        self.expired
    }

    /// Begun and then given up: the deadline passed, or the future was dropped. They ran to their end, or still do.
    pub fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// How long closures waited for a thread, of those that got one and have ended.
    pub fn waited(&self) -> &Times {
        &self.waited
    }

    /// How long closures ran, of those that have ended.
    pub fn ran(&self) -> &Times {
        &self.ran
    }

    /// The same by the place that handed them over, the one that took most time first.
    pub fn sites(&self) -> &[SiteStats] {
        &self.sites
    }
}

impl SiteStats {
    /// The function that the closure is written in.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// `file:line:column` of the call.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// How many have ended.
    pub fn count(&self) -> u64 {
        self.ran.count
    }

    /// How long they waited together, and the longest of them.
    pub fn waited(&self) -> (Duration, Duration) {
        (self.waited.total(), self.waited.longest())
    }

    /// How long they ran together, and the longest of them.
    pub fn ran(&self) -> (Duration, Duration) {
        (self.ran.total(), self.ran.longest())
    }
}

/// `3/8 busy, 12 queued (longest 40 ms), …` in one line, without the zeros.
impl fmt::Display for PoolStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.threads {
            usize::MAX => write!(f, "{} busy", self.busy)?,
            threads => write!(f, "{}/{threads} busy", self.busy)?,
        }
        write!(f, ", {} queued", self.queued)?;
        if self.queued > 0 {
            write!(f, " (longest {})", Shown(self.longest_waiting))?;
        }
        for (count, name) in [
            (self.completed, "completed"),
            (self.panicked, "panicked"),
            (self.rejected, "rejected"),
            (self.cancelled, "cancelled"),
            (self.expired, "expired"),
            (self.abandoned, "abandoned"),
        ] {
            if count > 0 {
                write!(f, ", {count} {name}")?;
            }
        }
        Ok(())
    }
}

/// One place may have several addresses.
fn by_place(sites: impl IntoIterator<Item = (CallSite, SiteTotals)>) -> Vec<SiteStats> {
    let mut places: BTreeMap<String, SiteStats> = BTreeMap::new();
    for (site, totals) in sites {
        let location = site.at.to_string();
        let place = places.entry(location.clone()).or_insert_with(|| SiteStats {
            function: site.function(),
            location,
            waited: Sum::default(),
            ran: Sum::default(),
        });
        place.waited.merge(totals.waited);
        place.ran.merge(totals.ran);
    }
    let mut places: Vec<_> = places.into_values().collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.ran.total()));
    places
}
