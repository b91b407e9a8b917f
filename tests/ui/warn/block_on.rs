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

fn main() {}
