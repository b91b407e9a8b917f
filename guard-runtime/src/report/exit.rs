//! The end of the process: what is run then, and the summary.

use crate::config::{self, Action, Format};
use crate::engines::upcalls;
use crate::region;
use crate::thread::process::{self, Memory};
use std::sync::OnceLock;

/// Given what the process is about to end with, where that is known. `Some`: what it shall end with instead.
type AtEnd = fn(Option<i32>) -> Option<i32>;

static AT_END: OnceLock<AtEnd> = OnceLock::new();

/// Has a function run when the process ends: the first one that is given.
pub(crate) fn register(at_end: AtEnd) {
    if AT_END.set(at_end).is_ok() {
        system::register();
    }
}

#[cfg_attr(any(not(any(unix, windows)), miri), allow(dead_code))] // Not every system has a way to run it.
fn at_end(status: Option<i32>) -> Option<i32> {
    match process::memory() {
        Memory::Own => {}
        Memory::Copied => upcalls::in_child(),
        // What there is to be told is its parent's.
        Memory::Borrowed => return None,
    }
    // Locks of ours may be held for ever then.
    if config::out_of_order().is_some() {
        return None;
    }
    let _quiet = region::quiet();
    // Unwinding out of here would abort a process that is ending well.
    config::contain("the end of the process", || AT_END.get().and_then(|at_end| at_end(status))).flatten()
}

/// How a process ends.
#[cfg_attr(not(feature = "json"), allow(dead_code))]
pub(crate) struct End {
    /// What it ends with, where that is known.
    pub(crate) status: Option<i32>,
    /// How many violations it fails by.
    pub(crate) failed: u64,
}

impl End {
    /// By the action abort.
    pub(super) fn aborted() -> End {
        End { status: None, failed: 1 }
    }

    /// Why it ends with that.
    #[cfg(feature = "json")]
    pub(super) fn reason(&self) -> String {
        match self.failed {
            0 => "the program's own".to_owned(),
            1 => "1 blocking call".to_owned(),
            failed => format!("{failed} blocking calls"),
        }
    }
}

/// Writes the summary: an object if the format is JSON and something was found, and whenever the output is a file; a line
/// in verbose mode. Otherwise nothing, but that calls were lost.
pub(crate) fn summary(end: &End) {
    let _quiet = region::quiet();
    let (settings, stats) = (config::settings(), super::counted());
    if settings.verbose {
        let proof = super::proof::get().map_or_else(String::new, |proof| format!("{proof}; "));
        let (violations, lost) = (stats.violations(), stats.lost());
        super::tell(&format!("{proof}{violations} violations, {lost} calls lost"));
    } else if stats.lost() > 0 && settings.action >= Action::Log && settings.format == Format::Text {
        super::sink::write(&settings, &format!("guard: {} blocking calls were lost", stats.lost()));
    }
    #[cfg(feature = "json")]
    {
        let found = stats.violations() > 0 || stats.lost() > 0;
        if settings.output.is_some() || settings.format == Format::Json && found {
            super::sink::write(&settings, &super::json::summary(&stats, super::proof::get().as_ref(), end));
        }
    }
    #[cfg(not(feature = "json"))]
    let _ = end;
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
        if let Some(status) = super::at_end(status) {
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
