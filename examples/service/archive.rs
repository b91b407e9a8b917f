//! The archive: another machine, which takes its time and bears some calls at once.

use std::time::Duration;

/// How long it takes for a line.
const TIME: Duration = Duration::from_millis(25);

/// Stores a line, and waits for the receipt.
pub(crate) fn store(line: &str) -> usize {
    std::thread::sleep(TIME);
    line.len()
}
