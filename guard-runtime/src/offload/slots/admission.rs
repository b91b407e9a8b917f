//! Who may run and who waits: the slots, the queue and the books, under one latch.

use super::books::{Account, Books, Totals};
use super::queue::{Key, Queue};
use super::sync::{AtomicBool, Latch, hold, spin_loop, yield_now};
use std::hash::Hash;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Lets `threads` entries run at a time and `room` more wait.
///
/// Entries are always taken from the queue, by threads that have a slot: a thread asks for one when it has come, so that
/// one that never comes is in nobody's way. A thread is started for one entry at a time, and starts the next thread itself
/// if it finds more: whoever hands in a thousand closures pays for one wake-up, and a thread that is awake takes several.
/// The invariant behind it: **while an entry waits and a slot is vacant, a thread of its group is starting or lingering**,
/// and each of those looks at the queue, under the latch, before it does anything else.
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
    /// Whose threads it runs on, and none else. Those of one group may come late, or never.
    type Group: Copy + PartialEq;
    /// Whom its times are attributed to.
    type Site: Copy + Eq + Hash;
    /// What a thread has of the entry that it runs. It is over with [`Admission::next`].
    type Lent;
    /// The slot of an entry that waits for another one, which runs in its place.
    type Loan: Loan;

    fn lend(&self) -> Self::Lent;

    /// When it was handed in.
    fn since(&self) -> Instant;
}

/// A slot that is lent while this exists.
pub(super) trait Loan {
    /// Whether the lender still waits. One that does not runs beside the one that it has lent its slot.
    fn is_on(&self) -> bool;
}

/// The right to run one entry after the other. No two threads at work have the same. Lost for ever if it is not given
/// back.
#[derive(Debug)]
#[must_use]
pub(super) struct Slot(usize);

/// A thread is to be started for the group of each of these.
pub(super) type Starts<J> = Vec<J>;

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
    /// It waits, for a thread or (`full`) for another entry to end; `behind`: since when the first one waits; `start`: a
    /// thread is to be started for its group.
    Queued { key: Key, behind: Option<Instant>, full: bool, start: bool },
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

/// Of the entries that a slot has had, the one that ran longest while those waited that come now. Times in nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Before<S> {
    pub(super) site: S,
    ran: u64,
    /// How long others have run since.
    ago: u64,
}

impl<S> Before<S> {
    /// For how long it ran of that time, which ends now.
    pub(super) fn within(&self, time: Duration) -> Duration {
        time.saturating_sub(Duration::from_nanos(self.ago)).min(Duration::from_nanos(self.ran))
    }
}

/// Who is here at one moment.
pub(super) struct Present<J: Entry> {
    /// Who has a slot.
    pub(super) slots: Vec<J>,
    /// For each of those.
    pub(super) before: Vec<Option<Before<J::Site>>>,
    /// How many of those wait, and have lent it.
    pub(super) lent: usize,
    pub(super) queued: usize,
    /// The one that has waited longest.
    pub(super) first: Option<J>,
    pub(super) submitted: u64,
    pub(super) rejected: u64,
}

struct State<J: Entry> {
    /// A lane for each group.
    queue: Queue<J::Group, J>,
    slots: Vec<Option<J>>,
    /// What each slot had before, since it was vacant.
    before: Vec<Option<Before<J::Site>>>,
    vacant: Vec<usize>,
    /// The slots that exist beside those of lenders.
    on_loan: Vec<(usize, J::Loan)>,
    /// The groups of the threads that were started and have not come yet.
    starting: Vec<J::Group>,
    /// The group of the thread that has a slot and looks for an entry: never more than one.
    lingering: Option<J::Group>,
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
                before: Vec::new(),
                vacant: Vec::new(),
                on_loan: Vec::new(),
                starting: Vec::new(),
                lingering: None,
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
    pub(super) fn submit(&self, job: J, group: J::Group, patient: bool, curious: bool) -> Submitted<J> {
        let mut state = hold(&self.state);
        state.submitted += 1;
        let ahead = state.running() + state.queue.len();
        let full = ahead >= self.threads;
        let refusal = if state.closed {
            Refusal::Closed
        } else if full && !patient && ahead - self.threads >= self.room {
            Refusal::Full
        } else {
            let behind = state.queue.front().filter(|_| full && curious).map(|(_, first)| first.since());
            let has_room = state.taken() < self.threads;
            let start = has_room && state.needs_thread(group, state.queue.len_of(group) + 1);
            if start {
                state.starting.push(group);
            }
            let key = state.queue.push_back(group, job);
            if state.lingering.is_some() {
                self.called.0.store(true, Ordering::Relaxed);
            }
            return Submitted::Queued { key, behind, full, start };
        };
        state.rejected += 1;
        drop(state);
        Submitted::Refused(job, refusal)
    }

    /// A thread has come that was started for that group.
    pub(super) fn begin(&self, group: J::Group) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        state.has_come(group);
        if state.taken() >= self.threads {
            // Who has the last slot starts another thread in the end.
            return (Next::Free { over: state.is_over() }, Vec::new());
        }
        let slot = state.new_slot();
        (state.run_or_free(self.threads, slot, group), self.start_more(&mut state))
    }

    /// Has an entry run that waits in the queue, on a thread of its own: on the slot that is lent, or else on a vacant
    /// one. None if there is no such entry, or no slot.
    pub(super) fn relieve(&self, key: Key, loan: Option<J::Loan>) -> Option<(Slot, J::Lent)> {
        let mut state = hold(&self.state);
        // Asked here: who waits no more gives its slot to others, under this latch.
        if !loan.as_ref().map_or_else(|| state.taken() < self.threads, Loan::is_on) {
            return None;
        }
        let job = state.queue.remove(key)?;
        let slot = state.new_slot();
        state.on_loan.extend(loan.map(|loan| (slot.0, loan)));
        let lent = job.lend();
        state.slots[slot.0] = Some(job);
        Some((slot, lent))
    }

    /// A thread that was started for that group never comes, nor will another one: whoever waits for it.
    pub(super) fn forsake(&self, group: J::Group) -> Vec<J> {
        let mut state = hold(&self.state);
        state.has_come(group);
        std::iter::from_fn(|| state.queue.pop_of(group)).collect()
    }

    /// The slot's entry has ended, and comes back: its drop may be the user's code.
    pub(super) fn next(
        &self,
        slot: Slot,
        group: J::Group,
        site: J::Site,
        account: Account,
    ) -> (Option<J>, Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        let ended = state.end(&slot, site, account);
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
    pub(super) fn pause(&self, slot: &Slot, site: J::Site, account: Account) -> Option<J> {
        hold(&self.state).end(slot, site, account)
    }

    pub(super) fn resume(&self, slot: Slot, group: J::Group) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        (self.take(&mut state, slot, group), self.start_more(&mut state))
    }

    /// Gives back a slot without an entry.
    pub(super) fn leave(&self, slot: Slot) -> (Next<J>, Starts<J>) {
        let mut state = hold(&self.state);
        (state.free(slot), self.start_more(&mut state))
    }

    /// Waits a moment for another entry, and frees the slot if none comes.
    pub(super) fn linger(&self, slot: Slot, group: J::Group, patience: Patience) -> (Next<J>, Starts<J>) {
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
    /// How many slots are in use, of those that there may be: a slot and what it is lent to count once.
    fn taken(&self) -> usize {
        self.slots.len() - self.vacant.len() - self.lent()
    }

    /// How many slots are lent.
    fn lent(&self) -> usize {
        self.on_loan.iter().filter(|(_, loan)| loan.is_on()).count()
    }

    /// How many of those have an entry.
    fn running(&self) -> usize {
        self.taken() - usize::from(self.lingering.is_some())
    }

    fn new_slot(&mut self) -> Slot {
        Slot(self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.before.push(None);
            self.slots.len() - 1
        }))
    }

    /// Whether no thread comes that will look at the queue, for one more entry of the group: that many wait.
    fn needs_thread(&self, group: J::Group, waiting: usize) -> bool {
        let looks = self.lingering == Some(group) && waiting == 1;
        !looks && !self.starting.contains(&group)
    }

    fn has_come(&mut self, group: J::Group) {
        if let Some(at) = self.starting.iter().position(|starting| *starting == group) {
            self.starting.swap_remove(at);
        }
    }

    fn run_or_free(&mut self, threads: usize, slot: Slot, group: J::Group) -> Next<J> {
        // One that has lent its slot waits no more, and the other one has it still.
        if self.taken() > threads {
            return self.free(slot);
        }
        let Some(job) = self.queue.pop_of(group) else { return self.free(slot) };
        let lent = job.lend();
        self.slots[slot.0] = Some(job);
        Next::Run(slot, lent)
    }

    fn end(&mut self, slot: &Slot, site: J::Site, account: Account) -> Option<J> {
        self.books.enter(slot.0, site, account);
        match (account.times, &mut self.before[slot.0]) {
            // It was handed in before that one's end: so may be what waits.
            (Some((waited, ran)), Some(before)) if waited > before.ago && ran < before.ran => {
                before.ago = before.ago.saturating_add(ran);
            }
            (Some((_, ran)), before) => *before = Some(Before { site, ran, ago: 0 }),
            (None, _) => {}
        }
        self.slots[slot.0].take()
    }

    fn free(&mut self, slot: Slot) -> Next<J> {
        self.before[slot.0] = None;
        self.on_loan.retain(|(lent, _)| *lent != slot.0);
        self.vacant.push(slot.0);
        Next::Free { over: self.is_over() }
    }

    fn present(&self) -> Present<J> {
        let taken = self.slots.iter().zip(&self.before);
        let (slots, before) = taken.filter_map(|(job, before)| Some((job.clone()?, *before))).unzip();
        Present {
            slots,
            before,
            lent: self.lent(),
            queued: self.queue.len(),
            first: self.queue.front().map(|(_, job)| job.clone()),
            submitted: self.submitted,
            rejected: self.rejected,
        }
    }

    fn is_over(&self) -> bool {
        self.closed && self.running() == 0 && self.queue.len() == 0
    }
}
