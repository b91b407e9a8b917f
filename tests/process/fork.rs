// A child forked inside an armed poll is not watched; the parent still is.
// expect: process fork @fork
// expect: sleep std::thread::sleep @parent
// forbid: @child
// expect: the child came to its end

use std::time::Duration;

fn forks() {
    // SAFETY: this program has one thread only that does anything, so the child may do what it likes.
    let child = unsafe { libc::fork() }; // @fork
    if child == 0 {
        std::thread::sleep(Duration::from_millis(1)); // @child
        eprintln!("the child came to its end");
        return;
    }
    // SAFETY: no pointer but null.
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    std::thread::sleep(Duration::from_millis(1)); // @parent
}

pub(crate) fn main() {
    let parent = std::process::id();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(guard_runtime::guard(async { forks() }));
    if std::process::id() != parent {
        // SAFETY: ends the child without running the parent's exit handlers a second time.
        unsafe { libc::_exit(0) };
    }
}
