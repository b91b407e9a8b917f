//! What engines hand over: one blocking call, as it was seen. Of fixed size and without heap, so that a hook can write it.

use super::kind::Kind;
use super::site::Guarding;
use std::panic::Location;
use std::time::Instant;

/// The frames a record keeps; of a deeper stack the middle is left out. Unoptimised handlers are 60 to 110 frames deep.
pub(crate) const MAX_FRAMES: usize = 128;

/// A row of the catalogue, as the run time needs it.
#[derive(Debug, PartialEq, Eq)]
pub struct Api {
    /// The path as a user knows it: `std::fs::read_to_string`.
    pub path: &'static str,
    /// How it blocks.
    pub kind: Kind,
    /// What to write instead.
    pub remedy: &'static str,
}

impl Api {
    /// Whether it writes to a standard stream, which is exempt as long as it is quick, rather than waits for input.
    pub(crate) fn writes_to_std(&self) -> bool {
        const READS: &[&str] =
            &["std::io::Read::", "std::io::BufRead::", "std::io::read_to_string", "std::io::Stdin"];
        self.kind == Kind::Stdio
            && self.path.starts_with("std::")
            && !READS.iter().any(|reads| self.path.starts_with(reads))
    }
}

/// Which net saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Engine {
    /// The typed call site in an annotated body.
    Call,
    /// A libc function called below an armed poll.
    Intercept,
    /// The kernel's own account: a sleep in an armed poll that no hook saw.
    Kernel,
    /// A pool of ours, about itself.
    Pool,
}

/// What a violation that only the kernel's account shows is called.
pub(crate) const UNSEEN_SLEEP: &str = "a sleep that no hook saw";
/// The same where pages were read from a disk meanwhile.
pub(crate) const PAGE_READS: &str = "page faults";

/// How many engines watch polls, and can be tried out: all but the pools.
pub(crate) const ENGINES: usize = 3;

impl Engine {
    /// The name used in reports and in `status()`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Engine::Call => "call",
            Engine::Intercept => "intercept",
            Engine::Kernel => "kernel",
            Engine::Pool => "pool",
        }
    }
}

/// The raw instruction pointers of a stack, innermost first.
#[derive(Clone, Copy)]
pub(crate) struct RawStack {
    pub(crate) ips: [usize; MAX_FRAMES],
    pub(crate) len: usize,
    /// A hash of `ips[..len]`; equal stacks have equal hashes. 0 when there is no stack.
    pub(crate) hash: u64,
    /// Whether a signal's handler is among the callers: what it has interrupted may hold any lock.
    pub(crate) in_handler: bool,
}

impl RawStack {
    /// No stack.
    pub(crate) const EMPTY: RawStack = RawStack { ips: [0; MAX_FRAMES], len: 0, hash: 0, in_handler: false };
}

/// A typed call in progress: which API, written where.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) api: &'static Api,
    pub(crate) at: &'static Location<'static>,
    pub(crate) role: Role,
}

/// What an open call says about what hooks see below it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A typed call whose arguments call nothing: what is seen is the call.
    Typed,
    /// A typed call with calls in its arguments: what is seen may be theirs, so it gives its name to nothing.
    Around,
    /// A fn that says of itself that it blocks, by `#[blocking]`: what is seen is the call.
    Marked,
}

/// The name of a thread: NUL-terminated if shorter, empty if it was not asked. Names of tests are long: they are paths.
pub(crate) type ThreadName = [u8; 128];

/// Of a thread that was not asked.
pub(crate) const NO_NAME: ThreadName = [0; 128];

/// A place in the table of notes, while a call that was noted there is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) place: u16,
    /// What the place then held: whoever finds something else there comes too late.
    pub(crate) state: u64,
}

/// A record that no poll of ours hands over.
#[derive(Clone, Copy)]
pub(crate) struct Note {
    pub(crate) record: Record,
    /// The runtime whose worker it was; none for a guarded poll.
    pub(crate) runtime: Option<u64>,
}

/// One blocking call, as an engine saw it. Of fixed size and without heap, so that a hook can write it.
#[derive(Clone, Copy)]
pub(crate) struct Record<S = RawStack> {
    pub(crate) engine: Engine,
    pub(crate) kind: Kind,
    /// The libc symbol, or the API's path for the call guard.
    pub(crate) symbol: &'static str,
    pub(crate) call: Option<Call>,
    pub(crate) guarding: Guarding,
    pub(crate) stack: S,
    /// How long all occurrences of this stack in this poll took together, in nanoseconds.
    pub(crate) elapsed_ns: u64,
    /// The longest of several polls' calls, where these have been added up; else 0.
    pub(crate) longest_ns: u64,
    /// How often this stack was seen in this poll.
    pub(crate) times: u32,
    /// Whether the kernel took the thread off the CPU meanwhile, where that is known.
    pub(crate) slept: Option<bool>,
    /// `tokio::runtime::worker_index()` at the call.
    pub(crate) worker: Option<usize>,
    /// The task that `tokio::task::try_id()` named at the call.
    pub(crate) task: Option<u64>,
    /// The thread that made the call.
    pub(crate) thread: ThreadName,
    /// When the call was made, where that is not just now.
    pub(crate) since: Option<Instant>,
    /// Whether the call has not returned.
    pub(crate) in_flight: bool,
    /// Whether it is exempt as long as it is quick, and was not: a clock said so.
    pub(crate) by_clock: bool,
    /// The thread that held the lock which was waited for, by the kernel's number; 0 where that is not known.
    pub(crate) holder: i32,
    /// What was noted of it before it was made, to be returned when it has been handed over.
    pub(crate) ticket: Option<Ticket>,
}

impl Record {
    /// One call, of which no more is known yet.
    pub(crate) const fn new(engine: Engine, kind: Kind, symbol: &'static str, guarding: Guarding) -> Record {
        Record {
            engine,
            kind,
            symbol,
            call: None,
            guarding,
            stack: RawStack::EMPTY,
            elapsed_ns: 0,
            longest_ns: 0,
            times: 1,
            slept: None,
            worker: None,
            task: None,
            thread: NO_NAME,
            since: None,
            in_flight: false,
            by_clock: false,
            holder: 0,
            ticket: None,
        }
    }
}

impl<S> Record<S> {
    /// The kind by what was called: that of the typed call, unless the hook saw that it is only being set up, as the
    /// time-zone database is. What a fn says of itself is not refined.
    pub(crate) fn seen_kind(&self) -> Kind {
        match self.call {
            Some(call) if self.kind != Kind::Init || call.role == Role::Marked => call.api.kind,
            _ => self.kind,
        }
    }

    /// The same with its stack in another form.
    pub(crate) fn with_stack<T>(&self, stack: T) -> Record<T> {
        let Record { engine, kind, symbol, call, guarding, elapsed_ns, times, slept, .. } = *self;
        let Record { longest_ns, worker, task, thread, since, in_flight, by_clock, holder, ticket, .. } =
            *self;
        Record {
            engine,
            kind,
            symbol,
            call,
            guarding,
            stack,
            elapsed_ns,
            longest_ns,
            times,
            slept,
            worker,
            task,
            thread,
            since,
            in_flight,
            by_clock,
            holder,
            ticket,
        }
    }

    /// Adds an occurrence of the same event.
    pub(crate) fn merge<T>(&mut self, new: &Record<T>) {
        self.elapsed_ns = match self.engine == new.engine {
            true => self.elapsed_ns.saturating_add(new.elapsed_ns),
            // The call site's clock has run over what the hooks below it measured.
            false => self.elapsed_ns.max(new.elapsed_ns),
        };
        self.by_clock &= new.by_clock;
        self.times = self.times.saturating_add(new.times);
        self.slept = match (self.slept, new.slept) {
            (Some(a), Some(b)) => Some(a || b),
            (a, b) => a.or(b),
        };
    }
}
