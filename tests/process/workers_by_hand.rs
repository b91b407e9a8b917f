// `build_armed` arms its own runtime and no other one, in both flavors.
// expect: sleep std::thread::sleep @many
// expect: sleep std::thread::sleep @one
// expect: sleep std::thread::sleep @one-root
// forbid: @other
// forbid: @main
// forbid: @started
// only

use guard_runtime::build_armed;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const NAP: Duration = Duration::from_millis(1);

pub(crate) fn main() {
    let many = build_armed(
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            // The user's own callbacks stay in force.
            .on_thread_start(|| std::thread::sleep(NAP)), // @started
    )
    .unwrap();
    let one = build_armed(&mut Builder::new_current_thread()).unwrap();
    let other = Runtime::new().unwrap();
    many.block_on(async {
        std::thread::sleep(NAP); // @main
        tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap(); // @many
    });
    one.block_on(async {
        std::thread::sleep(NAP); // @one-root
        tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap(); // @one
    });
    other.block_on(async { tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap() }); // @other
}
