// Without a guard and without an end of ours, the process ends badly: after its reports, with the status of a panic.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// exit: panic
// expect: blocking call on an executor thread: std::thread::sleep (sleep)
// expect: in the task of process::process::ends_badly::main
// expect: guard: ends with status 101: 2 blocking calls on armed workers
// forbid: panicked

use std::time::Duration;

#[tokio::main(worker_threads = 1)]
pub(crate) async fn main() {
    for _ in 0..2 {
        // The value still arrives: nothing panics where the call is made.
        let task = tokio::spawn(async {
            std::thread::sleep(Duration::from_millis(1));
            42
        });
        assert_eq!(task.await.unwrap(), 42);
        // A timer has the worker wait for events, where it reports.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
