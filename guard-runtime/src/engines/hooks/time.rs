//! Time-outs: which of them leave nothing to wait for.

use super::ahead::Ahead;
use super::hook::keep_errno;
use crate::model::Kind;
use libc::{c_int, c_long, clockid_t, timespec, timeval};

// As in `filter.rs`: a pointer is null, or as valid as libc's function of the row requires.

/// Whether a time-out is there and zero.
// SAFETY: the row's contract.
pub(super) unsafe fn is_zero(time: *const timespec) -> bool {
    // SAFETY: by the row's contract.
    unsafe { time.as_ref() }.is_some_and(|time| time.tv_sec == 0 && time.tv_nsec == 0)
}

/// Like [`is_zero`], in microseconds.
// SAFETY: the row's contract.
pub(super) unsafe fn is_zero_micros(time: *const timeval) -> bool {
    // SAFETY: by the row's contract.
    unsafe { time.as_ref() }.is_some_and(|time| time.tv_sec == 0 && time.tv_usec == 0)
}

/// A wait until a point of time on this clock: none if that is over.
// SAFETY: the row's contract.
pub(super) unsafe fn waits_until(kind: Kind, clock: clockid_t, until: *const timespec) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    (!unsafe { has_passed(clock, until) }).then_some(kind.into())
}

/// The same on a clock that the waited-for object knows, and we do not: the one whose time is nearer. They are decades
/// apart.
// SAFETY: the row's contract.
pub(super) unsafe fn waits_until_some(kind: Kind, until: *const timespec) -> Option<Ahead> {
    let distance = |clock| {
        // SAFETY: by the row's contract.
        let until = unsafe { until.as_ref() }?;
        Some(now(clock).tv_sec.abs_diff(until.tv_sec))
    };
    let clock = match distance(libc::CLOCK_MONOTONIC) < distance(libc::CLOCK_REALTIME) {
        true => libc::CLOCK_MONOTONIC,
        false => libc::CLOCK_REALTIME,
    };
    // SAFETY: by the row's contract.
    unsafe { waits_until(kind, clock, until) }
}

/// A sleep for a time, or until a point of time.
// SAFETY: the row's contract.
pub(super) unsafe fn sleeps_on(clock: clockid_t, flags: c_int, time: *const timespec) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let over = unsafe {
        match flags & libc::TIMER_ABSTIME {
            0 => is_zero(time),
            _ => has_passed(clock, time),
        }
    };
    (!over).then_some(Kind::Sleep.into())
}

/// `futex`: a wait for less than no time is none. A wait is `lock`; frames tell later what kind of lock it was.
// SAFETY: the row's contract: that of the system call.
pub(super) unsafe fn futex(operation: c_long, time: c_long) -> Option<Ahead> {
    const LOCK_PI2: c_int = 13;
    let flags = operation as c_int;
    let time = std::ptr::with_exposed_provenance::<timespec>(time as usize);
    let clock = match flags & libc::FUTEX_CLOCK_REALTIME {
        0 => libc::CLOCK_MONOTONIC,
        _ => libc::CLOCK_REALTIME,
    };
    // SAFETY: in these operations the argument is null or points to a time, by the row's contract.
    let over = unsafe {
        match flags & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME) {
            libc::FUTEX_WAIT => is_zero(time),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_WAIT_REQUEUE_PI | LOCK_PI2 => has_passed(clock, time),
            libc::FUTEX_LOCK_PI => has_passed(libc::CLOCK_REALTIME, time),
            _ => true,
        }
    };
    (!over).then_some(Kind::Lock.into())
}

// SAFETY: the row's contract.
unsafe fn has_passed(clock: clockid_t, until: *const timespec) -> bool {
    // SAFETY: by the row's contract.
    let Some(until) = (unsafe { until.as_ref() }) else { return false };
    let now = now(clock);
    (until.tv_sec, until.tv_nsec) <= (now.tv_sec, now.tv_nsec)
}

/// A clock that there is not has its beginning: the call is about to say so itself.
fn now(clock: clockid_t) -> timespec {
    let mut time = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a local variable.
    keep_errno(|| unsafe { libc::clock_gettime(clock, &raw mut time) });
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(clock: clockid_t, seconds: i64) -> timespec {
        let now = now(clock);
        timespec { tv_sec: now.tv_sec + seconds as libc::time_t, ..now }
    }

    #[test]
    fn a_time_that_is_over_leaves_nothing_to_wait_for() {
        let (real, steady) = (libc::CLOCK_REALTIME, libc::CLOCK_MONOTONIC);
        // SAFETY: the pointers are to local variables or null.
        let on_known = |clock, until: timespec| unsafe { waits_until(Kind::Lock, clock, &raw const until) };
        // SAFETY: as above.
        let on_some = |until: timespec| unsafe { waits_until_some(Kind::Lock, &raw const until) };
        for clock in [real, steady] {
            assert_eq!(on_known(clock, later(clock, 0)), None);
            assert_eq!(on_known(clock, later(clock, 60)), Some(Kind::Lock.into()));
            assert_eq!(on_some(later(clock, -1)), None);
            assert_eq!(on_some(later(clock, 0)), None);
            assert_eq!(on_some(later(clock, 60)), Some(Kind::Lock.into()));
        }
        assert_eq!(on_some(timespec { tv_sec: 0, tv_nsec: 0 }), None);
        assert_eq!(on_some(timespec { tv_sec: libc::time_t::MAX, tv_nsec: 0 }), Some(Kind::Lock.into()));
        // SAFETY: as above.
        assert_eq!(unsafe { waits_until_some(Kind::Lock, std::ptr::null()) }, Some(Kind::Lock.into()));
    }

    #[test]
    fn a_futex_s_time_is_one_to_wait_for_or_one_to_wait_until() {
        let of = |operation: c_int, time: timespec| {
            let time = (&raw const time).expose_provenance() as c_long;
            // SAFETY: the pointer is to a local variable.
            unsafe { futex(c_long::from(operation | libc::FUTEX_PRIVATE_FLAG), time) }
        };
        let zero = timespec { tv_sec: 0, tv_nsec: 0 };
        let real = libc::FUTEX_CLOCK_REALTIME;
        assert_eq!(of(libc::FUTEX_WAIT, zero), None);
        assert_eq!(of(libc::FUTEX_WAIT, timespec { tv_nsec: 1, ..zero }), Some(Kind::Lock.into()));
        for (flag, clock) in [(0, libc::CLOCK_MONOTONIC), (real, libc::CLOCK_REALTIME)] {
            assert_eq!(of(libc::FUTEX_WAIT_BITSET | flag, later(clock, 0)), None);
            assert_eq!(of(libc::FUTEX_WAIT_BITSET | flag, later(clock, 60)), Some(Kind::Lock.into()));
        }
        assert_eq!(of(libc::FUTEX_LOCK_PI, later(libc::CLOCK_REALTIME, 60)), Some(Kind::Lock.into()));
        assert_eq!(of(libc::FUTEX_WAKE, later(libc::CLOCK_REALTIME, 60)), None);
        // SAFETY: a null pointer is no time-out.
        assert_eq!(unsafe { futex(libc::FUTEX_WAIT.into(), 0) }, Some(Kind::Lock.into()));
    }
}
