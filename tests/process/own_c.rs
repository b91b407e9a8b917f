// A project's own C code keeps its line and its function, and the line of Rust that calls it stays in the text.
// env: NO_BLOCK_FORMAT=text
// expect: blocking call on an executor thread: pthread_cond_timedwait (channel), 
// expect: tests/process/native/receives.c:16
// expect: in c_receives
// expect: called from @receive
// expect: called from @updates
// expect: fix: move this call of a C function into `guard_runtime::offload(|| ..).await`
// forbid: hold the lock

use guard_runtime::no_block;

#[link(name = "receives", kind = "static")]
unsafe extern "C" {
    fn c_receives(milliseconds: i32) -> i32;
}

fn receive() -> i32 {
    // SAFETY: takes a number.
    unsafe { c_receives(40) } // @receive
}

#[no_block]
async fn updates() {
    assert_eq!(receive(), 0); // @updates
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(updates()).await.unwrap();
}
