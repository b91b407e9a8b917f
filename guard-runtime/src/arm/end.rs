//! The end of a process with armed workers: what is still to be reported, and the status that it ends with.

use super::hand_over::{When, hand_over};
use super::runtimes;
use crate::config::{self, Format};
use crate::report;

/// What a process ends with that would have ended well, had its armed workers not blocked. As after a panic.
const FAILED: i32 = 101;

/// `status`: what the process is about to end with, where that is known. `Some`: what it shall end with instead.
pub(crate) fn at_end(status: Option<i32>) -> Option<i32> {
    hand_over(When::ProcessEnd);
    report::summary();
    let failed = runtimes::unclaimed();
    // Where the status is not known, a failure takes the place of another one at worst.
    if failed == 0 || status.is_some_and(|status| status != 0) {
        return None;
    }
    if config::settings().format == Format::Text {
        let calls = if failed == 1 { "call" } else { "calls" };
        report::say(&format!("guard: ends with status {FAILED}: {failed} blocking {calls} on armed workers"));
    }
    Some(FAILED)
}
