//! Who takes what is ready: nobody yet, a thread at work, or one that sleeps until a hook rings. No lock, no allocation.
//!
//! Whoever rings has written down something first, and whoever goes to sleep looks once more after having said so: one of
//! the two sees what the other one did. Loom checks this file.

use super::futex::{AtomicU32, Ordering, fence, wait, wake};

/// Nobody has started a thread.
pub(super) const NOBODY: u32 = 0;
const AWAKE: u32 = 1;
const ASLEEP: u32 = 2;
/// No thread can be had.
const UNABLE: u32 = 3;

/// What the thread and those that wake it agree by.
pub(crate) struct Bell(AtomicU32);

impl Bell {
    /// `state`: [`NOBODY`].
    pub(super) const fn new(state: AtomicU32) -> Bell {
        Bell(state)
    }

    /// To be called after something was written down. False if there is no thread that will look.
    pub(crate) fn ring(&self) -> bool {
        fence(Ordering::SeqCst);
        match self.0.load(Ordering::Relaxed) {
            AWAKE => true,
            ASLEEP => {
                let woken =
                    self.0.compare_exchange(ASLEEP, AWAKE, Ordering::Relaxed, Ordering::Relaxed).is_ok();
                if woken {
                    wake(&self.0);
                }
                true
            }
            _ => false,
        }
    }

    /// Whether there is a thread, at work or asleep.
    #[inline]
    pub(crate) fn has_thread(&self) -> bool {
        matches!(self.0.load(Ordering::Relaxed), AWAKE | ASLEEP)
    }

    /// Whether a thread was wanted, and could not be had.
    pub(crate) fn is_unable(&self) -> bool {
        self.0.load(Ordering::Relaxed) == UNABLE
    }

    /// Whether the caller is the one to start the thread.
    pub(crate) fn appoint(&self) -> bool {
        self.0.compare_exchange(NOBODY, AWAKE, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The thread could not be started, or is no more.
    pub(crate) fn give_up(&self) {
        self.0.store(UNABLE, Ordering::Relaxed);
    }

    /// The thread sleeps until somebody rings, unless something is ready.
    pub(crate) fn rest(&self, is_ready: impl Fn() -> bool) {
        self.0.store(ASLEEP, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if is_ready() {
            // Somebody may have rung meanwhile, which comes to the same.
            self.0.store(AWAKE, Ordering::Relaxed);
            return;
        }
        while self.0.load(Ordering::Relaxed) == ASLEEP {
            wait(&self.0, ASLEEP);
        }
    }

    /// A forked child has no thread.
    pub(super) fn in_child(&self) {
        self.0.store(NOBODY, Ordering::Relaxed);
    }
}
