//! Sleeping until a word changes, and waking who sleeps so: one system call each, which a hook may make.

pub(super) use std::sync::atomic::{AtomicU32, Ordering, fence};

/// Sleeps while the word is `value`, or for a while.
#[cfg(hooks_target)]
pub(super) fn wait(word: &AtomicU32, value: u32) {
    let no_limit = std::ptr::null::<libc::timespec>();
    // SAFETY: the kernel reads the word, which outlives the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), WAIT, value, no_limit) };
}

/// Wakes one that waits for this word.
#[cfg(hooks_target)]
pub(super) fn wake(word: &AtomicU32) {
    // SAFETY: the kernel looks for who waits for this address, and touches nothing.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), WAKE, 1) };
}

#[cfg(hooks_target)]
const WAIT: libc::c_int = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
#[cfg(hooks_target)]
const WAKE: libc::c_int = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;

// Without hooks nothing is noted, and nobody waits for it.
#[cfg(not(hooks_target))]
pub(super) fn wait(_word: &AtomicU32, _value: u32) {
    std::thread::yield_now();
}

#[cfg(not(hooks_target))]
pub(super) fn wake(_word: &AtomicU32) {}
