//! Who has a slot and who waits at one moment, for statistics and reports.

use super::entry::Entry;
use std::time::Duration;

/// Of the entries that a slot has had, the one that ran longest while those waited that come now. Times in nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Predecessor<S> {
    pub(crate) site: S,
    pub(super) ran: u64,
    /// How long others have run since.
    pub(super) ago: u64,
}

impl<S> Predecessor<S> {
    /// For how long it ran of that time, which ends now.
    pub(crate) fn within(&self, time: Duration) -> Duration {
        time.saturating_sub(Duration::from_nanos(self.ago)).min(Duration::from_nanos(self.ran))
    }
}

/// Who is here at one moment.
pub(crate) struct Snapshot<J: Entry> {
    /// Who has a slot.
    pub(crate) slots: Vec<J>,
    /// For each of those.
    pub(crate) predecessors: Vec<Option<Predecessor<J::Site>>>,
    /// How many of those wait, and have lent it.
    pub(crate) lent: usize,
    pub(crate) queued: usize,
    /// The one that has waited longest.
    pub(crate) first: Option<J>,
    pub(crate) submitted: u64,
    pub(crate) rejected: u64,
}
