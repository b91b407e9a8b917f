//! Reports what hooks have noted outside of guarded polls; at the end of the process also what is not finished.

use super::runtimes;
use super::turn::Turn;
use crate::judge;
use crate::model::{Note, Record};
use crate::region::{self, notes};
use crate::report::{self, Boundary};
use std::sync::atomic::{AtomicBool, Ordering};

/// The thread that hands over right now, from taking to the last report.
static HANDS_OVER: Turn = Turn::new();
/// The thread that is in the middle of one step of that: whoever forks waits for its end, so that the child finds no
/// lock of ours held by a thread that it does not have.
static STEP: Turn = Turn::new();
/// Whether the process has been through its end.
static OVER: AtomicBool = AtomicBool::new(false);

/// How many records are judged in one step: each one reads the program's symbols once for all of them.
const AT_ONCE: usize = 128;

/// When it is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At a point that is as good as any: not if another thread is about it.
    Now,
    /// By the thread that exists for it, until the end of the process.
    Noted,
    /// All that has been noted so far: what another thread is about is waited for.
    Settled,
    /// At the end of the process: also what has not returned yet.
    ProcessEnd,
}

/// Reports it, and keeps what the end of a runtime or of the process has to fail by.
#[cold]
pub(crate) fn hand_over(when: When) {
    let _quiet = region::quiet();
    if when == When::Noted {
        HANDS_OVER.let_others_go_first();
    }
    let Some(_turn) = HANDS_OVER.take(when != When::Now) else {
        if when == When::ProcessEnd {
            OVER.store(true, Ordering::Relaxed);
            lose_all();
        }
        return;
    };
    if when == When::ProcessEnd {
        OVER.store(true, Ordering::Relaxed);
    } else if when == When::Noted && is_over() {
        return;
    }
    let (mut notes, lost) = notes::take(when == When::ProcessEnd);
    step(|| report::lose(lost));
    notes.retain(|note| note.runtime.is_none_or(runtimes::covers));
    notes.sort_by_key(|note| (note.runtime, note.record.since));
    for notes in notes.chunk_by(|a, b| a.runtime == b.runtime) {
        // What is dear about reports is done a few at a time, so that whoever waits sees that it goes on.
        for some in notes.chunks(AT_ONCE) {
            let records: Vec<Record> = some.iter().map(|note| note.record).collect();
            step(|| judge::judge(&records));
        }
        step(|| act(notes));
    }
}

/// A handler has not come back, or has ended the process: what nobody will report any more is said to be lost.
fn lose_all() {
    let (notes, lost) = notes::take(false);
    let untold = notes.iter().fold(lost, |untold, note| untold.saturating_add(note.record.times));
    report::lose(untold);
}

fn step<T>(f: impl FnOnce() -> T) -> T {
    STEP.let_others_go_first();
    // Not had where a handler forks, or where patience has ended: it is about forks alone.
    let _step = STEP.take(true);
    f()
}

/// Acts on what was noted of one runtime, or in guarded polls that have not ended.
fn act(notes: &[Note]) {
    let records: Vec<Record> = notes.iter().map(|note| note.record).collect();
    let runtime = notes.first().and_then(|note| note.runtime);
    let boundary = if runtime.is_some() { Boundary::Task } else { Boundary::ProcessEnd };
    report::act(&records, 0, boundary, |violation| match runtime {
        Some(runtime) => runtimes::fail_later(runtime, violation),
        None => runtimes::fail_process(),
    });
}

/// Whether the process has been through its end, so that nothing more is reported.
pub(super) fn is_over() -> bool {
    OVER.load(Ordering::Relaxed)
}

/// This thread is about to fork.
pub(crate) fn before_fork() {
    let _quiet = region::quiet();
    if let Some(turn) = STEP.take(true) {
        // Given back by `after_fork`, or by the child.
        std::mem::forget(turn);
        FORKS.store(true, Ordering::Relaxed);
    }
}

/// Whether [`before_fork`] has taken the turn, which only its owner looks at.
static FORKS: AtomicBool = AtomicBool::new(false);

/// This thread has forked.
pub(crate) fn after_fork() {
    if STEP.is_mine() && FORKS.swap(false, Ordering::Relaxed) {
        STEP.give_back();
    }
}

/// A forked child begins anew.
pub(super) fn in_child() {
    HANDS_OVER.in_child();
    STEP.in_child();
    FORKS.store(false, Ordering::Relaxed);
}
