// Services that put themselves into the background, by two forks, from where nothing may be watched: from a task of an armed
// worker and from a guarded poll. Silent until they run a runtime of their own, on a thread of its own or on the one that
// was forked, and armed from then on.
// env: NO_BLOCK_ARM=workers
// once: sleep std::thread::sleep @on-a-thread
// once: sleep std::thread::sleep @on-the-same
// once: sleep std::thread::sleep @guarded
// once: sleep std::thread::sleep @parent
// expect: the worker's daemon ends with 0
// expect: the poll's daemon ends with 0
// forbid: @silent
// forbid: panicked

use std::time::Duration;
use tokio::runtime::Builder;

const NAP: Duration = Duration::from_millis(1);

fn wait(child: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { status }
}

fn fork() -> libc::pid_t {
    // SAFETY: the child uses what is safe after `fork` on Linux: glibc's allocator, and threads of its own.
    unsafe { libc::fork() }
}

/// Forks twice; the child in between ends with what its child ends with. Whether this is the grandchild, else its status.
fn daemon() -> Result<(), i32> {
    let child = fork();
    if child != 0 {
        return Err(wait(child));
    }
    std::thread::sleep(NAP); // @silent
    let grandchild = fork();
    if grandchild != 0 {
        // SAFETY: ends the child without anything registered for the end of a process.
        unsafe { libc::_exit(wait(grandchild)) };
    }
    // SAFETY: it has no arguments.
    unsafe { libc::setsid() };
    std::thread::sleep(NAP);
    let _ = std::fs::metadata("/etc/hostname");
    Ok(())
}

fn from_a_worker() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let task = async {
        if let Err(status) = daemon() {
            return status;
        }
        let serve = || {
            let own = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            own.block_on(async { tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap() }); // @on-a-thread
        };
        std::thread::spawn(serve).join().unwrap();
        std::process::exit(0);
    };
    let status = runtime.block_on(async { tokio::spawn(task).await.unwrap() });
    eprintln!("the worker's daemon ends with {status}");
}

fn from_a_poll() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let status = runtime.block_on(guard_runtime::guard(async { daemon() }));
    if let Err(status) = status {
        eprintln!("the poll's daemon ends with {status}");
        return;
    }
    let own = Builder::new_current_thread().enable_all().build().unwrap();
    own.block_on(async { tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap() }); // @on-the-same
    own.block_on(guard_runtime::guard(async { std::thread::sleep(NAP) })); // @guarded
    std::process::exit(0);
}

pub(crate) fn main() {
    from_a_worker();
    from_a_poll();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { std::thread::sleep(NAP) }); // @parent
}
