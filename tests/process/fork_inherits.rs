// What was seen before a fork is told once, by the parent: in a guarded poll, and on an armed worker. The child goes on from
// where it was, out of the poll and to its own end.
// env: NO_BLOCK_ARM=workers
// once: fs std::fs::metadata @before
// once: fs std::fs::metadata @noted
// once: fs std::fs::metadata @after
// once: "summary":
// forbid: @child
// expect: the child ends with 0, and reports 0

use std::time::Duration;

fn look() {
    let _ = std::fs::metadata("/etc/hostname");
}

fn fork() -> libc::pid_t {
    // SAFETY: the child uses what is safe after `fork` on Linux.
    unsafe { libc::fork() }
}

fn end(child: libc::pid_t) {
    let mut status = 0;
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert!(libc::WIFEXITED(status), "{status:#x}");
    let (status, found) = (libc::WEXITSTATUS(status), if libc::WEXITSTATUS(status) == 0 { 0 } else { 1 });
    eprintln!("the child ends with {status}, and reports {found}");
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn polls() -> libc::pid_t {
    let _ = std::fs::metadata("/etc/hostname"); // @before
    fork()
}

/// The child of a poll: out of the runtime, and to its end.
fn in_poll() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let child = runtime.block_on(polls());
    if child == 0 {
        std::thread::sleep(Duration::from_millis(1)); // @child
        let found = guard_runtime::stats().violations();
        std::process::exit(i32::try_from(found).unwrap());
    }
    end(child);
}

pub(crate) fn main() {
    in_poll();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let task = async {
        let _ = std::fs::metadata("/etc/hostname"); // @noted
        let child = fork();
        if child == 0 {
            look();
            let found = guard_runtime::stats().violations();
            // SAFETY: ends the child with what is registered for the end of a process, ours included.
            unsafe { libc::exit(i32::try_from(found).unwrap()) };
        }
        tokio::task::spawn_blocking(move || end(child)).await.unwrap();
        let _ = std::fs::metadata("/etc/hostname"); // @after
    };
    runtime.block_on(async { tokio::spawn(task).await.unwrap() });
}
