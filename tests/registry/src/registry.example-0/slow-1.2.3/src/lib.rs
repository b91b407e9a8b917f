//! A dependency that blocks: in async code of its own, and in functions that its user calls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::sleep;
use std::time::Duration;

const NAP: Duration = Duration::from_millis(1);

/// Its own async code blocks, by a function of its own.
pub async fn fetch() -> u8 {
    let client = Client;
    client.get()
}

/// Its own task blocks.
pub fn start() -> tokio::task::JoinHandle<u8> {
    tokio::spawn(async { Client.get() })
}

/// It says so itself.
#[guard_runtime::no_block]
pub async fn guarded() -> u8 {
    Client.get()
}

/// A future that blocks when it is polled.
pub struct Answer;

impl Future for Answer {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        Poll::Ready(Client.get())
    }
}

/// A blocking client: whoever calls it from async code has to know.
pub struct Client;

impl Client {
    /// Blocks.
    pub fn get(&self) -> u8 {
        sleep(NAP);
        1
    }

    /// Blocks in what its user gave it.
    pub fn with<T>(&self, f: impl FnOnce(u8) -> T) -> T {
        f(1)
    }
}

/// Awaits what its user gave it.
pub async fn measure<F: Future>(future: F) -> F::Output {
    future.await
}

/// Blocks in a closure that it writes into its caller, as logging macros do.
#[macro_export]
macro_rules! logged {
    ($number:expr) => {{
        let logged = $number;
        (|number: u8| $crate::log(number))(logged)
    }};
}

/// Blocks.
pub fn log(number: u8) -> u8 {
    sleep(NAP);
    number
}

/// Asks which time zone this machine is in.
pub fn zone() -> Option<String> {
    std::fs::read_to_string("/etc/timezone").ok()
}

/// Has a thread of its own, which every call waits for.
pub struct Watcher {
    asks: std::sync::mpsc::Sender<std::sync::mpsc::Sender<u8>>,
}

impl Watcher {
    /// Starts its thread, and reads its settings.
    pub fn new() -> Watcher {
        let _settings = std::fs::read("/etc/passwd");
        let (asks, asked) = std::sync::mpsc::channel::<std::sync::mpsc::Sender<u8>>();
        std::thread::spawn(move || {
            for answer in asked {
                sleep(20 * NAP);
                let _ = answer.send(1);
            }
        });
        Watcher { asks }
    }

    /// Waits for the thread.
    pub fn watch(&self) -> u8 {
        let (answer, answered) = std::sync::mpsc::channel();
        let _ = self.asks.send(answer);
        answered.recv().unwrap_or(0)
    }
}

impl Default for Watcher {
    fn default() -> Watcher {
        Watcher::new()
    }
}

/// Waits for its thread when it is dropped.
pub struct Worker(Option<std::thread::JoinHandle<()>>);

impl Worker {
    /// Starts its thread.
    pub fn start() -> Worker {
        Worker(Some(std::thread::spawn(|| sleep(20 * NAP))))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.take().map(std::thread::JoinHandle::join);
    }
}
