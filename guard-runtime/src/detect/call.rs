//! The call guard: names a typed call site while it runs, and reports it where no hook can.

use crate::detect::{Call, ON, Role, intercept};
use crate::region;
use crate::site::Api;
use std::panic::Location;

/// Opens a typed call. `None`: a candidate by name whose type turned out not to block; it is only balanced.
#[inline]
#[track_caller]
pub(crate) fn enter_call(api: Option<&'static Api>, role: Role) {
    if ON {
        let at = Location::caller();
        let call = api.map(|api| Call { api, at, role });
        region::open_call(call, api.is_some_and(|api| !(intercept::sees(api.kind) && intercept::in_force())));
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
    // Only calls of kinds that no hook sees carry a clock.
    if let Some(closed) = region::close_call() {
        let elapsed = closed.since.elapsed().as_nanos();
        region::record_call(&closed, u64::try_from(elapsed).unwrap_or(u64::MAX));
    }
}
