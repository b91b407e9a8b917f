//! Whether the thread slept in a poll though no hook saw it: the kernel's account, judged stretch by stretch.

use super::{FLAGS, GUARD_MASK, HOOK, REGION, Region, current_guard, enter_engine, is_armed, keep};
use crate::model::{Engine, Kind, PAGE_READS, Record, UNSEEN_SLEEP};
use crate::thread::{executor, kernel};

/// Ends a stretch of an armed poll: whatever the thread slept in it, a hook would have accounted for.
#[cold]
pub(super) fn judge_absence(region: &Region, armed: bool) {
    let word = region.word.get();
    if word & FLAGS != 0 {
        return;
    }
    // To ask for it may read a file.
    region.word.set(word.wrapping_add(HOOK));
    let absence = kernel::absence().filter(|absence| armed && absence.is_long() && !region.blind.get());
    region.word.set(word);
    let Some(absence) = absence else { return };
    region.word.set(word & (GUARD_MASK | FLAGS));
    if let (Some(_hook), Some(guarding)) = (enter_engine(Engine::Kernel), current_guard()) {
        let symbol = if absence.is_page_reads() { PAGE_READS } else { UNSEEN_SLEEP };
        keep(&Record {
            elapsed_ns: absence.elapsed_ns,
            slept: Some(true),
            worker: executor::worker(),
            task: executor::task(),
            ..Record::new(Engine::Kernel, Kind::Other, symbol, guarding)
        });
    }
    region.word.set(word);
}

/// What follows is judged differently from what came before.
#[inline]
pub(super) fn settle_sleep(region: &Region) {
    let word = region.word.get();
    if word & GUARD_MASK != 0 && kernel::may_have_left() {
        judge_absence(region, is_armed(word));
    }
}

/// A hook is about to make a call that accounts for its own sleep.
#[inline]
pub(crate) fn before_blocking() {
    if kernel::may_have_left() {
        REGION.with(|region| judge_absence(region, true));
    }
}

/// Nothing that this poll sleeps in, where no hook sees it, is judged.
pub(crate) fn stop_judging_sleeps() {
    REGION.with(|region| region.blind.set(true));
}
