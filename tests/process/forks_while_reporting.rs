// Children forked while our thread reports find no lock of ours held: each has its own workers armed, and its own thread.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=count
// expect: 20 of 20 children report their own call, and nothing of their parent's

use guard_runtime::stats;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Builder;

static DONE: AtomicBool = AtomicBool::new(false);

#[inline(never)]
fn left(bits: u32, depth: u32) {
    step(bits >> 1, depth - 1);
    black_box(());
}

#[inline(never)]
fn right(bits: u32, depth: u32) {
    step(bits >> 1, depth - 1);
    black_box(());
}

/// Each number takes another way here, so each is another stack to be judged.
fn step(bits: u32, depth: u32) {
    match (depth, bits & 1) {
        (0, _) => drop(std::fs::metadata("/etc")),
        (_, 0) => left(bits, depth),
        _ => right(bits, depth),
    }
}

fn is_well() -> bool {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { std::thread::sleep(Duration::from_millis(1)) });
    let (stats, status) = (stats(), guard_runtime::status());
    stats.violations() == 1 && status.is_armed() && status.why_no_thread().is_none()
}

pub(crate) fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let busy = runtime.spawn(async {
        let mut bits = 0;
        while !DONE.load(Ordering::Relaxed) {
            step(bits, 8);
            bits += 1;
            tokio::task::yield_now().await;
        }
    });
    let mut well = 0;
    for _ in 0..20 {
        // SAFETY: the child uses what is safe after `fork` on Linux: glibc's allocator, and threads of its own.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the child without running the parent's exit handlers a second time.
            unsafe { libc::_exit(if is_well() { 7 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: the pointer is to a local variable.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        well += usize::from(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7);
    }
    DONE.store(true, Ordering::Relaxed);
    runtime.block_on(busy).unwrap();
    eprintln!("{well} of 20 children report their own call, and nothing of their parent's");
}
