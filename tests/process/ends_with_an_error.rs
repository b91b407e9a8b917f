// A `main` of ours whose task has blocked: its own error is shown, then it fails by the task.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// exit: panic
// expect: blocking call on an executor thread: std::thread::sleep (sleep)
// expect: at tests/process/ends_with_an_error.rs:18
// expect: Error: "the program's own"
// expect: tasks of this runtime have blocked its workers (see the reports above):
// expect: std::thread::sleep (sleep) at tests/process/ends_with_an_error.rs:18:13, 3 times
// forbid: guard: ends with status

use std::time::Duration;

#[guard_runtime::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn main() -> Result<(), String> {
    let nap = || {
        tokio::spawn(async {
            std::thread::sleep(Duration::from_millis(1));
        })
    };
    for task in [nap(), nap(), nap()] {
        task.await.unwrap();
    }
    Err("the program's own".to_owned())
}
