//! What the attributes `main` and `test` take, and that they leave a function as it was.

#![deny(warnings)]

use std::future::Future;
use std::pin::Pin;

#[guard_runtime::main(flavor = "current_thread")]
async fn unit() {}

#[guard_runtime::main(flavor = "multi_thread", worker_threads = 1)]
pub async fn public(number: u8, (a, b): (u8, u8)) -> Result<u8, std::io::Error> {
    #![allow(clippy::let_and_return)]
    let sum = number + a + b;
    tokio::task::yield_now().await;
    Ok(sum)
}

#[guard_runtime::main(flavor = "local")]
async fn local<'a, T>(value: &'a T) -> &'a T
where
    T: Sized,
{
    let shared = std::rc::Rc::new(());
    tokio::task::spawn_local(async move { drop(shared) }).await.unwrap();
    return value;
}

#[guard_runtime::main(crate = ::guard_runtime, name = "main", flavor = "current_thread")]
async fn opaque() -> impl Iterator<Item = u8> {
    0..3
}

#[guard_runtime::main(flavor = "current_thread")]
async fn boxed() -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(async { 7 })
}

#[guard_runtime::no_block]
#[guard_runtime::main(flavor = "current_thread")]
async fn annotated() -> u8 {
    8
}

#[guard_runtime::main(flavor = "current_thread")]
async fn never() -> ! {
    std::process::exit(0)
}

#[guard_runtime::test]
async fn not_compiled_outside_of_tests() {
    unresolved();
}

#[guard_runtime::main(worker_threads = 1)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let outside = std::thread::spawn(|| {
        unit();
        assert_eq!(public(1, (2, 3)).unwrap(), 6);
        assert_eq!(*local(&5), 5);
        assert_eq!(opaque().count(), 3);
        drop(boxed());
        assert_eq!(annotated(), 8);
    });
    tokio::task::spawn_blocking(|| outside.join()).await?.expect("no panic");
    never_called();
    Ok(())
}

fn never_called() {
    let _: fn() -> ! = never;
}
