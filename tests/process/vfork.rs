// Children that borrow their parent's memory, by `vfork` and by `posix_spawn`: what they do is not told, and wherever they end,
// in the middle of a blocking call too, the parent is watched as before.
// env: NO_BLOCK_ARM=workers
// expect: worker: executed 0, ended 7, killed 9
// expect: poll: executed 0, ended 7, killed 9
// expect: spawned: 0 and 0
// once: fs std::fs::metadata @worker-before
// once: fs std::fs::metadata @worker-after
// once: fs std::fs::metadata @poll-before
// once: fs std::fs::metadata @poll-after
// expect: process posix_spawn @spawns
// once: fs std::fs::metadata @spawned-after
// forbid: "kind":"sleep"
// forbid: "kind":"fs","api":"c_child"
// forbid: panicked

use std::ffi::{c_int, c_uint};
use std::sync::atomic::{AtomicI32, Ordering};

#[link(name = "calls", kind = "static")]
unsafe extern "C" {
    /// A child of `vfork` that sleeps, looks at a file, and then executes a program (0), ends (1), or waits to be killed
    /// after it has stored its number (2). Its status, as `waitpid` gives it.
    fn c_child(how: c_int, number: *const AtomicI32, microseconds: c_uint) -> c_int;
}

static CHILD: AtomicI32 = AtomicI32::new(0);

/// Kills the child once it sleeps in its call.
fn kill() {
    let asleep = |child: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S'))
    };
    loop {
        let child = CHILD.load(Ordering::Acquire);
        if child != 0 && asleep(child) {
            // SAFETY: the child is there until it has been waited for.
            unsafe { libc::kill(child, libc::SIGKILL) };
            return;
        }
        std::thread::yield_now();
    }
}

fn children(who: &str) {
    CHILD.store(0, Ordering::Release);
    let killer = std::thread::spawn(kill);
    // SAFETY: the child does what one of `vfork` may, and the pointer is to a static.
    let [executed, ended, killed] = [0, 1, 2].map(|how| unsafe { c_child(how, &raw const CHILD, 1000) });
    drop(killer);
    let (executed, ended) = (libc::WEXITSTATUS(executed), libc::WEXITSTATUS(ended));
    eprintln!("{who}: executed {executed}, ended {ended}, killed {}", libc::WTERMSIG(killed));
}

fn spawns() -> c_int {
    let mut child = 0;
    let arguments = [c"true".as_ptr().cast_mut(), std::ptr::null_mut()];
    // SAFETY: texts are NUL-terminated and lists end with null; the result is waited for.
    let spawned = unsafe {
        let (files, attributes, environment) = (std::ptr::null(), std::ptr::null(), std::ptr::null());
        libc::posix_spawn(&raw mut child, c"/bin/true".as_ptr(), files, attributes, arguments.as_ptr(), environment) // @spawns
    };
    let mut status = -1;
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    eprintln!("spawned: {spawned} and {status}");
    status
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn polls() {
    let _ = std::fs::metadata("/etc/hostname"); // @poll-before
    children("poll");
    let _ = std::fs::metadata("/etc/hostname"); // @poll-after
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
pub(crate) async fn main() {
    let task = async {
        let _ = std::fs::metadata("/etc/hostname"); // @worker-before
        children("worker");
        let _ = std::fs::metadata("/etc/hostname"); // @worker-after
    };
    tokio::spawn(task).await.unwrap();
    tokio::spawn(polls()).await.unwrap();
    let task = async {
        spawns();
        let _ = std::fs::metadata("/etc/hostname"); // @spawned-after
    };
    tokio::spawn(task).await.unwrap();
}
