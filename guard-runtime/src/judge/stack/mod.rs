//! What a raw stack means: names, rules, place, chain and owner; told once per distinct stack, outside the region.

mod lanes;
mod names;
mod program;
mod rules;
mod story;

pub(super) use program::prepare;

use super::owners::{self, owner_of};
use super::project::{self, Function};
use super::remedies::remedy;
use super::verdict::{Outcome, PARKED, Verdict};
use crate::model::{Engine, Guarding, Here, Kind, Record, Role, Rule};
use crate::thread::stack;
use names::Name;
use program::{Module, Modules};
use std::collections::HashMap;
use std::panic::Location;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use story::Story;

/// What a verdict depends on.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    stack: u64,
    symbol: &'static str,
    kind: Kind,
    on_worker: bool,
    in_task: bool,
    call: Option<&'static Location<'static>>,
    /// How many libraries had been unloaded.
    unloads: u32,
    guard: (&'static str, u32, u32),
}

impl Key {
    fn of(record: &Record) -> Key {
        Key {
            stack: record.stack.hash,
            symbol: record.symbol,
            kind: record.kind,
            on_worker: record.worker.is_some(),
            in_task: record.task.is_some(),
            call: record.call.map(|call| call.at),
            unloads: stack::unloads(),
            guard: record.guarding.place.at(),
        }
    }
}

type Shard = Mutex<HashMap<Key, Arc<Verdict>>>;

static JUDGED: LazyLock<[Shard; 16]> = LazyLock::new(|| std::array::from_fn(|_| Shard::default()));
static MODULES: Mutex<Option<Modules>> = Mutex::new(None);
/// A thread that panicked while it held one of these left nothing half done: entries are added whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The verdict on a record. The first one for a stack reads symbols and, where it is a violation, line tables; a
/// repetition costs one look into a map.
pub(super) fn judge(record: &Record) -> Arc<Verdict> {
    let key = Key::of(record);
    let shard = &JUDGED[record.stack.hash as usize % 16];
    if let Some(verdict) = lock(shard).get(&key) {
        return verdict.clone();
    }
    // Not under the shard's lock: other stacks need not wait for this one.
    let (verdict, is_final) = judge_anew(record);
    let verdict = Arc::new(verdict);
    if !is_final {
        return verdict;
    }
    let mut shard = lock(shard);
    if shard.len() >= MOST {
        shard.clear();
    }
    shard.entry(key).or_insert(verdict).clone()
}

/// How many verdicts a shard keeps: a recursion has a stack for each depth.
const MOST: usize = 512;

/// The verdict, and whether it would be the same later.
fn judge_anew(record: &Record) -> (Verdict, bool) {
    let ips = &record.stack.ips[..record.stack.len];
    if ips.is_empty() {
        return (Verdict::without_stack(record), true);
    }
    if let Some(site) = record.guarding.place.site() {
        owners::meet(site);
    }
    let mut modules = lock(&MODULES);
    let modules = modules.get_or_insert_default();
    modules.follow(stack::unloads());
    let symbols: Vec<Option<&'static str>> = ips.iter().map(|ip| modules.find(*ip)?.symbol(*ip)).collect();
    let is_final = !ips.iter().any(|ip| modules.find(*ip).is_some_and(Module::is_unread));
    let start = own_frames(&symbols, record);
    let names: Vec<Name> =
        symbols[start..].iter().map(|symbol| Name::of(symbol.unwrap_or_default())).collect();
    let here = lanes::here(&names, record.worker, record.task.is_some());
    let on_pool = lanes::is_on_pool(&names);
    let Ruling { kind, outcome, rule } = rule_on(record, &names, None);
    if outcome != Outcome::Violation {
        let verdict = Verdict { outcome, kind, rule, here, on_pool, ..Verdict::without_stack(record) };
        return (verdict, is_final);
    }
    // Worth its line tables, which also know the functions that were inlined: they may change the verdict.
    let story = Story::read(modules, &ips[start..], names, record.guarding);
    let Ruling { kind, outcome, rule } = rule_on(record, &story.names(), Some(&story.own()));
    let api = story.api(record);
    let verdict = Verdict {
        outcome,
        kind,
        rule,
        here,
        on_pool,
        remedy: remedy(record, &api, kind, story.place(record), story.executor(record)),
        api,
        caller: story.caller_ip().unwrap_or(record.stack.hash),
        location: story.location(record),
        chain: story.chain(),
        task: story.task(),
        owner: story.owner().unwrap_or_else(|| owner_of(record.guarding)),
    };
    (verdict, is_final)
}

/// Whether no thread is in the middle of something here, as one may be that a forked child does not have.
pub(super) fn is_idle() -> bool {
    MODULES.try_lock().is_ok() && JUDGED.iter().all(|shard| shard.try_lock().is_ok())
}

/// Why reports name no places, if they do not.
pub(super) fn why_no_places() -> Option<&'static str> {
    let mut modules = lock(&MODULES);
    let modules = modules.get_or_insert_default();
    match modules.find(why_no_places as *const () as usize) {
        Some(module) => module.why_no_places(),
        None => Some("the program's file cannot be read"),
    }
}

/// Forgets all verdicts: the project's rules have changed.
pub(super) fn forget() {
    for shard in &*JUDGED {
        lock(shard).clear();
    }
}

/// On what the current thread runs, by its stack. Dear: symbols are looked up for each frame.
pub(super) fn here(worker: Option<usize>, in_task: bool) -> Here {
    let stack = stack::capture();
    let mut modules = lock(&MODULES);
    let modules = modules.get_or_insert_default();
    let symbols = stack.ips[..stack.len].iter().map(|ip| modules.find(*ip)?.symbol(*ip));
    let names: Vec<Name> = symbols.map(|symbol| Name::of(symbol.unwrap_or_default())).collect();
    lanes::here(&names, worker, in_task)
}

/// How many innermost frames are this crate's own: those of the hook, or of the call guard.
fn own_frames(symbols: &[Option<&str>], record: &Record) -> usize {
    const DEEPEST: usize = 10;
    let near = &symbols[..symbols.len().min(DEEPEST)];
    let hook = near.iter().position(|symbol| *symbol == Some(record.symbol)).map(|at| at + 1);
    let ours = |symbol: &Option<&str>| symbol.is_some_and(|symbol| Name::of(symbol).is_in(OURS));
    match record.engine {
        Engine::Intercept => hook.unwrap_or(0),
        // Without a stack.
        Engine::Kernel | Engine::Pool => 0,
        Engine::Call => near.iter().take_while(|symbol| ours(symbol)).count(),
    }
}

/// This crate, by name: its frames are nobody's business.
const OURS: &str = "guard_runtime";
/// Where its polls are.
const GUARDED: [&str; 2] = ["guard_runtime::guarded", "guard_runtime::testing"];

fn is_guard(name: &Name) -> bool {
    GUARDED.iter().any(|item| name.is_in(item))
}

struct Ruling {
    kind: Kind,
    outcome: Outcome,
    rule: Option<&'static Rule>,
}

/// By the names of the whole stack, innermost first. `own`, where lines are known, and then with the inlined functions:
/// which of them are the user's own code.
fn rule_on(record: &Record, names: &[Name], own: Option<&[bool]>) -> Ruling {
    let (on_worker, in_task) = (record.worker.is_some(), record.task.is_some());
    let end = poll_end(names, record.guarding);
    let below = &names[..end];
    let is_own =
        |at: usize| own.is_some_and(|own| own[at]) || below[at].krate().is_some_and(owners::is_own_crate);
    // A rule that names a crate does not mean the user's own of that name.
    let foreign: Vec<Name> = (0..end).filter(|at| !is_own(*at)).map(|at| below[at].clone()).collect();
    let seen = record.seen_kind();
    // What a fn says of itself is not refined.
    let marked = record.call.is_some_and(|call| call.role == Role::Marked);
    let kind = if marked { seen } else { rules::kind(seen, record.symbol, &foreign) };
    let site = record.guarding.place.site();
    let rule = project_rule(record, kind, below, &is_own);
    let outcome = || {
        if record.guarding.is_runtime() && lanes::is_parked(names) {
            return Outcome::Allowed(PARKED);
        }
        let harmless = rules::allowed(kind, below, &foreign);
        if let Some(harmless) = harmless.filter(|_| rule.is_none_or(|rule| rule.allow)) {
            return Outcome::Allowed(harmless);
        }
        if record.guarding.is_runtime() {
            if own.is_some() && lanes::is_runtime(below) {
                return Outcome::Allowed("the runtime's own work");
            }
            // A task that no worker polls is a `LocalSet`'s, or runs where it may block.
            if !on_worker && !lanes::is_local(names) {
                return Outcome::OffExecutor;
            }
        }
        // What is inlined may take it back: then the lines decide.
        let decided = own.is_some() || !project::may_be_taken_back(site);
        match (lanes::executor(names, on_worker, in_task), rule) {
            (Outcome::Violation, Some(Rule { allow: true, up_to: None, reason, .. })) if decided => {
                Outcome::Allowed(reason)
            }
            (outcome, _) => outcome,
        }
    };
    Ruling { kind, outcome: outcome(), rule }
}

/// The project's rule for a call with these frames between it and the poll.
fn project_rule(
    record: &Record,
    kind: Kind,
    below: &[Name],
    is_own: &dyn Fn(usize) -> bool,
) -> Option<&'static Rule> {
    let poll = (0..below.len()).find(|at| story::is_poll(below, *at, record.guarding.is_runtime()));
    let owner = poll.and_then(|poll| below[poll].krate());
    let function = |(at, name): (usize, &Name)| Function {
        paths: name.paths(),
        may_be_allowed: poll.is_none_or(|poll| at <= poll) || name.krate() == owner || is_own(at),
    };
    let called = record.call.map(|call| Function::named(call.api.path));
    let inner = [Function::named(record.symbol)].into_iter().chain(called);
    let functions = inner.chain(below.iter().enumerate().map(function));
    project::rule(record.guarding.place.site(), kind, functions)
}

/// Where the user's part of a stack ends: at the outermost guarded poll, else where the task begins.
fn poll_end(names: &[Name], guarding: Guarding) -> usize {
    let end = match guarding.is_runtime() {
        true => lanes::task(names),
        false => names.iter().rposition(is_guard),
    };
    end.unwrap_or(names.len())
}
