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
        // Where the status is not known, a failure takes the place of another one at worst.
        if failed == 0 || status.is_some_and(|status| status != 0) {
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

#[cfg(all(any(unix, windows), not(miri)))]
mod system {
    use std::ffi::{c_int, c_void};
    use std::ptr;

    unsafe extern "C" {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        fn on_exit(callback: extern "C" fn(c_int, *mut c_void), data: *mut c_void) -> c_int;
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        fn atexit(callback: extern "C" fn()) -> c_int;
        // Again: glibc then goes on with what is still to be run.
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        fn exit(status: c_int) -> !;
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        fn fflush(stream: *mut c_void) -> c_int;
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        fn _exit(status: c_int) -> !;
    }

    fn end(status: Option<c_int>) {
        if let Some(status) = super::at_exit(status) {
            // SAFETY: it ends a process that was ending, on the thread that ends it.
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            unsafe {
                exit(status)
            };
            // SAFETY: null means all streams of C, which nobody would flush any more; the rest as above.
            #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
            unsafe {
                fflush(ptr::null_mut());
                _exit(status)
            };
        }
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    extern "C" fn ends(status: c_int, _: *mut c_void) {
        end(Some(status));
    }

    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    extern "C" fn ends() {
        end(None);
    }

    pub(super) fn register() {
        // SAFETY: the C library that std itself needs has this function, with this signature; it keeps the address of a
        // function that lives as long as the program, and a null pointer that nobody follows. If it fails, nothing is
        // handed over at the end.
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        unsafe {
            on_exit(ends, ptr::null_mut())
        };
        // SAFETY: as above.
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        unsafe {
            atexit(ends)
        };
    }
}

#[cfg(any(not(any(unix, windows)), miri))]
mod system {
    pub(super) fn register() {}
}
