//! Who may run and who waits: the slots, the queue and the books, under one latch.

use super::books::{Account, Books, Totals};
use super::queue::{Key, Queue};
use super::sync::{AtomicBool, Latch, hold, spin_loop, yield_now};
use std::hash::Hash;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Lets `threads` entries run at a time and `room` more wait.
///
/// Entries are always taken from the front of the queue, by threads that have a slot. A thread is started for one
/// entry at a time, and starts the next thread itself if it finds more: whoever hands in a thousand closures pays for
/// one wake-up, and a thread that is awake takes several. The invariant behind it: **while an entry waits and a slot
/// is vacant, a thread is starting or lingering**, and each of those looks at the queue, under the latch, before it
/// does anything else.
#[repr(align(128))] // On cache lines of its own.
pub(super) struct Admission<J: Entry> {
    threads: usize,
    room: usize,
    state: Latch<State<J>>,
    /// Whether one was handed in since a thread began to linger, for that thread to see without the latch.
    called: Padded<AtomicBool>,
}

/// On a cache line of its own: who looks at it again and again does not disturb who holds the latch.
#[repr(align(128))]
struct Padded<T>(T);

/// What is admitted.
pub(super) trait Entry: Clone {
    /// Whose threads it runs on: a thread that starts for one group may never come for another.
    type Group: Copy + PartialEq;
    /// Whom its times are attributed to.
    type Site: Copy + Eq + Hash;
    /// What a thread has of the entry that it runs. It is over with [`Admission::next`].
    type Lent;

    fn group(&self) -> Self::Group;

    fn lend(&self) -> Self::Lent;

    /// When it was handed in.
    fn since(&self) -> Instant;
}

/// The right to run one entry after the other. No two threads at work have the same. Lost for ever if it is not given
/// back.
#[derive(Debug)]
#[must_use]
pub(super) struct Slot(usize);

/// A thread is to be started.
pub(super) struct Start<J> {
    pub(super) slot: Slot,
    /// An entry of its group.
    pub(super) job: J,
}

/// How often a thread looks for another entry before it goes to sleep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// By spinning.
    pub(super) spins: u32,
    /// And then by letting other threads go first.
    pub(super) yields: u32,
}

impl Patience {
    pub(super) const NONE: Patience = Patience { spins: 0, yields: 0 };
    /// About a microsecond, a fraction of what waking the thread again takes.
    pub(super) const SHORT: Patience = Patience { spins: 40, yields: 0 };
    /// Some microseconds, as channels do it: for the thread that all wait for.
    pub(super) const LONG: Patience = Patience { spins: 120, yields: 6 };
}

/// What came of handing an entry in.
pub(super) enum Submitted<J> {
    /// It waits, for a thread or (`full`) for another entry to end; `behind`: since when the first one waits.
    Queued { key: Key, behind: Option<Instant>, full: bool, start: Option<Start<J>> },
    /// Neither now nor later.
    Refused(J, Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Full,
    Closed,
}

/// What a thread does next.
pub(super) enum Next<J: Entry> {
    Run(Slot, J::Lent),
    /// Nothing waits: [`Admission::linger`] for a moment.
    Linger(Slot),
    /// `over`: nothing runs, waits, or will come any more.
    Free {
        over: bool,
    },
}

/// Who is here at one moment.
pub(super) struct Present<J> {
    /// Who has a slot.
    pub(super) slots: Vec<J>,
    pub(super) queued: usize,
    /// The one that has waited longest.
    pub(super) first: Option<J>,
    pub(super) submitted: u64,
    pub(super) rejected: u64,
}

struct State<J: Entry> {
    queue: Queue<J>,
    slots: Vec<Option<J>>,
    vacant: Vec<usize>,
    /// The groups of the threads that were started and have not come yet: each has a slot.
    starting: Vec<J::Group>,
    /// How many slots have a thread that looks for an entry: never more than one.
    lingering: usize,
    closed: bool,
    submitted: u64,
    rejected: u64,
    books: Books<J::Site>,
}

impl<J: Entry> Admission<J> {
    pub(super) fn new(threads: usize, room: usize) -> Admission<J> {
        Admission {
            threads,
            room,
            state: Latch::new(State {
                queue: Queue::new(),
                slots: Vec::new(),
                vacant: Vec::new(),
                starting: Vec::new(),
                lingering: 0,
                closed: false,
                submitted: 0,
                rejected: 0,
                books: Books::new(threads),
            }),
            called: Padded(AtomicBool::new(false)),
        }
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// Hands an entry in. `patient`: it waits even where the queue is full; `curious`: `behind` is wanted.
    #[inline(always)] // It has one caller, and gives more than goes into registers.
    pub(super) fn submit(&self, job: J, patient: bool, curious: bool) -> Submitted<J> {
        let mut state = hold(&self.state);
        state.submitted += 1;
        let ahead = state.running() + state.queue.len();
        let full = ahead >= self.threads;
        let refusal = if state.closed {
            Refusal::Closed
        } else if full && !patient && ahead - self.threads >= self.room {
            Refusal::Full
        } else {
            let covered = full || state.is_covered(job.group()) || state.taken() >= self.threads;
            let start = (!covered).then(|| state.start(job.clone()));
            let behind = state.queue.front().filter(|_| full && curious).map(Entry::since);
            let key = state.queue.push_back(job);
            if state.lingering > 0 {
                self.called.0.store(true, Ordering::Relaxed);
            }
            return Submitted::Queued { key, behind, full, start };
        };
        state.rejected += 1;
        drop(state);
        Submitted::Refused(job, refusal)
    }

    /// A thread has come that was started for that group. `Some`: it has to start another one first.
    pub(super) fn begin(&self, slot: Slot, group: J::Group) -> (Next<J>, Option<Start<J>>) {
        let mut state = hold(&self.state);
        if let Some(at) = state.starting.iter().position(|starting| *starting == group) {
            state.starting.swap_remove(at);
        }
        (self.take(&mut state, slot), self.start_another(&mut state))
    }

    /// The slot's entry has ended, and comes back: its drop may be the user's code.
    pub(super) fn next(&self, slot: Slot, site: J::Site, account: Account) -> (Option<J>, Next<J>) {
        let mut state = hold(&self.state);
        state.books.enter(slot.0, site, account);
        let ended = state.slots[slot.0].take();
        let next = self.take(&mut state, slot);
        (ended, next)
    }

    /// As [`Self::next`], but the thread does something else first: it keeps the slot, to [`Self::resume`] with.
    pub(super) fn pause(&self, slot: &Slot, site: J::Site, account: Account) -> Option<J> {
        let mut state = hold(&self.state);
        state.books.enter(slot.0, site, account);
        state.slots[slot.0].take()
    }

    /// The second part as for [`Self::begin`].
    pub(super) fn resume(&self, slot: Slot) -> (Next<J>, Option<Start<J>>) {
        let mut state = hold(&self.state);
        (self.take(&mut state, slot), self.start_another(&mut state))
    }

    /// Waits a moment for another entry, and frees the slot if none comes. The second part as for [`Self::begin`].
    pub(super) fn linger(&self, slot: Slot, patience: Patience) -> (Next<J>, Option<Start<J>>) {
        for look in 0..patience.spins + patience.yields {
            if self.called.0.load(Ordering::Relaxed) {
                break;
            }
            if look < patience.spins { spin_loop() } else { yield_now() }
        }
        let mut state = hold(&self.state);
        state.lingering = 0;
        if state.queue.len() == 0 {
            return (state.free(slot), None);
        }
        (self.take(&mut state, slot), self.start_another(&mut state))
    }

    fn take(&self, state: &mut State<J>, slot: Slot) -> Next<J> {
        match state.queue.pop_front() {
            Some(job) => {
                let lent = job.lend();
                state.slots[slot.0] = Some(job);
                Next::Run(slot, lent)
            }
            None if state.lingering == 0 && !state.closed => {
                state.lingering = 1;
                self.called.0.store(false, Ordering::Relaxed);
                Next::Linger(slot)
            }
            None => state.free(slot),
        }
    }

    /// Keeps the invariant where a thread starts or lingers no more.
    fn start_another(&self, state: &mut State<J>) -> Option<Start<J>> {
        if state.taken() >= self.threads {
            return None;
        }
        let job = state.queue.front()?.clone();
        Some(state.start(job))
    }

    /// Takes an entry out of the queue, if it is still there. True if nothing runs, waits, or will come any more.
    pub(super) fn withdraw(&self, key: Key, site: J::Site, account: Account) -> bool {
        let mut state = hold(&self.state);
        state.books.enter(0, site, account);
        let found = state.queue.remove(key);
        let over = state.is_over();
        drop(state);
        found.is_some() && over
    }

    /// Enters into the books what became of an entry, where that is all to be done.
    pub(super) fn enter(&self, site: J::Site, account: Account) {
        hold(&self.state).books.enter(0, site, account);
    }

    /// Whether fewer run than may, so that who waits should get a thread.
    pub(super) fn has_room(&self) -> bool {
        hold(&self.state).running() < self.threads
    }

    /// Nothing is accepted any more.
    pub(super) fn close(&self) {
        hold(&self.state).closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        hold(&self.state).closed
    }

    /// Whether nothing runs, waits, or will come any more.
    pub(super) fn is_over(&self) -> bool {
        hold(&self.state).is_over()
    }

    /// Empties the queue.
    pub(super) fn take_queue(&self) -> Vec<J> {
        let mut state = hold(&self.state);
        std::iter::from_fn(|| state.queue.pop_front()).collect()
    }

    pub(super) fn present(&self) -> Present<J> {
        hold(&self.state).present()
    }

    /// And what has been, at the same moment.
    pub(super) fn account(&self) -> (Present<J>, Totals<J::Site>) {
        let state = hold(&self.state);
        let (present, books) = (state.present(), state.books.copy());
        drop(state);
        (present, books.totals())
    }
}

impl<J: Entry> State<J> {
    /// How many slots are in use.
    fn taken(&self) -> usize {
        self.slots.len() - self.vacant.len()
    }

    /// How many slots have an entry.
    fn running(&self) -> usize {
        self.taken() - self.starting.len() - self.lingering
    }

    /// Whether a thread comes that will look at the queue, for one more entry of that group.
    fn is_covered(&self, group: J::Group) -> bool {
        self.queue.len() < self.lingering || self.starting.contains(&group)
    }

    fn present(&self) -> Present<J> {
        Present {
            slots: self.slots.iter().flatten().cloned().collect(),
            queued: self.queue.len(),
            first: self.queue.front().cloned(),
            submitted: self.submitted,
            rejected: self.rejected,
        }
    }

    fn is_over(&self) -> bool {
        self.closed && self.running() == 0 && self.queue.len() == 0
    }

    fn start(&mut self, job: J) -> Start<J> {
        self.starting.push(job.group());
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        Start { slot: Slot(slot), job }
    }

    fn free(&mut self, slot: Slot) -> Next<J> {
        self.vacant.push(slot.0);
        Next::Free { over: self.is_over() }
    }
}
