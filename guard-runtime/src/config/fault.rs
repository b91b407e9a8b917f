//! Faults of our own: caught where they would reach the program, told in one line, and everything is off from then on.

use super::{OFF, STATE, region};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};

/// Why nothing is watched any more, whatever is configured.
static OUT_OF_ORDER: AtomicU8 = AtomicU8::new(WORKS);
const WORKS: u8 = 0;
/// A lock of ours is held by a thread that this forked child does not have.
const LOCKED: u8 = 1;
/// A panic of ours was caught.
const FAULT: u8 = 2;

/// Why nothing is watched any more, if so.
pub(crate) fn out_of_order() -> Option<&'static str> {
    match OUT_OF_ORDER.load(Ordering::Relaxed) {
        WORKS => None,
        LOCKED => Some("a forked child, whose parent was in the middle of a report"),
        _ => Some("switched off after a fault of its own"),
    }
}

/// Nothing is watched from now on: for a forked child that lacks the thread which holds one of our locks.
pub(crate) fn lock_out() {
    switch_off(LOCKED);
}

fn switch_off(why: u8) -> bool {
    STATE.store(OFF, Ordering::Relaxed);
    OUT_OF_ORDER.swap(why, Ordering::Relaxed) == WORKS
}

/// Runs what is ours between a program's call and its own code. A panic in it ends here: the program goes on unwatched.
/// `None` if there was one. `what`: where it was caught.
///
/// No code but ours may run in it: a thread of C is cancelled by unwinding, which nothing may catch.
#[inline]
pub(crate) fn contain<T>(what: &str, f: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(out) => Some(out),
        Err(payload) => {
            // What is in it was made by a panic; its destructor shall not be the next fault.
            std::mem::forget(payload);
            tell(what);
            None
        }
    }
}

#[cold]
#[inline(never)]
fn tell(what: &str) {
    let _quiet = region::quiet();
    if switch_off(FAULT) {
        let text = format!(
            "guard: a fault of its own, in {what}: nothing is watched from here on; please report it\n"
        );
        // Nobody is left to tell when stderr is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

#[cfg(all(test, unix, not(miri)))]
mod tests {
    use super::*;
    use crate::config::{Config, install, is_off};

    const CHILD: &str = "GUARD_FAULT_CHILD";

    /// In a process of its own, which it leaves unwatched.
    #[test]
    fn a_fault_is_one_line_and_the_program_goes_on_unwatched() {
        if std::env::var_os(CHILD).is_some() {
            assert_eq!(contain("nothing", || 7), Some(7));
            for what in ["a test", "another one"] {
                assert_eq!(contain(what, || assert_eq!(1, 2, "made to fail")), None);
            }
            install(Config::new());
            assert!(is_off() && !crate::status().is_armed(), "{}", crate::status());
            return;
        }
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let test = "config::fault::tests::a_fault_is_one_line_and_the_program_goes_on_unwatched";
        let output = child.args([test, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let lines: Vec<&str> = stderr.lines().filter(|line| line.starts_with("guard: ")).collect();
        assert!(matches!(lines[..], [line] if line.contains("a fault of its own, in a test")), "{stderr}");
    }
}
