#![deny(deprecated)]

use guard_runtime::no_block;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[no_block]
async fn channels(receiver: &Receiver<u8>, sender: SyncSender<u8>) -> Result<u8, RecvTimeoutError> {
    sender.send(1).unwrap();
    receiver.recv()?;
    receiver.recv_timeout(Duration::from_secs(1))
}

/// Locks are allowed unless asked for.
#[no_block]
async fn lock_by_default(shared: Arc<Mutex<u8>>) -> u8 {
    *shared.lock().unwrap()
}

#[no_block(warn(lock))]
async fn lock(shared: Arc<Mutex<u8>>) -> u8 {
    let first = *shared.lock().unwrap();
    first + *std::sync::Mutex::new(1).lock().unwrap()
}

#[no_block(warn(all), allow(channel))]
async fn one_kind_allowed(receiver: &Receiver<u8>, shared: &Mutex<u8>) -> u8 {
    receiver.recv().unwrap() + *shared.lock().unwrap()
}

#[no_block(warn(lock))]
async fn other_locks(
    shared: &std::sync::RwLock<u8>,
    condition: &std::sync::Condvar,
    barrier: &std::sync::Barrier,
    guard: std::sync::MutexGuard<'_, bool>,
) -> u8 {
    *shared.write().unwrap() += 1;
    barrier.wait();
    drop(condition.wait_while(guard, |ready| !*ready).unwrap());
    *shared.read().unwrap()
}

/// By default the waits warn, and the locks do not.
#[no_block]
async fn waits_by_default(condition: &std::sync::Condvar, barrier: &std::sync::Barrier, lock: &Mutex<bool>) {
    barrier.wait();
    drop(condition.wait(lock.lock().unwrap()).unwrap());
}

/// Stable since Rust 1.89.
#[no_block(warn(lock))]
async fn file_locks(file: &std::fs::File) -> std::io::Result<()> {
    file.lock()?;
    file.lock_shared()
}

#[no_block(warn(lock))]
async fn conditions(condition: &std::sync::Condvar, lock: &Mutex<bool>) {
    let guard = condition.wait(lock.lock().unwrap()).unwrap();
    let (guard, _) = condition.wait_timeout(guard, Duration::from_secs(1)).unwrap();
    drop(condition.wait_timeout_while(guard, Duration::from_secs(1), |ready| !*ready).unwrap());
}

#[no_block]
async fn iterated(receiver: Receiver<u8>) -> usize {
    receiver.iter().count()
}

fn main() {}
