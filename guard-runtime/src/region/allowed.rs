//! Stretches of a poll in which nothing counts.

use super::absence::settle_sleep;
use super::{ALLOW, ALLOW_MASK, REGION};
use crate::model::ON;
use std::marker::PhantomData;

/// Ends an allow region when dropped. Made by [`allow`] and by the macro `allow_blocking!`.
#[derive(Debug)]
pub struct AllowGuard {
    _not_send: PhantomData<*mut ()>,
}

/// Enters an allow region: until the guard is dropped, nothing on this thread counts as a violation.
#[inline]
pub fn allow(reason: &'static str) -> AllowGuard {
    // The reason is for whoever reads the code; nothing is recorded that could be reported with it.
    let _ = reason;
    if ON {
        REGION.with(|region| {
            settle_sleep(region);
            region.word.set(region.word.get().wrapping_add(ALLOW));
        });
    }
    AllowGuard { _not_send: PhantomData }
}

impl Drop for AllowGuard {
    #[inline]
    fn drop(&mut self) {
        if ON {
            REGION.with(|region| {
                settle_sleep(region);
                // A guard that outlives the poll it was made in finds its depth gone: that must not reach the other bits.
                let word = region.word.get();
                region.word.set(if word & ALLOW_MASK == 0 { word } else { word.wrapping_sub(ALLOW) });
            });
        }
    }
}
