// Sleeps that no hook sees: system calls made inline, as rustix makes them. Logged with the guarded function's place,
// never a panic. What a hook saw, what is excused, off the executor or outside of the poll, is not said again.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_LIMITS=all=never,other=always
// expect: other a sleep that no hook saw @inline
// expect: other a sleep that no hook saw @around
// expect: other a sleep that no hook saw @nested
// expect: "engine":"kernel"
// forbid: "engine":"intercept"
// forbid: panicked
// only

use guard_runtime::{NoBlock, allow_blocking, guard, no_block};
use std::sync::Mutex;
use std::time::Duration;

/// Long enough to be reported without being asked for.
const LONG: Duration = Duration::from_millis(130);

/// Past every hook.
fn inline_sleep() {
    let time = rustix::thread::Timespec { tv_sec: 0, tv_nsec: LONG.as_nanos() as _ };
    assert!(matches!(rustix::thread::nanosleep(&time), rustix::thread::NanosleepRelativeResult::Ok));
}

fn computes() -> u64 {
    let start = std::time::Instant::now();
    let mut sum = 0_u64;
    while start.elapsed() < LONG {
        sum = std::hint::black_box(sum.wrapping_add(1));
    }
    sum
}

fn locks() {
    let lock = std::sync::Arc::new(Mutex::new(()));
    let held = lock.lock().unwrap();
    let other = std::thread::spawn({
        let lock = lock.clone();
        move || drop(lock.lock().unwrap())
    });
    drop(held);
    other.join().unwrap();
}

#[tokio::main]
pub(crate) async fn main() {
    let spawn = |future: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| async {
        tokio::spawn(future).await.unwrap();
    };
    spawn(Box::pin(guard(async { inline_sleep() }))).await; // @inline
    // Before and behind a call that a hook sees, and an excuse.
    let around = async {
        std::thread::sleep(LONG);
        allow_blocking("a test", inline_sleep);
        inline_sleep();
        std::thread::sleep(LONG);
    };
    spawn(Box::pin(guard(around))).await; // @around
    let inner = guard(async { inline_sleep() }); // @nested
    spawn(Box::pin(guard(inner))).await;

    spawn(Box::pin(silent())).await;
}

#[no_block]
#[allow(deprecated)]
async fn silent() {
    std::thread::sleep(LONG);
    assert!(std::fs::read("Cargo.toml").is_ok());
    locks();
    tokio::time::sleep(LONG).await;
    allow_blocking("a test", inline_sleep);
    async { inline_sleep() }.allow_blocking("a test").await;
    tokio::task::yield_now().await;
    // The tasks of other workers compete for the processors meanwhile.
    let rivals: Vec<_> = (0..8).map(|_| std::thread::spawn(computes)).collect();
    assert!(computes() > 0);
    tokio::task::yield_now().await;
    tokio::task::spawn_blocking(|| futures::executor::block_on(guard(async { inline_sleep() }))).await.unwrap();
    tokio::task::spawn_blocking(move || rivals.into_iter().for_each(|rival| drop(rival.join()))).await.unwrap();
    // Whether a stackless sleep was inside is unknown, so it counts as inside.
    tokio::task::block_in_place(|| {
        assert!(std::fs::read("Cargo.toml").is_ok());
        inline_sleep();
    });
    tokio::task::yield_now().await;
    let caught = std::panic::catch_unwind(|| {
        struct Sleeps;
        impl Drop for Sleeps {
            fn drop(&mut self) {
                std::thread::sleep(LONG);
            }
        }
        let _sleeps = Sleeps;
        std::panic::resume_unwind(Box::new("caught"));
    });
    assert!(caught.is_err());
}
