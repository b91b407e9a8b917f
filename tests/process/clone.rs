// A child that was copied by a way of which nobody is told, the system call itself: silent like any other, and nothing that its
// parent has seen is told twice.
// env: NO_BLOCK_ARM=workers
// expect: the poll's ends with 0
// expect: the worker's ends with 0
// once: fs std::fs::metadata @poll
// once: fs std::fs::metadata @worker
// once: "summary":
// forbid: @child
// forbid: panicked

use std::time::Duration;

fn copy() -> libc::pid_t {
    // SAFETY: without flags it is a `fork` that runs no handlers; the child has one thread, and uses what it may.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    libc::pid_t::try_from(child).unwrap()
}

/// The child, to its end; of the parent's, how that was.
fn end(child: libc::pid_t, whose: &str) {
    if child == 0 {
        std::thread::sleep(Duration::from_millis(1)); // @child
        let found = guard_runtime::stats().violations();
        // SAFETY: ends the child with what is registered for the end of a process, ours included.
        unsafe { libc::exit(i32::try_from(found).unwrap()) };
    }
    let mut status = 0;
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    eprintln!("{whose} ends with {status}");
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn polls() -> libc::pid_t {
    let _ = std::fs::metadata("/etc/hostname"); // @poll
    copy()
}

pub(crate) fn main() {
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    end(one.block_on(polls()), "the poll's");
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let task = async {
        let _ = std::fs::metadata("/etc/hostname"); // @worker
        end(copy(), "the worker's");
    };
    many.block_on(async { tokio::spawn(task).await.unwrap() });
}
