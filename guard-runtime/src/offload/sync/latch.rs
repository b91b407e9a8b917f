//! A latch: a spin lock that is let go by a plain store.

use super::{AtomicBool, spin_loop, yield_now};
use crate::region;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A lock for a few instructions that two threads hardly ever want at once: it is let go by a plain store, where a
/// `Mutex` has to look for sleepers. Nothing that may take long, panic, or is the user's runs under it.
pub(crate) struct Latch<T> {
    is_held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: whoever has a `LatchGuard` is the only one that gets at the value, from whatever thread.
unsafe impl<T: Send> Sync for Latch<T> {}

/// While it exists, the latch is held.
pub(crate) struct LatchGuard<'l, T> {
    latch: &'l Latch<T>,
}

impl<T> Latch<T> {
    pub(crate) const fn new(value: T) -> Latch<T> {
        Latch { is_held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }
}

#[inline]
pub(crate) fn hold<T>(latch: &Latch<T>) -> LatchGuard<'_, T> {
    if latch.is_held.swap(true, Ordering::Acquire) {
        hold_contended(&latch.is_held);
    }
    LatchGuard { latch }
}

#[cold]
fn hold_contended(is_held: &AtomicBool) {
    let _allowed = region::allow("a pool's lock");
    let mut looks = 0_u32;
    while is_held.load(Ordering::Relaxed) || is_held.swap(true, Ordering::Acquire) {
        match looks {
            0..64 => spin_loop(),
            64..128 => yield_now(),
            // Of lower priority, on the same core.
            _ => std::thread::sleep(Duration::from_micros(50)),
        }
        looks = looks.saturating_add(1);
    }
}

impl<T> Deref for LatchGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the latch is held, by this value alone.
        unsafe { &*self.latch.value.get() }
    }
}

impl<T> DerefMut for LatchGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the latch is held, by this value alone.
        unsafe { &mut *self.latch.value.get() }
    }
}

impl<T> Drop for LatchGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.latch.is_held.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{Latch, hold};
    use std::sync::mpsc::channel;

    #[test]
    fn a_latch_lets_in_one_at_a_time() {
        let latch = Latch::new((0_u64, 0_u64));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..if cfg!(miri) { 50 } else { 10_000 } {
                        let mut both = hold(&latch);
                        both.0 += 1;
                        both.1 += both.0;
                    }
                });
            }
        });
        let (count, sum) = *hold(&latch);
        assert_eq!(sum, count * (count + 1) / 2);
    }

    #[test]
    fn whoever_holds_a_latch_for_long_is_waited_for() {
        let (latch, (held, is_held), (wants, is_wanted)) = (Latch::new(0), channel(), channel());
        std::thread::scope(|scope| {
            let latch = &latch;
            scope.spawn(move || {
                let mut value = hold(latch);
                held.send(()).unwrap();
                is_wanted.recv().unwrap();
                // Beyond all spinning.
                (0..200).for_each(|_| std::thread::yield_now());
                *value = 1;
            });
            is_held.recv().unwrap();
            wants.send(()).unwrap();
            assert_eq!(*hold(latch), 1);
        });
    }
}
