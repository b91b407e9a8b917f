//! A bounded buffer between a thread that blocks and a stream that does not.

use crate::offload::sync::{Condvar, Mutex, lock, wait};
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

/// How many items are made ahead, unless told otherwise.
pub(super) const AHEAD: usize = 64;

/// Filled by closures of a pool, emptied by a stream. `P`: what makes more items while nobody is at it.
pub(super) struct Buffer<T, P> {
    state: Mutex<State<T, P>>,
    /// Told when there is room, or nobody to take anything.
    room: Condvar,
}

struct State<T, P> {
    items: VecDeque<T>,
    capacity: usize,
    /// At rest, because the buffer was full.
    parked: Option<P>,
    ended: bool,
    /// The stream was dropped.
    unwanted: bool,
    waker: Option<Waker>,
}

/// What the producer does after an item.
pub(super) enum Pushed {
    GoOn,
    Full,
    /// Nobody takes any more.
    Stop,
}

/// What the stream finds.
pub(super) enum Found<T> {
    /// `low`: it is time to make more.
    Item {
        item: T,
        low: bool,
    },
    Ended,
}

impl<T, P> Buffer<T, P> {
    pub(super) fn new(capacity: usize, first: Option<P>) -> Buffer<T, P> {
        Buffer {
            state: Mutex::new(State {
                items: VecDeque::new(),
                capacity: capacity.max(1),
                parked: first,
                ended: false,
                unwanted: false,
                waker: None,
            }),
            room: Condvar::new(),
        }
    }

    /// Adds an item, which the buffer has room for.
    pub(super) fn push(&self, item: T) -> Pushed {
        let mut state = lock(&self.state);
        if state.unwanted {
            return Pushed::Stop;
        }
        state.items.push_back(item);
        let after = if state.items.len() >= state.capacity { Pushed::Full } else { Pushed::GoOn };
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        after
    }

    /// Adds an item, after waiting for room. The item comes back if nobody takes any more.
    pub(super) fn push_wait(&self, item: T) -> Result<(), T> {
        let mut state = lock(&self.state);
        while state.items.len() >= state.capacity && !state.unwanted {
            state = wait(&self.room, state);
        }
        if state.unwanted {
            return Err(item);
        }
        state.items.push_back(item);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        Ok(())
    }

    pub(super) fn is_unwanted(&self) -> bool {
        lock(&self.state).unwanted
    }

    /// The producer rests. It comes back if nobody takes any more, or if there is room by now.
    pub(super) fn park(&self, producer: P) -> Option<P> {
        let mut state = lock(&self.state);
        if state.unwanted || state.items.len() < state.capacity {
            return Some(producer);
        }
        state.parked = Some(producer);
        None
    }

    /// There will be no more items.
    pub(super) fn end(&self) {
        let mut state = lock(&self.state);
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// What makes more items, if it rests.
    pub(super) fn unpark(&self) -> Option<P> {
        lock(&self.state).parked.take()
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Found<T>> {
        let mut state = lock(&self.state);
        if let Some(item) = state.items.pop_front() {
            let low = state.items.len() <= state.capacity / 2;
            drop(state);
            self.room.notify_one();
            return Poll::Ready(Found::Item { item, low });
        }
        if state.ended {
            return Poll::Ready(Found::Ended);
        }
        let replaced = state.waker.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// The stream goes; what rests comes back, to be dropped where that may block.
    pub(super) fn leave(&self) -> Option<P> {
        let mut state = lock(&self.state);
        state.unwanted = true;
        let (items, parked) = (std::mem::take(&mut state.items), state.parked.take());
        drop(state);
        self.room.notify_one();
        drop(items);
        parked
    }
}
