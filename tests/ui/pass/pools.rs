// Closures given to pools, actors and streams run elsewhere, however they are handed over: not one warning, with every
// kind on.
#![deny(warnings)]

use futures::{StreamExt, TryStreamExt};
use guard_runtime::offload::{Actor, OffloadError};
use guard_runtime::{Pool, blocking, no_block, offload};
use std::fs;
use std::io::BufRead;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_secs(60);

#[blocking]
fn measure(path: PathBuf) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// Not awaited where they are written.
#[no_block(warn(all))]
pub async fn later(pool: &Pool, path: PathBuf) -> Result<u64, OffloadError> {
    let there = path.clone();
    let first = pool.run(move || fs::read(there).is_ok());
    let there = path.clone();
    let second = pool.try_run(move || measure(there))?;
    let there = path.clone();
    let third = pool.run_with_deadline(LONG, move || measure(there));
    let token = CancellationToken::new();
    let there = path.clone();
    let fourth = pool.run_with_token(&token, move |token| token.is_cancelled() || there.exists());
    let fourth = fourth.with_deadline(LONG);
    let there = path.clone();
    let fifth = Pool::run(pool, move || measure(there));
    let sixth = pool.run(move || measure(path)).with_token(token).with_deadline(LONG);
    let sum = second.await? + third.await? + fifth.await? + sixth.await?;
    Ok(u64::from(first.await? && fourth.await?) + sum)
}

/// Handed on.
#[no_block(warn(all))]
pub async fn handed_on(pool: &'static Pool, path: PathBuf) -> u64 {
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let path = path.clone();
        tasks.spawn(pool.run(move || measure(path)));
    }
    let (a, b) = tokio::join!(pool.run(|| fs::read("a").is_ok()), pool.run(|| fs::read("b").is_ok()));
    let there = path.clone();
    pool.try_run(move || fs::remove_file(there)).unwrap().detach();
    let found = tokio::select! {
        found = pool.run(move || path.exists()) => found.is_ok(),
        () = tokio::time::sleep(LONG) => false,
    };
    let sizes = tasks.join_all().await.into_iter().map(|size| size.unwrap_or_default());
    sizes.sum::<u64>() + u64::from(a.is_ok() && b.is_ok() && found)
}

/// Many items.
#[no_block(warn(all))]
pub async fn many(pool: &Pool, paths: Vec<PathBuf>) -> Result<u64, OffloadError> {
    let sizes: Vec<u64> = pool.map(paths.clone(), measure).await?;
    let there = pool.map(paths.clone(), |path| path.exists()).in_flight(3).await?;
    let mut read = pool.map(paths.clone(), |path| fs::read(path));
    while let Some(data) = read.next().await {
        let _ = data?;
    }
    let settled = pool.settle(paths.clone(), |path| fs::remove_file(path)).in_flight(1).with_deadline(LONG);
    let removed = settled.with_token(CancellationToken::new()).await.len();
    let copied = pool.try_map(paths, |path| Ok::<bool, OffloadError>(path.exists())).in_flight(2);
    let copied = copied.await?.len();
    Ok(sizes.iter().sum::<u64>() + (there.len() + removed + copied) as u64)
}

/// Streams.
#[no_block(warn(all))]
pub async fn streams(pool: &Pool) -> Result<usize, OffloadError> {
    let entries = pool.stream(|| fs::read_dir(".").unwrap()).ahead(3).count().await;
    let lines = pool.stream_with(|sink| {
        for line in fs::read_to_string("a").unwrap_or_default().lines() {
            if sink.send(line.len()).is_err() {
                return;
            }
        }
    });
    let lines: Vec<usize> = lines.try_collect().await?;
    Ok(entries + lines.len())
}

/// An owner.
#[no_block(warn(all))]
pub async fn owner(path: PathBuf) -> Result<u64, Box<dyn std::error::Error>> {
    let opened = Actor::spawn(move || fs::File::open(path));
    let file = opened.await?;
    let named = Actor::builder("file").mailbox(3).spawn(|| fs::File::open("a")).await?;
    let mut lines = named.stream_with(|file, sink| {
        for line in std::io::BufReader::new(file).lines() {
            if sink.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.try_next().await? {
        line?;
    }
    let size = file.with(|file| file.metadata().map(|found| found.len())).with_deadline(LONG).await??;
    let synced = named.with(|file| file.sync_all()).with_token(CancellationToken::new());
    let (synced, again) = tokio::join!(synced, file.with(|file| file.sync_data()));
    synced??;
    again??;
    Ok(size)
}

/// As functions of their own.
#[offload(deadline = "1m")]
fn length(path: PathBuf) -> u64 {
    measure(path)
}

#[no_block(warn(all))]
pub async fn by_the_attribute(path: PathBuf) -> u64 {
    let one = length(path.clone());
    one.await.unwrap_or_default() + offload(move || length_blocking(path)).await
}

fn main() {}
