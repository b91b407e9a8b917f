//! The thread that looks again and again after closures that wait for others; it exists while there are any.

use crate::offload::sync::{Condvar, Mutex, lock, wait_for};
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// How often those that got no thread are looked at, unless a slot comes back earlier.
const TICK: Duration = Duration::from_millis(10);
/// After so many looks at nothing the watcher's thread ends.
const IDLE: u32 = 100;

/// What has to be looked after: a closure that another one waits for.
pub(crate) trait Watched: Send {
    /// Has it run where it is stuck. True if it need not be looked at again.
    fn look(&self) -> bool;
}

struct Watcher {
    watched: Vec<Box<dyn Watched>>,
    /// Whether there is a thread that looks at them.
    has_thread: bool,
    /// Whether it should look now.
    is_called: bool,
}

static WATCHER: Mutex<Watcher> =
    Mutex::new(Watcher { watched: Vec::new(), has_thread: false, is_called: false });
static CALLED: Condvar = Condvar::new();

/// Has it looked at until that says it is enough. May start a thread.
pub(crate) fn watch(one: Box<dyn Watched>) {
    let mut watcher = lock(&WATCHER);
    watcher.watched.push(one);
    if !watcher.has_thread {
        let started = std::thread::Builder::new().name("nested offloads".to_owned()).spawn(keep_looking);
        watcher.has_thread = started.is_ok();
    }
}

/// A slot that was lent has come back.
pub(crate) fn look_again() {
    let mut watcher = lock(&WATCHER);
    if watcher.has_thread {
        watcher.is_called = true;
        CALLED.notify_one();
    }
}

fn keep_looking() {
    let mut idle = 0;
    let mut watcher = lock(&WATCHER);
    while idle < IDLE {
        let mut watched = take(&mut watcher.watched);
        watcher.is_called = false;
        drop(watcher);
        // The last one that knows of a closure may drop it here.
        watched.retain(|one| catch_unwind(AssertUnwindSafe(|| !one.look())).unwrap_or(false));
        watcher = lock(&WATCHER);
        idle = if watched.is_empty() && watcher.watched.is_empty() { idle + 1 } else { 0 };
        // First come, first served.
        watched.append(&mut watcher.watched);
        watcher.watched = watched;
        if !watcher.is_called {
            watcher = wait_for(&CALLED, watcher, TICK);
        }
        if !watcher.watched.is_empty() {
            idle = 0;
        }
    }
    watcher.has_thread = false;
}
