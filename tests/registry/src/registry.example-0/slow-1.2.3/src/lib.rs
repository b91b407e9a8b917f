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
