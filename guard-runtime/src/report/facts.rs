//! What is the same for every occurrence of a violation, kept for the whole process and found by its key.

use super::{Violation, text};
use crate::config::settings;
use crate::judge::{Frame, Outcome, Owner, Verdict};
use crate::model::{Engine, Place, Record};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

/// What watched the poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Attribute,
    /// `guard(..)` or `.no_block()`.
    Call,
    /// An armed worker alone.
    Worker,
}

/// The constant part of a violation.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) key: u64,
    pub(super) engine: Engine,
    /// What it was first seen by: of the several calls that an API makes, the one that occurrences are counted by.
    pub(super) symbol: &'static str,
    pub(super) verdict: Arc<Verdict>,
    /// `file:line:column` of the innermost own frame.
    pub(super) location: Option<String>,
    /// The path of the guarded function.
    pub(super) guarded: String,
    /// `file:line:column` of the guard.
    pub(super) guarded_at: String,
    pub(super) guard: Guard,
    /// Whether it is exempt as long as it is quick: then a clock has decided.
    pub(super) by_clock: bool,
    /// The version of the user's own package, where an attribute told it.
    #[cfg_attr(not(feature = "json"), allow(dead_code))]
    pub(super) own_version: Option<&'static str>,
    seen: AtomicBool,
    mentioned: AtomicBool,
    panicked: AtomicBool,
    text: OnceLock<String>,
}

impl Facts {
    /// Whether this violation is met for the first time in this process.
    pub(super) fn first_sight(&self) -> bool {
        is_first(&self.seen)
    }

    /// The same for what a rule allowed: it may still become a violation when it takes longer.
    pub(super) fn first_mention(&self) -> bool {
        is_first(&self.mentioned)
    }

    /// The same for panics: their backtrace is wanted once.
    pub(super) fn first_panic(&self) -> bool {
        is_first(&self.panicked)
    }

    /// Whether the general action may be more than a log line: the user's own code, and a call that is named.
    pub(super) fn may_fail(&self) -> bool {
        self.verdict.owner == Owner::Workspace && self.engine != Engine::Kernel && !self.by_clock
    }

    /// The report, as rendered for the first occurrence that needed one.
    pub(super) fn text(&self, violation: &Violation) -> &str {
        self.text.get_or_init(|| text::render(violation, settings().verbose))
    }
}

fn is_first(seen: &AtomicBool) -> bool {
    !seen.load(Ordering::Relaxed) && !seen.swap(true, Ordering::Relaxed)
}

/// Enough that threads which violate all at once rarely meet.
const SHARDS: usize = 16;

type Shard = Mutex<HashMap<u64, Arc<Facts>>>;

static KNOWN: LazyLock<[Shard; SHARDS]> = LazyLock::new(|| std::array::from_fn(|_| Shard::default()));

/// The facts of a record, made at its first occurrence.
pub(super) fn intern(record: &Record, verdict: Arc<Verdict>) -> Arc<Facts> {
    let key = match record.engine {
        Engine::Pool => key(record, &verdict),
        _ => *verdict.seen_as.get_or_init(|| key(record, &verdict)),
    };
    let mut shard = KNOWN[key as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
    let facts = shard.entry(key).or_insert_with(|| Arc::new(make(key, record, verdict)));
    Arc::clone(facts)
}

/// Whether no thread is in the middle of something here.
pub(super) fn is_idle() -> bool {
    KNOWN.iter().all(|shard| shard.try_lock().is_ok())
}

/// Kind, owner, innermost own frame and guard; without such a frame the address of the call stands for it.
fn key(record: &Record, verdict: &Verdict) -> u64 {
    let mut hasher = DefaultHasher::new();
    (verdict.kind, record.by_clock).hash(&mut hasher);
    matches!(verdict.outcome, Outcome::Violation).hash(&mut hasher);
    verdict.owner.hash(&mut hasher);
    verdict.rule.map(std::ptr::from_ref).hash(&mut hasher);
    match verdict.location.as_deref() {
        Some(Frame { function, file, line, column, .. }) => (function, file, line, column).hash(&mut hasher),
        None => (verdict.caller, &verdict.api).hash(&mut hasher),
    }
    if record.engine == Engine::Pool {
        // Two pools may be used in one line.
        record.call.map(|call| std::ptr::from_ref(call.api)).hash(&mut hasher);
    }
    record.guarding.place.at().hash(&mut hasher);
    hasher.finish()
}

fn make(key: u64, record: &Record, verdict: Arc<Verdict>) -> Facts {
    let (file, line, column) = record.guarding.place.at();
    let (guarded, guarded_at, guard) = match (record.guarding.place, &verdict.task) {
        (Place::Runtime, Some(task)) => (task.function.clone(), at(task).unwrap_or_default(), Guard::Worker),
        (Place::Runtime, None) => (String::new(), String::new(), Guard::Worker),
        (place, _) => {
            let attribute = place.site().is_some_and(|site| site.attribute);
            let guard = if attribute { Guard::Attribute } else { Guard::Call };
            (record.guarding.function(), format!("{file}:{line}:{column}"), guard)
        }
    };
    Facts {
        key,
        engine: record.engine,
        symbol: record.symbol,
        location: verdict.location.as_deref().and_then(at),
        guarded,
        guarded_at,
        guard,
        by_clock: record.by_clock,
        own_version: record.guarding.place.site().map(|site| site.version),
        verdict,
        seen: AtomicBool::new(false),
        mentioned: AtomicBool::new(false),
        panicked: AtomicBool::new(false),
        text: OnceLock::new(),
    }
}

/// `file:line:column`, as far as they are known.
pub(super) fn at(frame: &Frame) -> Option<String> {
    let file = frame.file.as_deref()?;
    Some(match (frame.line, frame.column) {
        (0, _) => file.to_owned(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    })
}
