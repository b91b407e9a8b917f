//! From the records of one poll, or one task, to violations: one for each kind, place and guarded function.

use super::facts;
use super::{Violation, mention_allowed};
use crate::config::{Limit, Settings};
#[cfg(feature = "tokio")]
use crate::engines::pool;
use crate::judge::{self, Outcome};
use crate::model::{Engine, Here, Kind, Record, ThreadName};
use std::sync::Arc;
use std::time::Duration;

/// A shorter sleep that nothing explains is reported only where its kind has an action of its own. Under load, threads
/// were seen to wait up to 18 ms for memory maps that others were changing: nobody's call.
const UNEXPLAINED: Duration = Duration::from_millis(100);

/// What is left of the records after the rules and the limits, with the action that the configuration wants.
///
/// Reading a file in a helper is four libc calls with four stacks; they are one violation, because kind, innermost own
/// frame and guard are the same. `thread`: the one that blocked, if it is not as the records have it. `noted`: the records
/// are what workers noted, of which the four calls may come one by one.
pub(super) fn violations(
    records: &[Record],
    settings: &Settings,
    thread: Option<&Arc<str>>,
    noted: bool,
) -> Vec<Violation> {
    // With the record that each began with.
    let mut found: Vec<(Violation, &Record)> = Vec::new();
    let mut off_executor = false;
    for (record, verdict) in records.iter().zip(judge::judge(records)) {
        if verdict.outcome == Outcome::OffExecutor {
            off_executor = true;
            continue;
        }
        let here = match (verdict.here, record.worker) {
            (Here::Worker(_), Some(worker)) => Here::Worker(worker),
            (here, _) => here,
        };
        let facts = facts::intern(record, verdict);
        match found.iter_mut().find(|(violation, _)| violation.facts.key == facts.key) {
            Some((violation, first)) => {
                let counted = if noted { facts.symbol } else { first.symbol };
                violation.merge(record, counted == record.symbol);
            }
            None => {
                let action = settings.action_for(facts.verdict.kind, facts.may_fail());
                // The libc function that it was first seen by is the one to count by.
                let goes_on = noted && facts.symbol != record.symbol;
                let mut violation = Violation::new(facts, record, here, action);
                if goes_on {
                    violation.times = 0;
                }
                found.push((violation, record));
            }
        }
    }
    found.retain_mut(|(violation, record)| {
        counts(violation, record, off_executor, settings) && is_told(violation, settings)
    });
    let complete = |(mut violation, record): (Violation, &Record)| {
        violation.holder = holder(record.holder);
        violation.thread = thread.cloned().or_else(|| name(record.thread));
        #[cfg(feature = "tokio")]
        if let (Engine::Pool, Some(call)) = (record.engine, record.call) {
            violation.headline = pool::headline(call.api);
        }
        violation
    };
    found.into_iter().map(complete).collect()
}

/// Whether it is one after all. `off_executor`: something else in this poll was not on the executor.
fn counts(violation: &Violation, record: &Record, off_executor: bool, settings: &Settings) -> bool {
    let (engine, verdict) = (violation.facts.engine, &violation.facts.verdict);
    if engine == Engine::Kernel {
        // A sleep without a stack: it may have been where the rest of the poll was.
        let unexplained = settings.has_own_action(verdict.kind) || violation.elapsed >= UNEXPLAINED;
        if off_executor || !unexplained {
            return false;
        }
    }
    if let Outcome::Allowed(rule) = &verdict.outcome {
        mention_allowed(violation, rule, settings);
        return false;
    }
    if let Some(rule) = verdict.rule.filter(|rule| rule.allows(violation.judged_by())) {
        mention_allowed(violation, rule.reason, settings);
        return false;
    }
    let limit = match engine {
        // They have looked at their own.
        Engine::Pool => return true,
        Engine::Intercept if record.by_clock && verdict.kind != Kind::Stdio => return true,
        // The limit is for writing: input comes when it comes.
        _ if verdict.kind == Kind::Stdio && !record.by_clock => Limit::Always,
        Engine::Intercept => settings.limit_of_wait(verdict.kind),
        Engine::Call | Engine::Kernel => settings.limit(verdict.kind),
    };
    // Something is set up once, by however many calls.
    let time = match verdict.kind {
        Kind::Init if record.kind != Kind::Init => violation.elapsed,
        _ => violation.judged_by(),
    };
    verdict.rule.is_some_and(|rule| rule.denies(verdict.kind)) || limit.exceeded_by(time)
}

/// Whether it is an event of its own, rather than the rest of one that was told. Where time decides, the rest may be what
/// took long.
fn is_told(violation: &mut Violation, settings: &Settings) -> bool {
    let by_time =
        settings.limit_of_wait(violation.kind()) != Limit::Always || violation.facts.verdict.rule.is_some();
    if violation.times == 0 && by_time {
        violation.times = 1;
    }
    violation.times > 0
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
