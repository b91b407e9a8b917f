//! What engines hand over, and the one place that says which engines this build has.
//! Engines observe; only `report` acts.

pub(crate) mod call;
pub(crate) mod executor;
pub(crate) mod owners;
#[cfg(feature = "tokio")]
pub(crate) mod pool;
pub(crate) mod verdict;

// `hooks_target` (build.rs): feature `intercept`, Linux, dynamic glibc or musl, no NO_BLOCK_BUILD=off.
// The condition for hooks stands here and nowhere else; where it is false, `without_hooks` takes their place.
#[cfg(all(hooks_target, any(debug_assertions, feature = "always"), not(any(miri, fuzzing))))]
pub(crate) mod frames;
#[cfg(all(hooks_target, any(debug_assertions, feature = "always"), not(any(miri, fuzzing))))]
pub(crate) mod intercept;
#[cfg(all(hooks_target, any(debug_assertions, feature = "always"), not(any(miri, fuzzing))))]
pub(crate) mod kernel;
#[cfg(not(all(hooks_target, any(debug_assertions, feature = "always"), not(any(miri, fuzzing)))))]
mod without_hooks;
#[cfg(not(all(hooks_target, any(debug_assertions, feature = "always"), not(any(miri, fuzzing)))))]
pub(crate) use without_hooks::{frames, intercept, kernel};

use crate::site::{Api, Kind, Site};
use intercept::Ticket;
use std::panic::Location;
use std::time::Instant;

/// Whether this build guards at all. Where it does not, every entry point is a no-op without state. wasm has neither
/// threads to stall nor, on some targets, a clock.
pub(crate) const ON: bool = cfg!(all(
    any(debug_assertions, feature = "always"),
    not(no_block_build_off),
    not(target_family = "wasm")
));

/// Whether this build has hooks.
pub(crate) const HOOKS: bool = intercept::BUILT;

/// The frames a record keeps; of a deeper stack the middle is left out. Unoptimised handlers are 60 to 110 frames deep.
pub(crate) const MAX_FRAMES: usize = 128;

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
    #[allow(dead_code)] // Only with the feature `tokio`.
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
#[allow(dead_code)] // Only hooks use it, and not every build has them.
pub(crate) struct RawStack {
    pub(crate) ips: [usize; MAX_FRAMES],
    pub(crate) len: usize,
    /// A hash of `ips[..len]`; equal stacks have equal hashes. 0 when there is no stack.
    pub(crate) hash: u64,
}

impl RawStack {
    /// No stack.
    pub(crate) const EMPTY: RawStack = RawStack { ips: [0; MAX_FRAMES], len: 0, hash: 0 };
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

/// Where a guard was put on.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// By an attribute, whose expansion knows the package too.
    Site(&'static Site),
    /// By a call of `guard(..)` or `.no_block()`.
    Call(&'static Location<'static>),
    /// Nowhere: the worker that polls the task is armed.
    Runtime,
}

impl Place {
    /// Source file, line and column, as rustc was given them; empty without a guard.
    pub(crate) fn at(self) -> (&'static str, u32, u32) {
        match self {
            Place::Site(site) => (site.file, site.line, site.column),
            Place::Call(at) => (at.file(), at.line(), at.column()),
            Place::Runtime => ("", 0, 0),
        }
    }

    /// What the expansion of the attribute said, if it was one.
    pub(crate) fn site(self) -> Option<&'static Site> {
        match self {
            Place::Site(site) => Some(site),
            Place::Call(_) | Place::Runtime => None,
        }
    }
}

/// The innermost guarded future being polled.
#[derive(Clone, Copy)]
pub(crate) struct Guarding {
    pub(crate) place: Place,
    /// The future's type name, read only when something is reported.
    pub(crate) type_name: fn() -> &'static str,
}

impl Guarding {
    /// No guard: a task of an armed runtime.
    #[allow(dead_code)] // Only hooks use it, and not every build has them.
    pub(crate) const RUNTIME: Guarding = Guarding { place: Place::Runtime, type_name: || "" };

    /// Whether there is a guard, whose poll is the end of what is looked at.
    pub(crate) fn is_runtime(self) -> bool {
        matches!(self.place, Place::Runtime)
    }

    /// The path of the guarded function: the future's type name without `{{closure}}` segments.
    pub(crate) fn function(self) -> String {
        (self.type_name)().replace("::{{closure}}", "")
    }
}

/// The name of a thread, as the kernel keeps it: NUL-terminated if shorter, empty if it was not asked.
pub(crate) type ThreadName = [u8; 16];

/// A record that no poll of ours hands over.
#[derive(Clone, Copy)]
#[allow(dead_code)] // Only hooks make one, and not every build has them.
pub(crate) struct Note {
    pub(crate) record: Record,
    pub(crate) since: Instant,
    /// The runtime whose worker it was; none for a guarded poll.
    pub(crate) runtime: Option<u64>,
    /// Whether the call had not returned.
    pub(crate) in_flight: bool,
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
    /// The thread that held the lock which was waited for, by the kernel's number; 0 where that is not known.
    pub(crate) holder: i32,
    /// What was noted of it before it was made, to be returned when it has been handed over.
    pub(crate) ticket: Option<Ticket>,
}

impl<S> Record<S> {
    /// The same with its stack in another form.
    pub(crate) fn with_stack<T>(&self, stack: T) -> Record<T> {
        let Record { engine, kind, symbol, call, guarding, elapsed_ns, times, slept, .. } = *self;
        let Record { longest_ns, worker, task, thread, holder, ticket, .. } = *self;
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
        self.times = self.times.saturating_add(new.times);
        self.slept = match (self.slept, new.slept) {
            (Some(a), Some(b)) => Some(a || b),
            (a, b) => a.or(b),
        };
    }
}
