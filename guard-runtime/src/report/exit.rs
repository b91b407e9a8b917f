//! The end of the process: what is still to be reported, the summary line of JSON, and the status that it ends with.

use super::hand_over::{When, hand_over};
use crate::config::{self, Format};
use crate::{arm, region};
use std::sync::Once;

/// What a process ends with that would have ended well, had its armed workers not blocked. As after a panic.
const FAILED: i32 = 101;

/// Has [`at_exit`] run when the process ends.
#[allow(dead_code)] // Without hooks and JSON nothing is left for the end.
pub(crate) fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(system::register);
}

/// `status`: what the process is about to end with, where that is known.
#[allow(dead_code)] // Not every system has a way to run it.
fn at_exit(status: Option<i32>) -> Option<i32> {
    let _quiet = region::quiet();
    // Unwinding out of here would abort a process that is ending well.
    let ended = std::panic::catch_unwind(|| {
        hand_over(When::ProcessEnd);
        summary();
        let failed = arm::unclaimed();
        if failed == 0 || status != Some(0) {
            return None;
        }
        let settings = config::settings();
        if settings.format == Format::Text {
            let calls = if failed == 1 { "call" } else { "calls" };
            let text =
                format!("guard: ends with status {FAILED}: {failed} blocking {calls} on armed workers");
            super::sink::write(&settings, &text);
        }
        Some(FAILED)
    });
    ended.unwrap_or_default()
}

/// Writes the summary, if the format is JSON and something was found.
pub(super) fn summary() {
    #[cfg(feature = "json")]
    {
        let _quiet = region::quiet();
        let stats = super::stats::counted();
        if stats.violations() == 0 {
            return;
        }
        let settings = config::settings();
        if settings.format == Format::Json {
            super::sink::write(&settings, &super::json::summary(&stats));
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
mod system {
    use std::ffi::{c_int, c_void};
    use std::ptr;

    unsafe extern "C" {
        fn on_exit(callback: extern "C" fn(c_int, *mut c_void), data: *mut c_void) -> c_int;
        fn fflush(stream: *mut c_void) -> c_int;
        fn _exit(status: c_int) -> !;
    }

    extern "C" fn ends(status: c_int, _: *mut c_void) {
        if let Some(status) = super::at_exit(Some(status)) {
            // SAFETY: null means all streams of C: nobody would flush them any more.
            unsafe { fflush(ptr::null_mut()) };
            // SAFETY: it ends a process that was ending.
            unsafe { _exit(status) }
        }
    }

    pub(super) fn register() {
        // SAFETY: glibc has this function, with this signature; it keeps the address of a function that lives as long as
        // the program, and a null pointer that nobody follows. If it fails, nothing is handed over at the end.
        unsafe { on_exit(ends, ptr::null_mut()) };
    }
}

#[cfg(all(any(unix, windows), not(all(target_os = "linux", target_env = "gnu")), not(miri)))]
mod system {
    unsafe extern "C" {
        fn atexit(callback: extern "C" fn()) -> std::ffi::c_int;
    }

    extern "C" fn ends() {
        // The status is not known here, so it stays.
        super::at_exit(None);
    }

    pub(super) fn register() {
        // SAFETY: `atexit` is in the C runtime that std itself needs on these platforms, has this signature, and keeps
        // only the address of a function that lives as long as the program. If it fails, no summary is written.
        unsafe { atexit(ends) };
    }
}

#[cfg(any(not(any(unix, windows)), miri))]
mod system {
    pub(super) fn register() {}
}
