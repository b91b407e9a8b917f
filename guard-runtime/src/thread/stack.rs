//! The raw stack: instruction pointers only, without allocation, so that a hook can take it.

use crate::model::{MAX_FRAMES, RawStack};
use std::ffi::{c_int, c_void};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

#[repr(C)]
struct Context {
    _opaque: [u8; 0],
}

type Trace = extern "C" fn(*mut Context, *mut c_void) -> c_int;

const GO_ON: c_int = 0;
const STOP: c_int = 5;

// std links the unwinder on every glibc target, whatever the panic strategy.
unsafe extern "C" {
    fn _Unwind_Backtrace(trace: Trace, data: *mut c_void) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut Context, before: *mut c_int) -> usize;
    /// The frame's stack pointer.
    fn _Unwind_GetCFA(context: *mut Context) -> usize;
}

/// Of a stack that is too deep, this many outermost frames are kept: they tell what kind of thread it is.
const OUTERMOST: usize = 32;
const INNERMOST: usize = MAX_FRAMES - OUTERMOST;

/// The stack being taken. The last `OUTERMOST` slots are a ring once the first ones are full.
struct Taken {
    stack: RawStack,
    seen: usize,
    /// Frames that lie below this address are left out.
    above: usize,
}

impl Taken {
    #[inline]
    fn push(&mut self, ip: usize) -> ControlFlow<()> {
        // A stack without end is a broken one.
        if self.seen == 4096 {
            return ControlFlow::Break(());
        }
        let at = match self.seen.checked_sub(INNERMOST) {
            None => self.seen,
            Some(outer) => (outer % OUTERMOST).saturating_add(INNERMOST),
        };
        if let Some(slot) = self.stack.ips.get_mut(at) {
            *slot = ip;
        }
        self.seen = self.seen.saturating_add(1);
        ControlFlow::Continue(())
    }

    fn finish(mut self) -> RawStack {
        self.stack.len = self.seen.min(MAX_FRAMES);
        if let (true, Some(ring)) = (self.seen > MAX_FRAMES, self.stack.ips.get_mut(INNERMOST..)) {
            ring.rotate_left(self.seen.saturating_sub(INNERMOST) % OUTERMOST);
        }
        self.stack.hash = hash(self.stack.ips.get(..self.stack.len).unwrap_or_default());
        self.stack
    }
}

/// Never 0, which means "no stack".
fn hash(ips: &[usize]) -> u64 {
    let mixed = ips.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, ip| {
        let hash = (hash ^ *ip as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ (hash >> 29)
    });
    mixed.max(1)
}

extern "C" fn trace(context: *mut Context, data: *mut c_void) -> c_int {
    let mut before = 0;
    // SAFETY: the unwinder passes a valid context, and `data` is what `capture` passed.
    let (ip, taken) = unsafe { (_Unwind_GetIPInfo(context, &raw mut before), &mut *data.cast::<Taken>()) };
    if taken.above != 0 {
        // SAFETY: as above.
        if unsafe { _Unwind_GetCFA(context) } <= taken.above {
            return GO_ON;
        }
        taken.above = 0;
    }
    if ip == 0 {
        return STOP;
    }
    // A return address may lie past the end of the function that made the call. What a signal has interrupted has none.
    let ip = if before == 0 { ip.wrapping_sub(1) } else { ip };
    taken.stack.in_handler |= before != 0;
    if taken.push(ip).is_break() { STOP } else { GO_ON }
}

/// How many libraries the program has closed.
static UNLOADS: AtomicU32 = AtomicU32::new(0);

/// What is known by address may be wrong from now on. To be called by hooks.
#[cfg_attr(hooks_raw, allow(dead_code))] // musl has none for it.
pub(crate) fn forget_addresses() {
    UNLOADS.fetch_add(1, Ordering::Relaxed);
}

/// How often addresses have changed their meaning.
pub(crate) fn unloads() -> u32 {
    UNLOADS.load(Ordering::Relaxed)
}

/// The current stack, innermost frame first, from this function's caller on or a few frames deeper.
///
/// About 0.1 µs a frame. Not to be called while the thread unwinds.
#[inline(never)]
pub(crate) fn capture() -> RawStack {
    capture_above(Mark(0))
}

/// A place on the stack: of its function, and of whatever that calls, no frame is kept.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

/// Marks the function that has this variable.
#[inline(always)]
pub(crate) fn mark(variable: &u8) -> Mark {
    Mark(std::ptr::from_ref(variable).addr())
}

/// The stack of whoever called the function that made the mark.
#[inline(never)]
pub(crate) fn capture_above(mark: Mark) -> RawStack {
    let mut taken = Taken { stack: RawStack::EMPTY, seen: 0, above: mark.0 };
    // SAFETY: `trace` matches what the unwinder calls, and `taken` outlives the walk.
    unsafe { _Unwind_Backtrace(trace, (&raw mut taken).cast()) };
    taken.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(ips: std::ops::Range<usize>) -> RawStack {
        let mut taken = Taken { stack: RawStack::EMPTY, seen: 0, above: 0 };
        for ip in ips {
            assert!(taken.push(ip).is_continue());
        }
        taken.finish()
    }

    #[test]
    fn a_deep_stack_keeps_both_ends_in_order() {
        let stack = take(1..201);
        assert_eq!(stack.len, MAX_FRAMES);
        assert!(stack.ips[..INNERMOST].iter().copied().eq(1..=INNERMOST));
        assert!(stack.ips[INNERMOST..].iter().copied().eq(201 - OUTERMOST..201));
        assert!(take(1..MAX_FRAMES + 1).ips.iter().copied().eq(1..=MAX_FRAMES));
        assert_eq!(take(1..8).len, 7);
    }

    #[test]
    fn the_hash_tells_stacks_apart() {
        assert_eq!(take(1..8).hash, take(1..8).hash);
        assert_ne!(take(1..8).hash, take(1..9).hash);
        assert_ne!(take(0..0).hash, 0);
    }
}
