//! What the pools cost beside the bare primitives: `cargo bench -p guard-runtime --bench offload --features rayon`.
//!
//! All in one run, as medians of short blocks in shuffled order: measured one after the other, the same code differs from
//! itself by a factor of two.

use guard_runtime::offload::Actor;
use guard_runtime::{Pool, offload};
use std::future::Future;
use std::pin::Pin;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

const BLOCKS: usize = 201;

type Block<'c> = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()> + 'c>> + 'c>;

/// One way of doing it.
struct Case<'c> {
    name: &'static str,
    block: Block<'c>,
}

fn case<'c, F: Future<Output = ()> + 'c>(name: &'static str, mut block: impl FnMut() -> F + 'c) -> Case<'c> {
    Case { name, block: Box::new(move || Box::pin(block())) }
}

/// Measures each case once in every block; the first case is what the others are compared with.
fn compare(title: &str, runtime: &Runtime, times: u32, mut cases: Vec<Case<'_>>) {
    let mut nanos = vec![Vec::with_capacity(BLOCKS); cases.len()];
    let mut order: Vec<usize> = (0..cases.len()).collect();
    let mut random = 0x2545_f491_u32;
    for block in 0..BLOCKS + 3 {
        for last in (1..order.len()).rev() {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            order.swap(last, random as usize % (last + 1));
        }
        for at in &order {
            let future = (cases[*at].block)();
            let start = Instant::now();
            runtime.block_on(future);
            let took = start.elapsed();
            // The first ones warm up.
            if block >= 3 {
                nanos[*at].push(took.as_nanos() as f64 / f64::from(times));
            }
        }
    }
    println!("{title}");
    let mut first: Option<(Vec<f64>, f64)> = None;
    for (case, nanos) in cases.iter().zip(nanos) {
        let (base, base_median) = first.get_or_insert_with(|| (nanos.clone(), median(nanos.clone())));
        let ratios = nanos.iter().zip(base.iter()).map(|(this, base)| this / base).collect();
        println!(
            "  {:<34} {:>9.0} ns  x{:.3}   median of the blocks' ratios x{:.3}",
            case.name,
            median(nanos.clone()),
            median(nanos) / *base_median,
            median(ratios)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const TRIPS: u32 = 100;

macro_rules! trips {
    ($name:literal, $call:expr) => {
        case($name, move || async move {
            for n in 0..TRIPS {
                assert_eq!($call(n).await, n);
            }
        })
    };
}

const FLIGHT: u32 = 1_000;

macro_rules! flight {
    ($name:literal, $call:expr) => {
        case($name, move || async move {
            let all: Vec<_> = (0..FLIGHT).map(|n| tokio::spawn($call(n))).collect();
            for (n, one) in (0..).zip(all) {
                assert_eq!(one.await.unwrap(), n);
            }
        })
    };
}

fn work(n: u32) -> u32 {
    std::hint::black_box(n)
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn beside_spawn_blocking(title: &str, runtime: &Runtime) {
    let builder = Pool::builder("bench").queue(2 * FLIGHT as usize);
    let (large, small) = (leak(builder.clone().threads(512).build()), leak(builder.threads(8).build()));
    let spawn = |n| async move { spawn_blocking(move || work(n)).await.unwrap() };
    let run = |pool: &'static Pool| move |n| async move { pool.run(move || work(n)).await.unwrap() };
    compare(
        &format!("a round trip, {title}"),
        runtime,
        TRIPS,
        vec![
            trips!("tokio's spawn_blocking", spawn),
            trips!("the same again", spawn),
            trips!("offload", |n| offload(move || work(n))),
            trips!("Pool, 512 threads", run(large)),
            trips!("Pool, 8 threads", run(small)),
            trips!("blocking::unblock", |n| blocking::unblock(move || work(n))),
        ],
    );
    compare(
        &format!("{FLIGHT} in flight, {title}"),
        runtime,
        FLIGHT,
        vec![
            flight!("tokio's spawn_blocking", spawn),
            flight!("the same again", spawn),
            flight!("offload", |n| offload(move || work(n))),
            flight!("Pool, 512 threads", run(large)),
            flight!("Pool, 8 threads", run(small)),
            flight!("blocking::unblock", |n| blocking::unblock(move || work(n))),
        ],
    );
}

/// Closures that take as long as a small query: what the hand-over costs of it.
fn beside_spawn_blocking_with_work(runtime: &Runtime) {
    fn compute(n: u32) -> u32 {
        (0..20_000).fold(n, |sum, n| std::hint::black_box(sum ^ n)).wrapping_mul(0).wrapping_add(n)
    }
    let pool = leak(Pool::builder("bench").threads(8).queue(2 * FLIGHT as usize).build());
    let spawn = |n| async move { spawn_blocking(move || compute(n)).await.unwrap() };
    compare(
        &format!("{FLIGHT} in flight that take some microseconds each, multi_thread"),
        runtime,
        FLIGHT,
        vec![
            flight!("tokio's spawn_blocking", spawn),
            flight!("the same again", spawn),
            flight!("offload", |n| offload(move || compute(n))),
            flight!("Pool, 8 threads", |n| async move { pool.run(move || compute(n)).await.unwrap() }),
        ],
    );
}

#[cfg(feature = "rayon")]
fn beside_tokio_rayon(runtime: &Runtime) {
    use tokio_rayon::AsyncThreadPool;

    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let theirs = leak(tokio_rayon::rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let ours = leak(Pool::cpu("bench").threads(threads).queue(2 * FLIGHT as usize).build());
    let spawn = |n| theirs.spawn_async(move || work(n));
    let run = |n| async move { ours.run(move || work(n)).await.unwrap() };
    compare(
        "computing, a round trip, multi_thread",
        runtime,
        TRIPS,
        vec![trips!("tokio-rayon", spawn), trips!("the same again", spawn), trips!("Pool::cpu", run)],
    );
    compare(
        &format!("computing, {FLIGHT} in flight, multi_thread"),
        runtime,
        FLIGHT,
        vec![flight!("tokio-rayon", spawn), flight!("the same again", spawn), flight!("Pool::cpu", run)],
    );
}

fn beside_tokio_rusqlite(runtime: &Runtime) {
    let (theirs, ours) = runtime.block_on(async {
        let theirs = tokio_rusqlite::Connection::open_in_memory().await.unwrap();
        let ours = Actor::spawn(rusqlite::Connection::open_in_memory).await.unwrap();
        (leak(theirs), leak(ours))
    });
    fn query(connection: &rusqlite::Connection, n: u32) -> rusqlite::Result<u32> {
        connection.prepare_cached("SELECT ?1")?.query_row([n], |row| row.get(0))
    }
    let call = |n| async move { theirs.call(move |_| Ok::<_, rusqlite::Error>(work(n))).await.unwrap() };
    let with = |n| async move { ours.with(move |_| work(n)).await.unwrap() };
    let call_query = |n| async move { theirs.call(move |connection| query(connection, n)).await.unwrap() };
    let with_query =
        |n| async move { ours.with(move |connection| query(connection, n)).await.unwrap().unwrap() };
    compare(
        "an owner of a connection, a round trip, multi_thread",
        runtime,
        TRIPS,
        vec![
            trips!("tokio-rusqlite", call),
            trips!("the same again", call),
            trips!("Actor", with),
            trips!("tokio-rusqlite, a query", call_query),
            trips!("Actor, a query", with_query),
        ],
    );
    compare(
        &format!("an owner of a connection, {FLIGHT} in flight, multi_thread"),
        runtime,
        FLIGHT,
        vec![flight!("tokio-rusqlite", call), flight!("the same again", call), flight!("Actor", with)],
    );
}

fn main() {
    let current_thread = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    beside_spawn_blocking("current_thread", &current_thread);
    let multi_thread =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    beside_spawn_blocking("multi_thread", &multi_thread);
    beside_spawn_blocking_with_work(&multi_thread);
    #[cfg(feature = "rayon")]
    beside_tokio_rayon(&multi_thread);
    beside_tokio_rusqlite(&multi_thread);
}
