// Sleeps of std and of C, none of them of length zero.
// expect: sleep std::thread::sleep @sleep
// expect: sleep libc::usleep @usleep
// expect: sleep nanosleep @nanosleep
// expect: sleep poll @poll
// forbid: @zero
// forbid: @poll-at-once
// forbid: "slept":false
// only

use std::ptr::null_mut;
use std::time::Duration;

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn sleeps() {
    std::thread::sleep(Duration::from_millis(2)); // @sleep
    std::thread::sleep(Duration::ZERO); // @zero
    let time = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    // SAFETY: the pointers are null or to a local variable.
    unsafe {
        libc::usleep(1000); // @usleep
        libc::nanosleep(&time, null_mut()); // @nanosleep
        libc::poll(null_mut(), 0, 2); // @poll
        libc::poll(null_mut(), 0, 0); // @poll-at-once
    }
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(sleeps()).await.unwrap();
}
