//! A hand-off: where a thread waits for the one thing that it is to do next.

use crate::offload::sync::{Condvar, Mutex, lock, wait};

pub(super) struct Handoff<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

struct State<T> {
    item: Option<T>,
    closed: bool,
}

impl<T> Handoff<T> {
    pub(super) fn new() -> Handoff<T> {
        Handoff { state: Mutex::new(State { item: None, closed: false }), filled: Condvar::new() }
    }

    /// What is not taken any more comes back: this one after the end, else one that was there.
    #[must_use = "nobody else will see to it"]
    pub(super) fn put(&self, item: T) -> Option<T> {
        let mut state = lock(&self.state);
        let back = if state.closed { Some(item) } else { state.item.replace(item) };
        drop(state);
        self.filled.notify_one();
        back
    }

    /// Waits for the next one; None when there will be none.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = lock(&self.state);
        while state.item.is_none() && !state.closed {
            state = wait(&self.filled, state);
        }
        state.item.take()
    }

    /// Has the thread end, once it has done what it was given.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.filled.notify_one();
    }
}
