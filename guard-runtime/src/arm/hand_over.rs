//! Reports what hooks have noted outside of guarded polls; at the end of the process also what is not finished.

use super::runtimes;
use crate::model::{Note, Record};
use crate::region::{self, notes};
use crate::report::{self, Boundary};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The thread that hands over right now, by the address of a variable of its own.
static BUSY: AtomicUsize = AtomicUsize::new(0);

/// Who waits for another thread to be done with it does not wait for ever: a handler may block.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who may hand over: one thread at a time.
struct Turn;

impl Turn {
    fn take(wait: bool) -> Option<Turn> {
        thread_local! {
            static SELF: u8 = const { 0 };
        }
        let this = SELF.with(|this| std::ptr::from_ref(this) as usize);
        let start = Instant::now();
        loop {
            match BUSY.compare_exchange(0, this, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Turn),
                // A handler has ended the process, or a test.
                Err(busy) if busy == this => return None,
                Err(_) if !wait || start.elapsed() > PATIENCE => return None,
                Err(_) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        BUSY.store(0, Ordering::Release);
    }
}

/// When it is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At a point that is as good as any: not if another thread is about it.
    Now,
    /// All that has been noted so far: what another thread is about is waited for.
    Settled,
    /// At the end of the process: also what has not returned yet.
    ProcessEnd,
}

/// Reports it, and keeps what the end of a runtime or of the process has to fail by.
#[cold]
pub(crate) fn hand_over(when: When) {
    let _quiet = region::quiet();
    let Some(_turn) = Turn::take(when != When::Now) else { return };
    let (mut notes, lost) = notes::take(when == When::ProcessEnd);
    report::add_lost(lost);
    notes.retain(|note| note.runtime.is_none_or(runtimes::covers));
    notes.sort_by_key(|note| (note.runtime, note.since));
    for notes in notes.chunk_by(|a, b| a.runtime == b.runtime) {
        act(notes);
    }
}

/// Acts on what was noted of one runtime, or in guarded polls that have not ended.
fn act(notes: &[Note]) {
    let records: Vec<Record> = notes.iter().map(|note| note.record).collect();
    let runtime = notes.first().and_then(|note| note.runtime);
    let boundary = if runtime.is_some() { Boundary::Task } else { Boundary::ProcessEnd };
    for violation in &report::act(&records, 0, boundary).failures {
        match runtime {
            Some(runtime) => runtimes::fail_later(runtime, violation),
            None => runtimes::fail_process(),
        }
    }
}

/// A forked child begins anew.
pub(crate) fn in_child() {
    BUSY.store(0, Ordering::Relaxed);
}
