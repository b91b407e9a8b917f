#![deny(deprecated)]

use guard_runtime::no_block;
use std::thread::{self, sleep};
use std::time::Duration;

#[no_block]
async fn full_path() {
    std::thread::sleep(Duration::from_millis(1));
}

#[no_block]
async fn module_import() {
    thread::park();
    thread::park_timeout(Duration::from_millis(1));
}

#[no_block]
async fn item_import(retries: u32) -> u32 {
    match retries {
        0 => 0,
        n => {
            sleep(Duration::from_millis(1));
            n
        }
    }
}

#[no_block]
async fn join(workers: Vec<thread::JoinHandle<u32>>) -> u32 {
    let mut sum = 0;
    for worker in workers {
        sum += worker.join().unwrap();
    }
    thread::spawn(|| 1).join().unwrap() + sum
}

#[no_block]
async fn join_scoped<'scope>(worker: thread::ScopedJoinHandle<'scope, u32>) -> u32 {
    worker.join().unwrap()
}

#[no_block]
async fn scope() -> u32 {
    thread::scope(|scope| {
        let worker = scope.spawn(|| 1);
        worker.join().unwrap()
    })
}

#[no_block]
async fn within_a_scope(path: &std::path::Path) -> bool {
    thread::scope(|scope| {
        scope.spawn(|| path.is_dir());
        path.is_file()
    })
}

#[no_block]
async fn hidden_elsewhere(limit: Duration) {
    use std::thread::sleep;
    {
        let sleep = |limit: Duration| limit;
        sleep(limit);
    }
    sleep(limit);
}

/// Only where the argument itself is zero, nothing waits.
#[no_block]
async fn zero_inside(limit: Option<Duration>, sender: std::sync::mpsc::SyncSender<Duration>) {
    thread::sleep(limit.unwrap_or(Duration::ZERO));
    let _ = sender.send(Duration::ZERO);
}

fn main() {}
