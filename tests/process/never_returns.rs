// A call that has not returned when the program ends is reported by its end, guarded or on an armed worker.
// env: NO_BLOCK_ARM=workers
// expect: channel std::sync::mpsc::Receiver::recv @guarded
// expect: channel crossbeam_channel::Receiver::recv @armed
// expect: fs std::fs::metadata @before
// expect: "in_flight":true
// expect: "message":"has not returned: blocking call on an executor thread: std::sync::mpsc::Receiver::recv"
// forbid: "message":"has not returned: blocking call on an executor thread: std::fs::metadata"
// expect: "violations":3
// only

use guard_runtime::NoBlock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use tokio::runtime::Builder;

static STARTED: AtomicUsize = AtomicUsize::new(0);

async fn guarded() {
    let (_tx, rx) = mpsc::channel::<()>();
    let _ = std::fs::metadata("/etc"); // @before
    STARTED.fetch_add(1, Ordering::Relaxed);
    let _ = rx.recv(); // @guarded
}

async fn armed() {
    let (_tx, rx) = crossbeam_channel::bounded::<()>(0);
    STARTED.fetch_add(1, Ordering::Relaxed);
    let _ = rx.recv(); // @armed
}

/// Whether every worker is asleep.
fn workers_sleep() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let stats = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok());
    stats.filter(|stat| stat.contains("(tokio-rt-worker)")).all(|stat| stat.contains(") S "))
}

pub(crate) fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.spawn(guarded().no_block());
    runtime.spawn(armed());
    while STARTED.load(Ordering::Relaxed) < 2 || !workers_sleep() {
        std::thread::yield_now();
    }
    runtime.shutdown_background();
}
