//! What has the names of a pool's methods and runs its closure here is looked into.

#![deny(deprecated)]

use futures::StreamExt;
use guard_runtime::{Pool, no_block};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

thread_local! {
    static SIZE: Cell<usize> = const { Cell::new(0) };
}

#[no_block]
async fn iterators(paths: &[PathBuf]) -> usize {
    paths.iter().map(|path| fs::read(path)).count()
}

#[no_block]
async fn options(path: Option<&Path>) -> bool {
    path.map(|path| path.exists()).unwrap_or_default()
}

#[no_block]
async fn streams_of_futures(paths: Vec<PathBuf>) -> usize {
    futures::stream::iter(paths).map(|path| path.exists()).count().await
}

#[no_block]
async fn thread_locals(path: &Path) {
    SIZE.with(|size| size.set(fs::read(path).map_or(0, |data| data.len())));
}

#[no_block]
async fn the_items_of_a_pool(pool: &Pool, paths: Vec<PathBuf>) -> usize {
    // The iterator is asked here; only the second closure runs on the pool.
    let sizes = pool.map(paths.into_iter().filter(|path| path.exists()), |path| fs::read(path).is_ok());
    sizes.count().await
}

#[no_block]
async fn behind_a_pool(pool: &Pool) -> usize {
    // `StreamExt::map` runs where it is polled.
    pool.stream(|| 0..3).map(|n| fs::write("a", [n.unwrap_or_default()])).count().await
}

fn main() {}
