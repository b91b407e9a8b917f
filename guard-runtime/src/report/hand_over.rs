//! Reports what hooks have noted outside of guarded polls; at the end of the process also what is not finished.

use super::event::events;
use super::{Acts, Boundary, stats};
use crate::detect::verdict::Outcome;
use crate::detect::{Note, frames, intercept};
use crate::{arm, config, region};
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
    #[allow(dead_code)] // Only hooks use it, and not every build has them.
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
    let (notes, lost) = intercept::take_notes(when == When::ProcessEnd);
    if notes.is_empty() && lost == 0 {
        return;
    }
    stats::add_lost(lost);
    let mut notes: Vec<Note> = notes.into_iter().filter(is_of_interest).collect();
    notes.sort_by_key(|note| (note.runtime, note.since));
    let settings = config::settings();
    for notes in notes.chunk_by(|a, b| a.runtime == b.runtime) {
        let records: Vec<_> = notes.iter().map(|note| note.record).collect();
        let boundary = notes[0].runtime.map_or(Boundary::ProcessEnd, Boundary::Task);
        let mut acts = Acts::new(boundary, None, &settings);
        for event in events(&records, &settings) {
            acts.act(&event);
        }
        acts.finish(0);
    }
}

/// Judges a note, and has hooks forget stacks like it where it is nobody's business.
fn is_of_interest(note: &Note) -> bool {
    let Some(runtime) = note.runtime else { return true };
    if !arm::covers(runtime) {
        return false;
    }
    let judged = frames::judge(&note.record);
    if judged.outcome != Outcome::Violation {
        intercept::ignore(&note.record, &judged);
    }
    true
}

/// A forked child begins anew.
#[allow(dead_code)] // Only hooks call it, and not every build has them.
pub(crate) fn in_child() {
    BUSY.store(0, Ordering::Relaxed);
}
