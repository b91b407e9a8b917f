//! The slots, the queue and the counters: what an admission keeps under its latch.

use super::entry::{Entry, Loan};
use super::queue::Queue;
use super::snapshot::{Predecessor, Snapshot};
use crate::offload::outcomes::{Counters, Sample};

/// The right to run one entry after the other. No two threads at work have the same. Lost for ever if it is not given
/// back.
#[derive(Debug)]
#[must_use]
pub(crate) struct Slot(pub(super) usize);

/// What a thread does next.
pub(crate) enum Next<J: Entry> {
    Run(Slot, J::Ref),
    /// Nothing waits: `Admission::linger` for a moment.
    Linger(Slot),
    /// `over`: nothing runs, waits, or will come any more.
    Free {
        over: bool,
    },
}

/// One pool's.
pub(super) struct State<J: Entry> {
    /// A lane for each group.
    pub(super) queue: Queue<J::Group, J>,
    pub(super) slots: Vec<Option<J>>,
    /// What each slot had before, since it was vacant.
    pub(super) predecessors: Vec<Option<Predecessor<J::Site>>>,
    pub(super) vacant: Vec<usize>,
    /// The slots that exist beside those of lenders.
    pub(super) on_loan: Vec<(usize, J::Loan)>,
    /// The groups of the threads that were started and have not come yet.
    pub(super) starting: Vec<J::Group>,
    /// The group of the thread that has a slot and looks for an entry: never more than one.
    pub(super) lingering: Option<J::Group>,
    pub(super) closed: bool,
    pub(super) submitted: u64,
    pub(super) rejected: u64,
    pub(super) counters: Counters<J::Site>,
}

impl<J: Entry> State<J> {
    pub(super) fn new(threads: usize) -> State<J> {
        State {
            queue: Queue::new(),
            slots: Vec::new(),
            predecessors: Vec::new(),
            vacant: Vec::new(),
            on_loan: Vec::new(),
            starting: Vec::new(),
            lingering: None,
            closed: false,
            submitted: 0,
            rejected: 0,
            counters: Counters::new(threads),
        }
    }

    /// How many slots are in use, of those that there may be: a slot and what it is lent to count once.
    pub(super) fn taken(&self) -> usize {
        self.slots.len() - self.vacant.len() - self.lent()
    }

    /// How many slots are lent.
    pub(super) fn lent(&self) -> usize {
        self.on_loan.iter().filter(|(_, loan)| loan.is_on()).count()
    }

    /// How many of those have an entry.
    pub(super) fn running(&self) -> usize {
        self.taken() - usize::from(self.lingering.is_some())
    }

    pub(super) fn new_slot(&mut self) -> Slot {
        Slot(self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.predecessors.push(None);
            self.slots.len() - 1
        }))
    }

    /// Whether no thread comes that will look at the queue, for one more entry of the group: that many wait.
    pub(super) fn needs_thread(&self, group: J::Group, waiting: usize) -> bool {
        let looks = self.lingering == Some(group) && waiting == 1;
        !looks && !self.starting.contains(&group)
    }

    /// A thread that was started for the group is here.
    pub(super) fn arrived(&mut self, group: J::Group) {
        if let Some(at) = self.starting.iter().position(|starting| *starting == group) {
            self.starting.swap_remove(at);
        }
    }

    pub(super) fn run_or_free(&mut self, threads: usize, slot: Slot, group: J::Group) -> Next<J> {
        // One that has lent its slot waits no more, and the other one has it still.
        if self.taken() > threads {
            return self.free(slot);
        }
        let Some(job) = self.queue.pop_of(group) else { return self.free(slot) };
        let job_ref = job.to_ref();
        self.slots[slot.0] = Some(job);
        Next::Run(slot, job_ref)
    }

    pub(super) fn end(&mut self, slot: &Slot, site: J::Site, sample: Sample) -> Option<J> {
        self.counters.add(slot.0, site, sample);
        match (sample.times, &mut self.predecessors[slot.0]) {
            // It was handed in before that one's end: so may be what waits.
            (Some((waited, ran)), Some(before)) if waited > before.ago && ran < before.ran => {
                before.ago = before.ago.saturating_add(ran);
            }
            (Some((_, ran)), before) => *before = Some(Predecessor { site, ran, ago: 0 }),
            (None, _) => {}
        }
        self.slots[slot.0].take()
    }

    pub(super) fn free(&mut self, slot: Slot) -> Next<J> {
        self.predecessors[slot.0] = None;
        self.on_loan.retain(|(lent, _)| *lent != slot.0);
        self.vacant.push(slot.0);
        Next::Free { over: self.is_over() }
    }

    pub(super) fn snapshot(&self) -> Snapshot<J> {
        let pairs = self.slots.iter().zip(&self.predecessors);
        let (slots, predecessors) =
            pairs.filter_map(|(job, predecessor)| Some((job.clone()?, *predecessor))).unzip();
        Snapshot {
            slots,
            predecessors,
            lent: self.lent(),
            queued: self.queue.len(),
            first: self.queue.front().map(|(_, job)| job.clone()),
            submitted: self.submitted,
            rejected: self.rejected,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.closed && self.running() == 0 && self.queue.len() == 0
    }
}
