//! One thread at a time, and nobody waits for ever: a lock that its own thread is refused, and that a forked child can open.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Who waits for others to be done does not wait for ever: a handler of the user's may block.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often any turn was given back: as long as that happens, waiting is worth it.
static PROGRESS: AtomicU64 = AtomicU64::new(0);

pub(super) struct Turn {
    /// Who has it, by the address of a variable of that thread's; 0 is nobody.
    owner: AtomicUsize,
    /// How many wait for it.
    waiting: AtomicU32,
}

impl Turn {
    pub(super) const fn new() -> Turn {
        Turn { owner: AtomicUsize::new(0), waiting: AtomicU32::new(0) }
    }

    /// None for the thread that has it: a handler has ended the process, or a test. Nor for one that will not `wait`, or has
    /// waited long.
    pub(super) fn take(&'static self, wait: bool) -> Option<Taken> {
        match self.try_take() {
            Ok(taken) => return Some(taken),
            Err(owner) if owner == this() || !wait => return None,
            Err(_) => {}
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let taken = with_patience(|| self.try_take().ok());
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        taken
    }

    fn try_take(&'static self) -> Result<Taken, usize> {
        self.owner.compare_exchange(0, this(), Ordering::Acquire, Ordering::Relaxed).map(|_| Taken(self))
    }

    /// Lets those go first that wait: by who takes it over and over, which they would never find free.
    pub(super) fn let_others_go_first(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 && !self.is_mine() {
            with_patience(|| (self.waiting.load(Ordering::Relaxed) == 0).then_some(()));
        }
    }

    /// Whether the current thread has it.
    pub(super) fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == this()
    }

    /// By whoever has it.
    pub(super) fn give_back(&self) {
        PROGRESS.fetch_add(1, Ordering::Relaxed);
        self.owner.store(0, Ordering::Release);
    }

    /// In a forked child, nobody else is there.
    pub(super) fn in_child(&self) {
        self.waiting.store(0, Ordering::Relaxed);
        self.give_back();
    }
}

/// Asks again and again, as long as there is progress, and for a while longer.
fn with_patience<T>(ask: impl Fn() -> Option<T>) -> Option<T> {
    let (mut since, mut progress) = (Instant::now(), PROGRESS.load(Ordering::Relaxed));
    loop {
        std::thread::sleep(Duration::from_millis(1));
        if let Some(answer) = ask() {
            return Some(answer);
        }
        let now = PROGRESS.load(Ordering::Relaxed);
        if now != progress {
            (since, progress) = (Instant::now(), now);
        } else if since.elapsed() > PATIENCE {
            return None;
        }
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
