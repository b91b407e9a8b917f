//! The kernel's part of a futex, in loom's terms: looking at the word and falling asleep is one step for whoever wakes.

pub(super) use loom::sync::atomic::{AtomicU32, Ordering, fence};
use loom::sync::{Condvar, Mutex};

loom::lazy_static! {
    static ref ASLEEP: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());
}

pub(super) fn wait(word: &AtomicU32, value: u32) {
    let looks = ASLEEP.0.lock().unwrap();
    if word.load(Ordering::Relaxed) == value {
        drop(ASLEEP.1.wait(looks).unwrap());
    }
}

pub(super) fn wake(_word: &AtomicU32) {
    let _looks = ASLEEP.0.lock().unwrap();
    ASLEEP.1.notify_one();
}
