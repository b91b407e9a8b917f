// On which threads a guarded poll is a violation, by frames and by what tokio answers.
// expect: sleep std::thread::sleep @worker
// expect: sleep std::thread::sleep @current-thread
// expect: sleep std::thread::sleep @main
// expect: sleep std::thread::sleep @local-set
// expect: sleep std::thread::sleep @runtime-on-blocking-thread
// expect: sleep std::thread::sleep @plain
// forbid: @blocking-pool
// forbid: @block-on-there
// forbid: @in-place
// forbid: @in-place-below
// forbid: @offloaded
// only

use guard_runtime::NoBlock;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};

const NAP: Duration = Duration::from_millis(1);

async fn worker() {
    std::thread::sleep(NAP); // @worker
}
async fn current_thread() {
    std::thread::sleep(NAP); // @current-thread
}
async fn in_main() {
    std::thread::sleep(NAP); // @main
}
async fn local_set() {
    std::thread::sleep(NAP); // @local-set
}
async fn runtime_on_blocking_thread() {
    std::thread::sleep(NAP); // @runtime-on-blocking-thread
}
async fn plain() {
    std::thread::sleep(NAP); // @plain
}
async fn blocking_pool() {
    tokio::task::spawn_blocking(|| std::thread::sleep(NAP)).await.unwrap(); // @blocking-pool
}
async fn block_on_there() {
    std::thread::sleep(NAP); // @block-on-there
}
async fn in_place() {
    tokio::task::block_in_place(|| {
        std::thread::sleep(NAP); // @in-place
        Handle::current().block_on(in_place_below().no_block());
    });
}
async fn in_place_below() {
    tokio::task::yield_now().await;
    std::thread::sleep(NAP); // @in-place-below
}
async fn offloaded() {
    guard_runtime::offload(|| std::thread::sleep(NAP)).await; // @offloaded
}

pub(crate) fn main() {
    let many = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    many.block_on(async {
        tokio::spawn(worker().no_block()).await.unwrap();
        in_main().no_block().await;
        tokio::spawn(blocking_pool().no_block()).await.unwrap();
        tokio::spawn(offloaded().no_block()).await.unwrap();
        tokio::spawn(in_place().no_block()).await.unwrap();
        let there = || Handle::current().block_on(block_on_there().no_block());
        tokio::task::spawn_blocking(there).await.unwrap();
        let runtime = || {
            Builder::new_current_thread().build().unwrap().block_on(runtime_on_blocking_thread().no_block())
        };
        tokio::task::spawn_blocking(runtime).await.unwrap();
        let local = tokio::task::LocalSet::new();
        local.run_until(async { tokio::task::spawn_local(local_set().no_block()).await.unwrap() }).await;
    });
    Builder::new_current_thread().build().unwrap().block_on(current_thread().no_block());
    futures::executor::block_on(plain().no_block());
}
