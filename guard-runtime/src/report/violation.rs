//! A violation as users see it: in handlers and in tests.

use super::facts::{self, Facts};
use super::fingerprint;
use super::text;
use crate::config::Action;
use crate::model::{Here, Kind, Record};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A blocking call below an armed poll. Given to [`set_handler`](crate::set_handler)'s handler and to
/// [`testing::capture`](crate::testing::capture)'s caller.
///
/// `Display` shows the report as it is logged. Cloning is cheap.
#[derive(Clone)]
pub struct Violation {
    pub(super) facts: Arc<Facts>,
    /// What takes the place of "blocking call on an executor thread".
    pub(super) headline: Option<Arc<str>>,
    pub(super) action: Action,
    pub(super) elapsed: Duration,
    /// The longest of several polls' calls, where these have been added up.
    longest: Option<Duration>,
    pub(super) times: u32,
    pub(super) slept: Option<bool>,
    pub(super) holder: Option<Arc<str>>,
    pub(super) here: Here,
    pub(super) worker: Option<usize>,
    pub(super) task: Option<u64>,
    pub(super) thread: Option<Arc<str>>,
    /// When it was noted, if that was before it is told.
    #[cfg_attr(not(feature = "json"), allow(dead_code))]
    pub(super) at: Option<SystemTime>,
    pub(super) in_flight: bool,
}

impl Violation {
    /// With one occurrence, of which `gather` adds what is not in the record.
    pub(super) fn new(facts: Arc<Facts>, record: &Record, here: Here, action: Action) -> Violation {
        Violation {
            facts,
            headline: None,
            action,
            elapsed: Duration::from_nanos(record.elapsed_ns),
            longest: Some(record.longest_ns).filter(|longest| *longest > 0).map(Duration::from_nanos),
            times: record.times,
            slept: record.slept,
            holder: None,
            here,
            worker: record.worker,
            task: record.task,
            thread: None,
            at: record.since.and_then(|since| SystemTime::now().checked_sub(since.elapsed())),
            in_flight: record.in_flight,
        }
    }

    /// Adds another record of it. `again`: it is not only another part of the same call.
    pub(super) fn merge(&mut self, record: &Record, again: bool) {
        self.in_flight |= record.in_flight;
        self.elapsed = self.elapsed.saturating_add(Duration::from_nanos(record.elapsed_ns));
        let longest = Some(record.longest_ns).filter(|longest| *longest > 0).map(Duration::from_nanos);
        self.longest = self.longest.max(longest);
        // `fs::read` opens once, whatever it takes to read.
        if again {
            self.times = self.times.saturating_add(record.times);
        }
        self.slept = match (self.slept, record.slept) {
            (Some(a), Some(b)) => Some(a || b),
            (a, b) => a.or(b),
        };
    }

    /// The time that limits are for: of one poll. On an armed worker many polls are added up.
    pub(super) fn judged_by(&self) -> Duration {
        self.longest.unwrap_or(self.elapsed)
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What happened, in one sentence.
    pub(super) fn headline(&self) -> Cow<'_, str> {
        match &self.headline {
            Some(headline) => Cow::Borrowed(headline),
            None if self.in_flight => {
                Cow::Owned(format!("has not returned: blocking call on an executor thread: {}", self.api()))
            }
            None => Cow::Owned(format!("blocking call on an executor thread: {}", self.api())),
        }
    }

    /// How it blocked.
    pub fn kind(&self) -> Kind {
        self.facts.verdict.kind
    }

    /// What was called: `std::fs::read_to_string`, or the libc function where no better name is known.
    pub fn api(&self) -> &str {
        &self.facts.verdict.api
    }

    /// Which net saw it: `call` (the typed call site), `intercept` (the libc function), `kernel` (the thread slept,
    /// and none of the others knows why) or `pool` (a pool of [`offload`](mod@crate::offload) saw its own queue).
    pub fn engine(&self) -> &'static str {
        self.facts.engine.name()
    }

    /// `file:line:column` of the innermost frame in the user's own code, if one is known.
    pub fn location(&self) -> Option<&str> {
        self.facts.location.as_deref()
    }

    /// The function that [`location`](Violation::location) lies in.
    pub fn function(&self) -> Option<&str> {
        self.facts.verdict.location.as_ref().map(|frame| frame.function.as_str())
    }

    /// The crate that [`location`](Violation::location) lies in.
    pub fn krate(&self) -> Option<&str> {
        self.facts.verdict.location.as_ref().and_then(|frame| frame.krate.as_deref())
    }

    /// The frames between the call and the poll, innermost first: `function at file:line:column`.
    pub fn chain(&self) -> impl Iterator<Item = String> + '_ {
        self.facts.verdict.chain.iter().map(|frame| match facts::at(frame) {
            Some(at) => format!("{} at {at}", frame.function),
            None => frame.function.clone(),
        })
    }

    /// The path of the innermost guarded function. Where only the worker is armed: of the function whose future the task
    /// runs, if that is known.
    pub fn guarded(&self) -> &str {
        &self.facts.guarded
    }

    /// `file:line:column` of the attribute, or of the call of `guard(..)`. Where only the worker is armed: of the await
    /// that leads to the call.
    pub fn guarded_at(&self) -> &str {
        &self.facts.guarded_at
    }

    /// The number of tokio's task that was polled, if it was one.
    pub fn task(&self) -> Option<u64> {
        self.task
    }

    /// On what the call was made: a worker, or a thread that drives a future by itself.
    pub fn here(&self) -> Here {
        self.here
    }

    /// The index of tokio's worker, if the thread is one.
    pub fn worker(&self) -> Option<usize> {
        self.worker
    }

    /// The name of the thread.
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// How long the calls of this poll that are this violation took together; for what a pool saw, how long the
    /// closure waited.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How often this call was made in this poll. Where only the worker is armed: since the last report of it.
    pub fn times(&self) -> u32 {
        self.times
    }

    /// Whether the call had not returned when this was written: the process has ended in the middle of it.
    pub fn in_flight(&self) -> bool {
        self.in_flight
    }

    /// The identity of the finding, as 16 hexadecimal digits: a hash of kind, API, function and crate, in which closures and
    /// generic arguments do not count. It is the same in each process, build and version, wherever the line has moved.
    ///
    /// FNV-1a of 64 bits over these four texts, each followed by a byte 0.
    pub fn fingerprint(&self) -> String {
        let function = self.function().map(fingerprint::plain).unwrap_or_default();
        let krate = self.krate().unwrap_or_default();
        format!("{:016x}", fingerprint::hash([self.kind().name(), self.api(), &function, krate]))
    }

    /// Whether the kernel put the thread to sleep meanwhile, if that is known. A file in the page cache is read
    /// without any sleep.
    pub fn slept(&self) -> Option<bool> {
        self.slept
    }

    /// The thread that held the lock when the wait for it began, where that can be told: a mutex of the C library knows,
    /// those of Rust do not.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// What to write instead.
    pub fn remedy(&self) -> &'static str {
        self.facts.verdict.remedy
    }

    /// Whether it may fail a test without being told to: see [`Facts::may_fail`].
    pub(crate) fn may_fail(&self) -> bool {
        self.facts.may_fail()
    }

    /// What is done about it. For a violation that a test collected: what would have been done.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The object that `NO_BLOCK_FORMAT=json` writes, as one line.
    #[cfg(feature = "json")]
    pub fn to_json(&self) -> String {
        super::json::line(self)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::render(self, false))
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation")
            .field("kind", &self.kind())
            .field("api", &self.api())
            .field("engine", &self.engine())
            .field("location", &self.location())
            .field("guarded", &self.guarded())
            .field("elapsed", &self.elapsed)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
