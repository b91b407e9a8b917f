//! Who may run and who waits: hands out slots, and says when a thread has to be started.

use super::entry::{Entry, Loan};
use super::queue::Key;
use super::snapshot::Snapshot;
use super::state::{Next, Slot, State};
use crate::offload::outcomes::{Sample, Totals};
use crate::offload::sync::{AtomicBool, Latch, hold, spin_loop, yield_now};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Lets `threads` entries run at a time and `room` more wait.
///
/// Entries are always taken from the queue, by threads that have a slot: a thread asks for one when it has come, so that
/// one that never comes is in nobody's way. A thread is started for one entry at a time, and starts the next thread itself
/// if it finds more: whoever hands in a thousand closures pays for one wake-up, and a thread that is awake takes several.
/// The invariant behind it: **while an entry waits and a slot is vacant, a thread of its group is starting or lingering**,
/// and each of those looks at the queue, under the latch, before it does anything else.
#[repr(align(128))] // On cache lines of its own.
pub(crate) struct Admission<J: Entry> {
    threads: usize,
    room: usize,
    state: Latch<State<J>>,
    /// Whether one was handed in since a thread began to linger, for that thread to see without the latch.
    called: Padded<AtomicBool>,
}

/// On a cache line of its own: who looks at it again and again does not disturb who holds the latch.
#[repr(align(128))]
struct Padded<T>(T);

/// A thread is to be started for the group of each of these.
pub(crate) type Starts<J> = Vec<J>;

/// How often a thread looks for another entry before it goes to sleep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// By spinning.
    pub(crate) spins: u32,
    /// And then by letting other threads go first.
    pub(crate) yields: u32,
}

impl Patience {
    pub(crate) const NONE: Patience = Patience { spins: 0, yields: 0 };
    /// About a microsecond, a fraction of what waking the thread again takes.
    pub(crate) const SHORT: Patience = Patience { spins: 40, yields: 0 };
    /// Some microseconds, as channels do it: for the thread that all wait for.
    pub(crate) const LONG: Patience = Patience { spins: 120, yields: 6 };
}

/// What came of handing an entry in.
pub(crate) enum Submitted<J> {
    /// It waits, for a thread or (`full`) for another entry to end; `front_since`: since when the first one waits; `start`: a
    /// thread is to be started for its group.
    Queued { key: Key, front_since: Option<Instant>, full: bool, start: bool },
    /// Neither now nor later.
    Refused(J, Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

impl<J: Entry> Admission<J> {
    pub(crate) fn new(threads: usize, room: usize) -> Admission<J> {
        Admission {
            threads,
            room,
            state: Latch::new(State::new(threads)),
            called: Padded(AtomicBool::new(false)),
        }
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Hands an entry in. `patient`: it waits even where the queue is full; `wants_front`: `front_since` is wanted.
    #[inline(always)] // It has one caller, and gives more than goes into registers.
    pub(crate) fn submit(&self, job: J, group: J::Group, patient: bool, wants_front: bool) -> Submitted<J> {
        let mut state = hold(&self.state);
        state.submitted += 1;
        let ahead = state.running() + state.queue.len();
        let full = ahead >= self.threads;
        let refusal = if state.closed {
            Refusal::Closed
        } else if full && !patient && ahead - self.threads >= self.room {
            Refusal::Full
        } else {
            let front_since =
                state.queue.front().filter(|_| full && wants_front).map(|(_, first)| first.since());
            let has_room = state.taken() < self.threads;
            let start = has_room && state.needs_thread(group, state.queue.len_of(group) + 1);
            if start {
                state.starting.push(group);
            }
            let key = state.queue.push_back(group, job);
            if state.lingering.is_some() {
                self.called.0.store(true, Ordering::Relaxed);
            }
            return Submitted::Queued { key, front_since, full, start };
        };
        state.rejected += 1;
        drop(state);
        Submitted::Refused(job, refusal)
    }

    /// A thread has come that was started for that group.
    pub(crate) fn begin(&self, group: J::Group) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        state.arrived(group);
        if state.taken() >= self.threads {
            // Who has the last slot starts another thread in the end.
            return (Next::Free { over: state.is_over() }, Vec::new());
        }
        let slot = state.new_slot();
        (state.run_or_free(self.threads, slot, group), self.start_more(&mut state))
    }

    /// Has an entry run that waits in the queue, on a thread of its own: on the slot that is lent, or else on a vacant
    /// one. None if there is no such entry, or no slot.
    pub(crate) fn admit_out_of_turn(&self, key: Key, loan: Option<J::Loan>) -> Option<(Slot, J::Ref)> {
        let mut state = hold(&self.state);
        // Asked here: who waits no more gives its slot to others, under this latch.
        if !loan.as_ref().map_or_else(|| state.taken() < self.threads, Loan::is_on) {
            return None;
        }
        let job = state.queue.remove(key)?;
        let slot = state.new_slot();
        state.on_loan.extend(loan.map(|loan| (slot.0, loan)));
        let job_ref = job.to_ref();
        state.slots[slot.0] = Some(job);
        Some((slot, job_ref))
    }

    /// A thread that was started for that group never comes, nor will another one: whoever waits for it.
    pub(crate) fn give_up_on(&self, group: J::Group) -> Vec<J> {
        let mut state = hold(&self.state);
        state.arrived(group);
        std::iter::from_fn(|| state.queue.pop_of(group)).collect()
    }

    /// The slot's entry has ended, and comes back: its drop may be the user's code.
    pub(crate) fn next(
        &self,
        slot: Slot,
        group: J::Group,
        site: J::Site,
        sample: Sample,
    ) -> (Option<J>, Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        let ended = state.end(&slot, site, sample);
        let first = state.queue.front().map(|(first, _)| *first);
        // It is another group's turn, unless that had its chance, or has one elsewhere.
        let is_its_turn = first.is_none_or(|first| first == group || state.starting.contains(&first));
        let next = if is_its_turn || state.taken() < self.threads {
            self.take(&mut state, slot, group)
        } else {
            state.free(slot)
        };
        let starts = if let Next::Free { .. } = next { self.start_more(&mut state) } else { Vec::new() };
        (ended, next, starts)
    }

    /// As [`Self::next`], but the thread does something else first: it keeps the slot, to [`Self::resume`] with.
    pub(crate) fn pause(&self, slot: &Slot, site: J::Site, sample: Sample) -> Option<J> {
        hold(&self.state).end(slot, site, sample)
    }

    pub(crate) fn resume(&self, slot: Slot, group: J::Group) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        (self.take(&mut state, slot, group), self.start_more(&mut state))
    }

    /// Gives back a slot without an entry.
    pub(crate) fn leave(&self, slot: Slot) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        (state.free(slot), self.start_more(&mut state))
    }

    /// Waits a moment for another entry, and frees the slot if none comes.
    pub(crate) fn linger(&self, slot: Slot, group: J::Group, patience: Patience) -> (Next<J>, Starts<J>) {
        for look in 0..patience.spins + patience.yields {
            if self.called.0.load(Ordering::Relaxed) {
                break;
            }
            if look < patience.spins { spin_loop() } else { yield_now() }
        }
        let mut state = hold(&self.state);
        state.lingering = None;
        (state.run_or_free(self.threads, slot, group), self.start_more(&mut state))
    }

    fn take(&self, state: &mut State<J>, slot: Slot, group: J::Group) -> Next<J> {
        if state.lingering.is_none() && state.queue.len() == 0 && !state.closed {
            state.lingering = Some(group);
            self.called.0.store(false, Ordering::Relaxed);
            return Next::Linger(slot);
        }
        state.run_or_free(self.threads, slot, group)
    }

    /// Keeps the invariant where a slot has become vacant, or a thread starts or lingers no more.
    #[inline]
    fn start_more(&self, state: &mut State<J>) -> Starts<J> {
        if state.queue.len() == 0 || state.taken() >= self.threads {
            return Vec::new();
        }
        let needing = state.queue.lanes().filter(|(group, waiting, _)| state.needs_thread(*group, *waiting));
        let (groups, starts): (Vec<_>, _) = needing.map(|(group, _, first)| (group, first.clone())).unzip();
        state.starting.extend(groups);
        starts
    }

    /// Takes an entry out of the queue, if it is still there. True if nothing runs, waits, or will come any more.
    pub(crate) fn withdraw(&self, key: Key, site: J::Site, sample: Sample) -> bool {
        let mut state = hold(&self.state);
        state.counters.add(0, site, sample);
        let found = state.queue.remove(key);
        let over = state.is_over();
        drop(state);
        found.is_some() && over
    }

    /// Counts what became of an entry, where that is all to be done.
    pub(crate) fn count(&self, site: J::Site, sample: Sample) {
        hold(&self.state).counters.add(0, site, sample);
    }

    /// Whether fewer run than may, so that who waits should get a thread.
    pub(crate) fn has_room(&self) -> bool {
        hold(&self.state).running() < self.threads
    }

    /// Nothing is accepted any more.
    pub(crate) fn close(&self) {
        hold(&self.state).closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        hold(&self.state).closed
    }

    /// Whether nothing runs, waits, or will come any more.
    pub(crate) fn is_over(&self) -> bool {
        hold(&self.state).is_over()
    }

    /// Empties the queue.
    pub(crate) fn take_queue(&self) -> Vec<J> {
        let mut state = hold(&self.state);
        std::iter::from_fn(|| state.queue.pop_front()).collect()
    }

    pub(crate) fn snapshot(&self) -> Snapshot<J> {
        hold(&self.state).snapshot()
    }

    /// And what has been, at the same moment.
    pub(crate) fn statistics(&self) -> (Snapshot<J>, Totals<J::Site>) {
        let state = hold(&self.state);
        let (snapshot, counters) = (state.snapshot(), state.counters.copy());
        drop(state);
        (snapshot, counters.totals())
    }
}
