// Without rseq (here glibc is told not to register it) the thread's account is asked in every poll: the same verdicts.
// A kind that has an action of its own has no exceptions: told to panic, a sleep that no hook saw panics.
// env: GLIBC_TUNABLES=glibc.pthread.rseq=0
// env: NO_BLOCK_ACTION=log,other=panic
// exit: panic
// expect: other a sleep that no hook saw @inline
// expect: blocking call on an executor thread: a sleep that no hook saw (other), 
// expect: sleep std::thread::sleep @hooked
// forbid: @silent
// only

use guard_runtime::guard;
use std::time::Duration;

fn inline_sleep() {
    let time = rustix::thread::Timespec { tv_sec: 0, tv_nsec: 60_000_000 };
    assert!(matches!(rustix::thread::nanosleep(&time), rustix::thread::NanosleepRelativeResult::Ok));
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() {
    let status = guard_runtime::status();
    assert!(status.engines().all(|engine| engine.is_armed()), "{status}");
    guard(async { std::thread::sleep(Duration::from_millis(60)) }).await; // @hooked
    guard(async { tokio::time::sleep(Duration::from_millis(60)).await }).await; // @silent
    inline_sleep();
    guard(async { inline_sleep() }).await; // @inline
}
