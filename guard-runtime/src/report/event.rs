//! Turns the records of one poll, or one task, into events: one for each kind, place and guarded function.

use super::facts::{self, Facts};
use super::{Violation, mention_allowed};
use crate::config::{Action, Settings};
use crate::detect::verdict::{Judged, Outcome};
use crate::detect::{Engine, Record, ThreadName, frames};
use crate::here::Here;
use std::sync::Arc;
use std::time::Duration;

/// A shorter sleep that nothing explains is reported only where its kind has an action of its own. Under load, threads
/// were seen to wait up to 18 ms for memory maps that others were changing: nobody's call.
const UNEXPLAINED: Duration = Duration::from_millis(100);

/// A violation before anything was done about it.
pub(super) struct Event<'r> {
    pub(super) facts: Arc<Facts>,
    record: &'r Record,
    here: Here,
    elapsed_ns: u64,
    longest_ns: u64,
    times: u32,
    slept: Option<bool>,
}

/// What is left of the records after the rules and the limits.
///
/// Reading a file in a helper is four libc calls with four stacks; they are one event, because kind, innermost own
/// frame and guard are the same.
pub(super) fn events<'r>(records: &'r [Record], settings: &Settings) -> Vec<Event<'r>> {
    let mut events: Vec<Event<'r>> = Vec::new();
    let mut off_executor = false;
    for record in records {
        let judged = match record.engine {
            // A pool is as slow on any thread, and says itself where.
            Engine::Pool => Arc::new(Judged { outcome: Outcome::Violation, ..Judged::without_stack(record) }),
            _ => frames::judge(record),
        };
        if judged.outcome == Outcome::OffExecutor {
            off_executor = true;
            continue;
        }
        let here = match (judged.here, record.worker) {
            (Here::Worker(_), Some(worker)) => Here::Worker(worker),
            (here, _) => here,
        };
        let facts = facts::intern(record, judged);
        if let Some(event) = events.iter_mut().find(|event| event.facts.key == facts.key) {
            event.elapsed_ns = event.elapsed_ns.saturating_add(record.elapsed_ns);
            event.longest_ns = event.longest_ns.max(record.longest_ns);
            // `fs::read` opens once, whatever it takes to read.
            if event.record.symbol == record.symbol {
                event.times += record.times;
            }
            event.slept = match (event.slept, record.slept) {
                (Some(a), Some(b)) => Some(a || b),
                (a, b) => a.or(b),
            };
            continue;
        }
        let (elapsed_ns, times, slept) = (record.elapsed_ns, record.times, record.slept);
        let longest_ns = record.longest_ns;
        events.push(Event { facts, record, here, elapsed_ns, longest_ns, times, slept });
    }
    events.retain(|event| {
        if event.facts.engine == Engine::Kernel && off_executor {
            // A sleep without a stack: it may have been where the rest of the poll was.
            return false;
        }
        if event.facts.engine == Engine::Kernel
            && !settings.has_own_action(event.facts.judged.kind)
            && event.elapsed() < UNEXPLAINED
        {
            return false;
        }
        if let Outcome::Allowed(rule) = &event.facts.judged.outcome {
            mention_allowed(event, rule, settings);
            return false;
        }
        let (kind, rule) = (event.facts.judged.kind, event.facts.judged.rule);
        if let Some(rule) = rule.filter(|rule| rule.allows(event.judged_by())) {
            mention_allowed(event, rule.reason, settings);
            return false;
        }
        // A pool has looked at its own limit.
        let limit = match event.facts.engine {
            Engine::Intercept => settings.limit_of_wait(kind),
            _ => settings.limit(kind),
        };
        event.facts.engine == Engine::Pool
            || rule.is_some_and(|rule| rule.denies(kind))
            || limit.exceeded_by(event.judged_by())
    });
    events
}

fn name(bytes: ThreadName) -> Option<Arc<str>> {
    let name = bytes.split(|byte| *byte == 0).next().filter(|name| !name.is_empty())?;
    Some(String::from_utf8_lossy(name).into())
}

/// A thread of this process by its name, if it still is there.
fn holder(thread: i32) -> Option<Arc<str>> {
    if thread == 0 {
        return None;
    }
    let name = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm"));
    Some(name.as_deref().map_or("one that has ended", str::trim_end).into())
}

impl Event<'_> {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.elapsed_ns)
    }

    /// The time that limits are for: of one poll. On an armed worker many polls are added up.
    fn judged_by(&self) -> Duration {
        match self.longest_ns {
            0 => self.elapsed(),
            longest_ns => Duration::from_nanos(longest_ns),
        }
    }

    /// What the configuration wants done.
    pub(super) fn action(&self, settings: &Settings) -> Action {
        settings.action_for(self.facts.judged.kind, self.facts.may_fail())
    }

    /// `thread`: the one that blocked, if it is not as the record has it.
    pub(super) fn violation(&self, action: Action, thread: Option<&Arc<str>>) -> Violation {
        #[cfg(feature = "tokio")]
        let pool = self.record.call.filter(|_| self.facts.engine == Engine::Pool);
        Violation {
            facts: Arc::clone(&self.facts),
            #[cfg(feature = "tokio")]
            headline: pool.and_then(|call| crate::detect::pool::headline(call.api)),
            #[cfg(not(feature = "tokio"))]
            headline: None,
            action,
            elapsed: self.elapsed(),
            times: self.times,
            slept: self.slept,
            holder: holder(self.record.holder),
            here: self.here,
            worker: self.record.worker,
            task: self.record.task,
            thread: thread.cloned().or_else(|| name(self.record.thread)),
        }
    }
}
