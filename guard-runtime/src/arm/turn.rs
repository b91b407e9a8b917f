//! One thread at a time, and nobody waits for ever: a lock that its own thread is refused, and that a forked child can open.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Who waits for others to be done does not wait for ever: a handler of the user's may block.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often any turn was given back: as long as that happens, waiting is worth it.
static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Who is about it, by the address of a variable of that thread's; 0 is nobody.
pub(super) struct Turn(AtomicUsize);

impl Turn {
    pub(super) const fn new() -> Turn {
        Turn(AtomicUsize::new(0))
    }

    /// None for the thread that has it: a handler has ended the process, or a test. Nor for one that will not `wait`, or has
    /// waited long.
    pub(super) fn take(&'static self, wait: bool) -> Option<Taken> {
        let this = this();
        let (mut since, mut progress) = (None, PROGRESS.load(Ordering::Relaxed));
        loop {
            match self.0.compare_exchange(0, this, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Taken(self)),
                Err(busy) if busy == this || !wait => return None,
                Err(_) => {}
            }
            let now = PROGRESS.load(Ordering::Relaxed);
            if now != progress {
                (since, progress) = (None, now);
            }
            if since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether the current thread has it.
    pub(super) fn is_mine(&self) -> bool {
        self.0.load(Ordering::Relaxed) == this()
    }

    /// By whoever has it; or in a forked child, where nobody does.
    pub(super) fn give_back(&self) {
        PROGRESS.fetch_add(1, Ordering::Relaxed);
        self.0.store(0, Ordering::Release);
    }
}

/// Ends with this.
pub(super) struct Taken(&'static Turn);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

fn this() -> usize {
    thread_local! {
        static SELF: u8 = const { 0 };
    }
    SELF.with(|this| std::ptr::from_ref(this) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn one_thread_at_a_time_and_never_itself_again() {
        static TURN: Turn = Turn::new();
        static INSIDE: AtomicU32 = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..if cfg!(miri) { 2 } else { 20 } {
                        let taken = TURN.take(true).unwrap();
                        assert_eq!(INSIDE.fetch_add(1, Ordering::Relaxed), 0);
                        assert!(TURN.is_mine() && TURN.take(true).is_none());
                        INSIDE.fetch_sub(1, Ordering::Relaxed);
                        drop(taken);
                    }
                });
            }
        });
        let _taken = TURN.take(false).unwrap();
        assert!(std::thread::spawn(|| TURN.take(false).is_none()).join().unwrap());
    }
}
