//! Off means the original body: in release builds an annotated fn's future has the size of the plain one.

#![cfg(not(debug_assertions))]

use guard_runtime::no_block;
use std::time::Duration;

macro_rules! twice {
    ($($name:ident($($arg:ident: $ty:ty),*) $body:block)*) => {
        mod plain {
            $(#[allow(dead_code)] pub(super) async fn $name($($arg: $ty),*) -> usize $body)*
        }
        mod annotated {
            use super::no_block;
            $(#[no_block(deny(all), allow(fs, sleep, lock))] pub(super) async fn $name($($arg: $ty),*) -> usize $body)*
        }
        #[test]
        fn sizes_are_the_same() {
            $(
                assert_eq!(
                    size_of_output(&plain::$name),
                    size_of_output(&annotated::$name),
                    stringify!($name),
                );
            )*
        }
    };
}

/// The size of what a function of any arguments returns.
fn size_of_output<Args, F: Returns<Args>>(_: &F) -> usize {
    size_of::<F::Output>()
}

trait Returns<Args> {
    type Output;
}

impl<F: Fn() -> R, R> Returns<()> for F {
    type Output = R;
}

impl<F: Fn(A) -> R, A, R> Returns<(A,)> for F {
    type Output = R;
}

impl<F: Fn(A, B) -> R, A, B, R> Returns<(A, B)> for F {
    type Output = R;
}

twice! {
    empty() { 0 }
    one(data: [u8; 1000]) { tokio::task::yield_now().await; data.len() }
    calls(path: String, shared: std::sync::Mutex<u8>) {
        std::thread::sleep(super::Duration::from_nanos(1));
        tokio::task::yield_now().await;
        std::fs::read(&path).map_or(0, |data| data.len()) + usize::from(*shared.lock().unwrap())
    }
}

#[guard_runtime::main(flavor = "multi_thread", worker_threads = 1)]
async fn blocks_a_worker() -> &'static str {
    let task = tokio::spawn(async { std::thread::sleep(Duration::from_nanos(1)) });
    task.await.expect("nothing watches it");
    std::thread::sleep(Duration::from_nanos(1));
    "done"
}

#[guard_runtime::test]
async fn the_attributes_main_and_test_are_tokio_s() {
    std::thread::sleep(Duration::from_nanos(1));
    let outside = tokio::task::spawn_blocking(blocks_a_worker);
    assert_eq!(outside.await.expect("no panic"), "done");
    assert!(!guard_runtime::status().is_armed());
}
