// Each kind can have an action of its own, also one that a clock judges.
// env: NO_BLOCK_ACTION=log,lock=panic,fs=off,dns=count
// env: NO_BLOCK_FORMAT=text
// expect: blocking call on an executor thread: std::thread::sleep (sleep)
// expect: the lock panics: blocking call on an executor thread: std::sync::Mutex::lock (lock)
// expect: asserting panics as well
// expect: counted: sleep 1, fs 0, dns 1, lock 1
// forbid: (fs)
// forbid: (dns)

use guard_runtime::{Kind, NoBlock, stats, testing};
use std::net::ToSocketAddrs;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

static MUTEX: Mutex<()> = Mutex::new(());

fn contend() {
    let (held, holds) = mpsc::channel();
    let holder = std::thread::spawn(move || {
        let guard = MUTEX.lock().unwrap();
        held.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(150));
        drop(guard);
    });
    while holds.try_recv().is_err() {}
    drop(MUTEX.lock().unwrap());
    while !holder.is_finished() {}
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(async { std::thread::sleep(Duration::from_millis(1)) }.no_block()).await.unwrap();
    tokio::spawn(async { assert!(std::fs::metadata("/").is_ok()) }.no_block()).await.unwrap();
    tokio::spawn(async { drop("localhost:80".to_socket_addrs()) }.no_block()).await.unwrap();
    let panicked = tokio::spawn(async { contend() }.no_block()).await.unwrap_err().into_panic();
    let text = panicked.downcast_ref::<String>().expect("a text");
    eprintln!("the lock panics: {}", text.lines().next().unwrap_or_default());
    tokio::spawn(testing::assert_no_block(async { contend() })).await.expect_err("the kind is configured");
    eprintln!("asserting panics as well");
    let of = |kind| stats().of(kind);
    eprintln!(
        "counted: sleep {}, fs {}, dns {}, lock {}",
        of(Kind::Sleep),
        of(Kind::Fs),
        of(Kind::Dns),
        of(Kind::Lock)
    );
}
