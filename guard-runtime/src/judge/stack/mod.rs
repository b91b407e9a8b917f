//! What a raw stack means: names, rules, place, chain and owner; told once per distinct stack, outside the region.

mod items;
mod lanes;
mod names;
mod places;
mod program;
mod rules;
mod story;

pub(super) use program::prepare;

use super::owners::{self, owner_of};
use super::project::{self, Function};
use super::remedies::remedy;
use super::verdict::{NO_SYMBOLS, Outcome, PARKED, Verdict};
use crate::model::{Engine, Guarding, Here, Kind, Record, Role, Rule};
use crate::thread::stack;
use items::Items;
use names::Name;
use places::{Place, Places};
use program::Module;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use story::Story;

/// What a verdict depends on.
#[derive(PartialEq, Eq)]
struct Key {
    stack: u64,
    symbol: &'static str,
    kind: Kind,
    by_clock: bool,
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
            by_clock: record.by_clock,
            on_worker: record.worker.is_some(),
            in_task: record.task.is_some(),
            call: record.call.map(|call| call.at),
            unloads: stack::unloads(),
            guard: record.guarding.place.at(),
        }
    }
}

/// Verdicts by stack, `MOST` at most: a recursion has a stack for each depth. Of those that would take the same place the
/// latest one stays; who has lost its place is judged again, by what is known of addresses.
type Shard = Mutex<Vec<Option<(Key, Arc<Verdict>)>>>;

static JUDGED: [Shard; 16] = [const { Mutex::new(Vec::new()) }; 16];
/// How many verdicts a shard keeps.
const MOST: usize = 512;

static PLACES: Mutex<Option<Places>> = Mutex::new(None);

/// A thread that panicked while it held one of these left nothing half done: entries are added whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The verdicts on records. The first one for a stack reads symbols and line tables, for all records in one go; a
/// repetition costs one look into a map.
pub(super) fn judge(records: &[Record]) -> Vec<Arc<Verdict>> {
    let mut verdicts = Vec::with_capacity(records.len());
    for record in records {
        match known(record) {
            Some(verdict) => verdicts.push(verdict),
            None => break,
        }
    }
    if verdicts.len() < records.len() {
        judge_rest(records, &mut verdicts);
    }
    verdicts
}

/// The verdicts on the records that have none yet.
#[cold]
fn judge_rest(records: &[Record], verdicts: &mut Vec<Arc<Verdict>>) {
    let rest = &records[verdicts.len()..];
    let known: Vec<Option<Arc<Verdict>>> = rest.iter().map(known).collect();
    let new: Vec<&Record> =
        rest.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(record, _)| record).collect();
    let mut judged = judge_anew(&new).into_iter();
    for (record, known) in rest.iter().zip(known) {
        verdicts.extend(known.or_else(|| {
            let (verdict, is_final) = judged.next()?;
            let verdict = Arc::new(verdict);
            Some(if is_final { remember(record, verdict) } else { verdict })
        }));
    }
}

/// Where the verdict on a record is kept: the shard, and the place in it.
fn place(record: &Record) -> (&'static Shard, usize) {
    let mixed = record.stack.hash ^ record.symbol.as_ptr() as u64 ^ u64::from(record.guarding.place.at().1);
    let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    (&JUDGED[mixed as usize % 16], (mixed as usize >> 4) % MOST)
}

fn known(record: &Record) -> Option<Arc<Verdict>> {
    if record.stack.len == 0 {
        // What it depends on is the record alone, which also has the remedy.
        return Some(Arc::new(Verdict::without_stack(record)));
    }
    let (shard, at) = place(record);
    match lock(shard).get(at) {
        Some(Some((key, verdict))) if *key == Key::of(record) => Some(verdict.clone()),
        _ => None,
    }
}

fn remember(record: &Record, verdict: Arc<Verdict>) -> Arc<Verdict> {
    let (shard, at) = place(record);
    let mut shard = lock(shard);
    if shard.is_empty() {
        shard.resize_with(MOST, || None);
    }
    match &shard[at] {
        // Another thread was faster.
        Some((key, verdict)) if *key == Key::of(record) => verdict.clone(),
        _ => shard[at].insert((Key::of(record), verdict)).1.clone(),
    }
}

/// A record on its way to a verdict.
struct Case<'r> {
    record: &'r Record,
    /// From the hook's caller on.
    places: Vec<Arc<Place>>,
    /// How many of them may hold the user's code, also inlined.
    end: usize,
    /// On an armed worker names are all there is to tell a task's call from the runtime's own.
    lacks_symbols: bool,
}

impl Case<'_> {
    fn names(&self) -> Vec<&Name> {
        self.places.iter().map(|place| place.name()).collect()
    }
}

/// The verdicts, and whether each would be the same later.
fn judge_anew(records: &[&Record]) -> Vec<(Verdict, bool)> {
    for record in records {
        if let Some(site) = record.guarding.place.site() {
            owners::meet(site);
        }
    }
    let mut places = lock(&PLACES);
    let places = places.get_or_insert_default();
    places.follow(stack::unloads());
    let stacks: Vec<&[usize]> = records.iter().map(|record| ips(record)).collect();
    places.read(&stacks);
    let cases: Vec<Case<'_>> = records.iter().map(|record| case(places, record)).collect();
    // Functions that were inlined are in the line tables alone, and the user's code may be all inlined: whatever the
    // symbols say, the lines may take it back.
    let mut wanted: Vec<&Arc<Place>> = Vec::new();
    for case in cases.iter().filter(|case| !case.lacks_symbols) {
        for place in &case.places[..case.end] {
            if place.wants_lines() {
                wanted.push(place);
            }
        }
    }
    places.read_lines(wanted.into_iter());
    cases.iter().map(|case| (verdict(case), case.places.iter().all(|place| !place.is_unread))).collect()
}

fn ips(record: &Record) -> &[usize] {
    &record.stack.ips[..record.stack.len]
}

fn case<'r>(places: &mut Places, record: &'r Record) -> Case<'r> {
    let mut places = places.of(ips(record));
    places.drain(..own_frames(&places, record));
    let names: Vec<&Name> = places.iter().map(|place| place.name()).collect();
    // The frame of the poll itself may hold what was inlined into it.
    let end = (poll_end(&names, record.guarding) + 1).min(places.len());
    let lacks_symbols = record.guarding.is_runtime() && !names.iter().any(|name| name.has_crate());
    Case { record, places, end, lacks_symbols }
}

fn verdict(case: &Case<'_>) -> Verdict {
    let record = case.record;
    if case.places.is_empty() {
        return Verdict::without_stack(record);
    }
    let names = case.names();
    let (worker, in_task) = (record.worker, record.task.is_some());
    let (here, on_pool) = (lanes::here(&names, worker, in_task), lanes::is_on_pool(&names));
    if case.lacks_symbols {
        return Verdict { outcome: Outcome::Allowed(NO_SYMBOLS), here, ..Verdict::without_stack(record) };
    }
    let story = Story::of(&case.places, case.end, record.guarding);
    let names = story.names();
    let Ruling { kind, outcome, rule } = rule_on(record, names, &story.own(), story.is_told());
    if outcome != Outcome::Violation {
        return Verdict { outcome, kind, rule, here, on_pool, ..Verdict::without_stack(record) };
    }
    let api = story.api(record);
    Verdict {
        outcome,
        kind,
        rule,
        here,
        on_pool,
        remedy: remedy(record, &api, kind, story.place(record), story.executor(record)),
        api,
        caller: story.caller_ip().unwrap_or(record.stack.hash),
        location: story.location(record),
        chain: story.chain().into(),
        task: story.task(),
        owner: story.owner().unwrap_or_else(|| owner_of(record.guarding)),
        seen_as: Default::default(),
    }
}

/// Whether no thread is in the middle of something here, as one may be that a forked child does not have.
pub(super) fn is_idle() -> bool {
    PLACES.try_lock().is_ok() && JUDGED.iter().all(|shard| shard.try_lock().is_ok())
}

/// Why reports name no places, if they do not.
pub(super) fn why_no_places() -> Option<&'static str> {
    ask_program(Module::why_no_places)
}

/// Why stacks have no names, if they have none.
pub(super) fn why_no_names() -> Option<&'static str> {
    ask_program(Module::why_no_names)
}

fn ask_program(why: fn(&Module) -> Option<&'static str>) -> Option<&'static str> {
    let mut places = lock(&PLACES);
    match places.get_or_insert_default().modules().find(why_no_places as *const () as usize) {
        Some(module) => why(module),
        None => Some("the program's file cannot be read"),
    }
}

/// Forgets all verdicts: the project's rules have changed.
pub(super) fn forget() {
    for shard in &JUDGED {
        lock(shard).clear();
    }
}

/// On what the current thread runs, by its stack. Dear: symbols are looked up for each frame.
pub(super) fn here(worker: Option<usize>, in_task: bool) -> Here {
    let stack = stack::capture();
    let ips = &stack.ips[..stack.len];
    let mut places = lock(&PLACES);
    let places = places.get_or_insert_default();
    places.follow(stack::unloads());
    places.read(&[ips]);
    let places = places.of(ips);
    let names: Vec<&Name> = places.iter().map(|place| place.name()).collect();
    lanes::here(&names, worker, in_task)
}

/// How many innermost frames are this crate's own: those of the hook, or of the call guard.
fn own_frames(places: &[Arc<Place>], record: &Record) -> usize {
    const DEEPEST: usize = 10;
    let near = &places[..places.len().min(DEEPEST)];
    let hook = near.iter().position(|place| place.symbol == Some(record.symbol)).map(|at| at + 1);
    match record.engine {
        Engine::Intercept => hook.unwrap_or(0),
        // Without a stack.
        Engine::Kernel | Engine::Pool => 0,
        Engine::Call => near.iter().take_while(|place| place.name().is_in(Items::Ours)).count(),
    }
}

fn is_guard(name: &Name) -> bool {
    name.is_in(Items::Guarded)
}

struct Ruling {
    kind: Kind,
    outcome: Outcome,
    rule: Option<&'static Rule>,
}

/// By the names of the whole stack, innermost first, with the functions that were inlined, as far as they are known.
/// `own`: which of them are the user's own code; `is_told`: whether all that lies below the poll is there.
fn rule_on(record: &Record, names: &[&Name], own: &[bool], is_told: bool) -> Ruling {
    let (on_worker, in_task) = (record.worker.is_some(), record.task.is_some());
    let end = poll_end(names, record.guarding);
    let below = &names[..end];
    let is_own = |at: usize| own[at] || below[at].krate().is_some_and(owners::is_own_crate);
    // A rule that names a crate does not mean the user's own of that name.
    let mut foreign: Vec<&Name> = Vec::new();
    for (at, name) in below.iter().enumerate() {
        if name.is_listed() && !is_own(at) {
            foreign.push(name);
        }
    }
    let seen = record.seen_kind();
    // What a fn says of itself is not refined.
    let marked = record.call.is_some_and(|call| call.role == Role::Marked);
    let kind = if marked { seen } else { rules::kind(seen, record.symbol, &foreign) };
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
            // Where nothing but what is around every task is to be seen, and not all is, the task may be what is not.
            let is_runtime = lanes::is_runtime(below) && !own[..end].contains(&true);
            if is_runtime && (is_told || !lanes::may_hold_a_task(below)) {
                return Outcome::Allowed("the runtime's own work");
            }
            // A task that no worker polls is a `LocalSet`'s, or runs where it may block.
            if !on_worker && !lanes::is_local(names) {
                return Outcome::OffExecutor;
            }
        }
        match (lanes::executor(names, on_worker, in_task), rule) {
            (Outcome::Violation, Some(Rule { allow: true, up_to: None, reason, .. })) => {
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
    below: &[&Name],
    is_own: &dyn Fn(usize) -> bool,
) -> Option<&'static Rule> {
    let site = record.guarding.place.site();
    if !project::has_rules(site) {
        return None;
    }
    let poll = (0..below.len()).find(|at| story::is_poll(below, *at, record.guarding.is_runtime()));
    let owner = poll.and_then(|poll| below[poll].krate());
    let function = |(at, name): (usize, &&Name)| Function {
        paths: name.paths(),
        may_be_allowed: poll.is_none_or(|poll| at <= poll) || name.krate() == owner || is_own(at),
    };
    let called = record.call.map(|call| Function::named(call.api.path));
    let inner = [Function::named(record.symbol)].into_iter().chain(called);
    let functions = inner.chain(below.iter().enumerate().map(function));
    project::rule(site, kind, functions)
}

/// Where the user's part of a stack ends: at the outermost guarded poll, else where the task begins.
fn poll_end(names: &[&Name], guarding: Guarding) -> usize {
    let end = match guarding.is_runtime() {
        true => lanes::task(names),
        false => names.iter().rposition(|name| is_guard(name)),
    };
    end.unwrap_or(names.len())
}
