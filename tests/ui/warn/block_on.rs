#![deny(deprecated)]

use futures::executor::block_on;
use guard_runtime::no_block;
use tokio::runtime::{Handle, Runtime};

#[no_block]
async fn of_futures() -> u8 {
    block_on(async { 1 }) + futures::executor::block_on(async { 2 })
}

#[no_block]
async fn of_tokio(runtime: &Runtime) -> u8 {
    Handle::current().block_on(async { 1 }) + runtime.block_on(async { 2 })
}

#[no_block]
async fn local(set: &tokio::task::LocalSet, runtime: &Runtime) {
    set.block_on(runtime, async {});
}

#[no_block]
async fn what_panics_in_async_code(
    mutex: &tokio::sync::Mutex<u8>,
    lock: std::sync::Arc<tokio::sync::RwLock<u8>>,
    sender: tokio::sync::mpsc::Sender<u8>,
    receiver: &mut tokio::sync::mpsc::Receiver<u8>,
    once: tokio::sync::oneshot::Receiver<u8>,
) -> u8 {
    *lock.blocking_write() += *mutex.blocking_lock() + *lock.blocking_read();
    sender.blocking_send(1).unwrap();
    receiver.blocking_recv().unwrap() + once.blocking_recv().unwrap()
}

#[no_block]
async fn more_of_it(
    mutex: std::sync::Arc<tokio::sync::Mutex<u8>>,
    mut receiver: tokio::sync::mpsc::Receiver<u8>,
    mut all: tokio::sync::broadcast::Receiver<u8>,
    runtime: Runtime,
) -> usize {
    let _ = all.blocking_recv();
    *mutex.blocking_lock_owned() += 1;
    let received = receiver.blocking_recv_many(&mut Vec::new(), 1);
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    received
}

#[no_block]
async fn streamed() -> usize {
    futures::executor::block_on_stream(futures::stream::iter([1])).count()
}

fn main() {}
