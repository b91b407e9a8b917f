// A lock is judged by a clock: its wait is logged, and neither a poll nor a test fails by it.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// expect: blocking call on an executor thread: std::sync::Mutex::lock (lock), 
// expect: at @waits
// expect: the guarded poll went on
// expect: the asserted future went on
// expect: the task went on
// forbid: panicked

use guard_runtime::{Action, Kind, NoBlock, testing};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

static MUTEX: Mutex<()> = Mutex::new(());

/// Takes the lock while another thread has it.
fn contend() {
    let (held, holds) = mpsc::channel();
    let holder = std::thread::spawn(move || {
        let guard = MUTEX.lock().unwrap();
        held.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(150));
        drop(guard);
    });
    while holds.try_recv().is_err() {}
    drop(MUTEX.lock().unwrap()); // @waits
    while !holder.is_finished() {}
}

#[guard_runtime::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn main() {
    tokio::spawn(async { contend() }.no_block()).await.unwrap();
    eprintln!("the guarded poll went on");
    testing::assert_no_block(async { contend() }).await;
    eprintln!("the asserted future went on");
    let found = testing::capture(async { contend() }).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].kind(), found[0].action()), (Kind::Lock, Action::Log));
    assert!(found[0].elapsed() > Duration::from_millis(1) && found[0].slept() == Some(true));
    // Nor does the end of this runtime fail.
    tokio::spawn(async { contend() }).await.unwrap();
    eprintln!("the task went on");
}
