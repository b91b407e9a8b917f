//! The typed calls in progress in a poll: what the call guard has announced, and what it saw.

use super::{GUARD_MASK, REGION, current_guard, enter_engine, is_armed, keep};
use crate::model::{Call, Engine, Record, Role};
use crate::thread::{executor, stack};
use std::time::Instant;

/// How many nested typed calls are named; deeper ones are only balanced.
pub(super) const CALLS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenCalls {
    /// How many typed calls are open, those beyond the array included.
    pub(super) all: u16,
    /// How many of them belong to enclosing polls.
    pub(super) outer: u16,
}

pub(super) const NO_CALLS: OpenCalls = OpenCalls { all: 0, outer: 0 };

#[derive(Clone, Copy)]
pub(super) struct OpenCall {
    call: Option<Call>,
    since: Option<Instant>,
    /// Whether a hook has recorded something below it: that was the same occurrence.
    recorded: bool,
}

/// A typed call that has returned, and that nothing but its own clock has judged.
pub(crate) struct ClosedCall {
    pub(crate) call: Call,
    pub(crate) since: Instant,
    recorded: bool,
}

/// The typed call that is being executed, if the innermost one is a blocking API's.
pub(crate) fn current_call() -> Option<Call> {
    open_slot()?.1.call
}

/// Whether what a hook is about to record is the first record below the typed call that is being executed; true where
/// there is none.
pub(super) fn is_first_below_call() -> bool {
    let Some((slot, open_call)) = open_slot() else { return true };
    REGION.with(|region| {
        if let Some(slot) = region.calls.get(slot) {
            slot.set(Some(OpenCall { recorded: true, ..open_call }));
        }
    });
    open_call.call.is_none() || !open_call.recorded
}

fn open_slot() -> Option<(usize, OpenCall)> {
    REGION.with(|region| {
        let open = region.open.get();
        if open.all == open.outer {
            return None;
        }
        let slot = usize::from(open.all).checked_sub(1)?;
        let open_call = region.calls.get(slot)?.get()?;
        let names = open_call.call.is_none_or(|call| call.role != Role::Around);
        names.then_some((slot, open_call))
    })
}

/// Opens a typed call. Outside a guarded poll nothing happens: a panic there would leave it open for ever.
#[inline]
pub(crate) fn open_call(call: Option<Call>, clock: bool) {
    REGION.with(|region| {
        if region.word.get() & GUARD_MASK == 0 {
            return;
        }
        let open = region.open.get();
        if let Some(slot) = region.calls.get(usize::from(open.all)) {
            let since = (clock && is_armed(region.word.get())).then(Instant::now);
            slot.set(Some(OpenCall { call, since, recorded: false }));
        }
        region.open.set(OpenCalls { all: open.all.saturating_add(1), ..open });
    });
}

/// Closes the innermost typed call of this poll; gives it back if a clock was taken.
#[inline]
pub(crate) fn close_call() -> Option<ClosedCall> {
    REGION.with(|region| {
        let open = region.open.get();
        if region.word.get() & GUARD_MASK == 0 || open.all == open.outer {
            return None;
        }
        let all = open.all.checked_sub(1)?;
        region.open.set(OpenCalls { all, ..open });
        let OpenCall { call, since, recorded } = region.calls.get(usize::from(all))?.get()?;
        Some(ClosedCall { call: call?, since: since?, recorded })
    })
}

/// Keeps what the call guard saw, if the poll is armed.
pub(crate) fn record_call(closed: &ClosedCall, elapsed_ns: u64) {
    let call = closed.call;
    let Some(_hook) = enter_engine(Engine::Call) else { return };
    let Some(guarding) = current_guard() else { return };
    keep(&Record {
        call: Some(call),
        stack: stack::capture(),
        elapsed_ns,
        times: u32::from(!closed.recorded),
        worker: executor::worker(),
        task: executor::task(),
        by_clock: call.api.writes_to_std(),
        ..Record::new(Engine::Call, call.api.kind, call.api.path, guarding)
    });
}
