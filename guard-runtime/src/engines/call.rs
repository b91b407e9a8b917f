//! The call guard: names a typed call site while it runs, and reports it where no hook can.

use super::hooks;
use crate::model::{Api, Call, Kind, ON, Role};
use crate::region;
use std::panic::Location;

/// Opens a typed call. `None`: a candidate by name whose type turned out not to block; it is only balanced.
#[inline]
#[track_caller]
pub(crate) fn enter_call(api: Option<&'static Api>, role: Role) {
    if ON {
        let at = Location::caller();
        let call = api.map(|api| Call { api, at, role });
        region::open_call(call, api.is_some_and(|api| !(hooks::sees(api.kind) && hooks::in_force())));
    }
}

/// Opens the body of a fn that says of itself that it blocks: always reported, whatever the hooks see below it.
#[inline]
#[track_caller]
pub(crate) fn enter_marked(api: &'static Api) {
    if ON {
        region::open_call(Some(Call { api, at: Location::caller(), role: Role::Marked }), true);
    }
}

/// Closes what [`enter_call`] opened. A panic may skip it: the end of the poll closes what is left open.
#[inline]
#[track_caller]
pub(crate) fn exit_call() {
    if !ON {
        return;
    }
    // Only calls that no hook sees carry a clock.
    if let Some(closed) = region::close_call() {
        let elapsed = u64::try_from(closed.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if has_waited(&closed.call, elapsed) {
            region::record_call(&closed, elapsed);
        }
    }
}

/// Where a hook would have seen whether the call waited (a message may have been there, the thread at its end, the time
/// to sleep zero), only the clock can tell.
fn has_waited(call: &Call, elapsed_ns: u64) -> bool {
    const NO_WAIT_NS: u64 = 50_000;
    let may_return_at_once = matches!(
        call.api.kind,
        Kind::Sleep | Kind::Channel | Kind::ThreadJoin | Kind::Lock | Kind::Net | Kind::Process
    );
    call.role == Role::Marked || !may_return_at_once || elapsed_ns > NO_WAIT_NS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_had_nothing_to_wait_for_is_none() {
        static RECV: Api = Api { path: "test::recv", kind: Kind::Channel, remedy: "" };
        static READ: Api = Api { path: "test::read", kind: Kind::Fs, remedy: "" };
        let call = |api, role| Call { api, at: Location::caller(), role };
        assert!(!has_waited(&call(&RECV, Role::Typed), 1_000));
        assert!(has_waited(&call(&RECV, Role::Typed), 1_000_000));
        assert!(has_waited(&call(&RECV, Role::Marked), 1_000));
        assert!(has_waited(&call(&READ, Role::Around), 1_000));
    }
}
