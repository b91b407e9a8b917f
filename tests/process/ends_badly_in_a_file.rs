// A process that its reports have fail says so on standard error, though the reports are elsewhere, as JSON.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_OUTPUT=/dev/null
// exit: panic
// expect: guard: ends with status 101: 1 blocking call on armed workers; the reports are in /dev/null
// forbid: panicked

use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() {
    std::thread::sleep(Duration::from_millis(1));
}
