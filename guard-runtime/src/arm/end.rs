//! The end of a process with armed workers: what is still to be reported, and the status that it ends with.

use super::hand_over::{When, hand_over};
use super::runtimes;
use crate::config;
use crate::report::{self, End};

/// What a process ends with that would have ended well, had its armed workers not blocked. As after a panic.
const FAILED: i32 = 101;

/// `status`: what the process is about to end with, where that is known. `Some`: what it shall end with instead.
pub(crate) fn at_end(status: Option<i32>) -> Option<i32> {
    hand_over(When::ProcessEnd);
    let failed = runtimes::unclaimed();
    // Where the status is not known, a failure takes the place of another one at worst.
    let fails = failed > 0 && status.is_none_or(|status| status == 0);
    let status = if fails { Some(FAILED) } else { status };
    report::summary(&End { status, failed: if fails { failed } else { 0 } });
    if !fails {
        return None;
    }
    report::tell(&last_words(failed));
    Some(FAILED)
}

/// Where nothing else does, as with a file for the reports, this says who it is that fails.
fn last_words(failed: u64) -> String {
    let calls = if failed == 1 { "call" } else { "calls" };
    let reports = match &config::settings().output {
        Some(file) => format!("the reports are in {}", file.display()),
        None => "the reports are above".to_owned(),
    };
    let lost = match report::counted().lost() {
        0 => String::new(),
        lost => format!("; {lost} more were seen and lost"),
    };
    format!("ends with status {FAILED}: {failed} blocking {calls} on armed workers; {reports}{lost}")
}
