// Starting child processes and waiting for them, by std and by C.
// expect: process std::process::Command::output @output
// expect: process std::process::Command::status @status
// expect: process std::process::Command::spawn @spawn
// expect: process std::process::Child::wait @wait
// expect: process system @system
// expect: process fork @fork
// expect: process waitpid @waitpid
// forbid: @at-once
// forbid: the child was watched
// only

use std::process::Command;
use std::ptr::null_mut;

fn fork() {
    // SAFETY: the child calls only what a forked child may call.
    unsafe {
        let child = libc::fork(); // @fork
        if child == 0 {
            libc::usleep(1000);
            libc::_exit(0);
        }
        libc::waitpid(child, null_mut(), libc::WNOHANG); // @at-once
        libc::waitpid(child, null_mut(), 0); // @waitpid
    }
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn processes() {
    Command::new("true").output().unwrap(); // @output
    Command::new("true").status().unwrap(); // @status
    let mut child = Command::new("sleep").arg("0.01").spawn().unwrap(); // @spawn
    child.wait().unwrap(); // @wait
    // SAFETY: the text is NUL-terminated.
    unsafe { libc::system(c"true".as_ptr()) }; // @system
    fork();
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(processes()).await.unwrap();
}
