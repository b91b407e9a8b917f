//! The summary line at the end of a process that wrote JSON.

use std::sync::Once;

/// Has [`summary`] run when the process ends.
#[cfg_attr(not(feature = "json"), allow(dead_code))]
pub(super) fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        #[cfg(all(any(unix, windows), not(miri)))]
        {
            unsafe extern "C" {
                fn atexit(callback: extern "C" fn()) -> std::ffi::c_int;
            }
            extern "C" fn at_exit() {
                // Unwinding out of here would abort a process that is ending well.
                let _ = std::panic::catch_unwind(summary);
            }
            // SAFETY: `atexit` is in the C runtime that std itself needs on these platforms, has this signature, and
            // keeps only the address of a function that lives as long as the program.
            // The only failure is that no summary is written.
            let _ = unsafe { atexit(at_exit) };
        }
    });
}

/// Writes the summary, if the format is JSON and something was found.
pub(super) fn summary() {
    #[cfg(feature = "json")]
    {
        let _quiet = crate::region::quiet();
        let settings = crate::config::settings();
        let stats = super::stats();
        if settings.format == crate::config::Format::Json && stats.violations() > 0 {
            super::sink::write(&settings, &super::json::summary(&stats));
        }
    }
}
