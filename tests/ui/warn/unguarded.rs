// What returns a future is guarded, or told that it is not.
#![deny(deprecated)]

use futures::FutureExt;
use futures::future::{BoxFuture, Ready, ready};
use guard_runtime::no_block;
use std::pin::Pin;

pub trait Service {
    type Future;
    fn call(&self) -> Self::Future;
}

pub struct Boxed;

#[no_block]
impl Service for Boxed {
    type Future = BoxFuture<'static, usize>;

    fn call(&self) -> Self::Future {
        async { std::fs::read("a").map_or(0, |data| data.len()) }.boxed()
    }
}

pub struct Later;

#[no_block]
impl Service for Later {
    type Future = Pin<Box<dyn Future<Output = usize> + Send>>;

    fn call(&self) -> Self::Future {
        let future = async { std::fs::read("a").map_or(0, |data| data.len()) };
        Box::pin(future)
    }
}

pub struct AtOnce;

#[no_block]
impl Service for AtOnce {
    type Future = Ready<usize>;

    fn call(&self) -> Self::Future {
        ready(1)
    }
}

#[no_block]
impl AtOnce {
    pub fn cloned(&self) -> impl Future<Output = usize> + Clone {
        ready(1)
    }

    pub async fn guarded(&self) {}
}

#[no_block]
impl Boxed {
    pub fn len(&self) -> usize {
        0
    }
}

#[no_block]
mod empty {}

pub type Number = usize;
pub trait NoFuture {
    type Futile;
}

#[no_block]
pub fn no_future<N: NoFuture>(futile: N::Futile) -> N::Futile {
    futile
}

fn main() {}
