//! What the pools cost beside the bare primitives: `cargo bench -p guard-runtime --bench offload --features rayon`.
//!
//! All in one run, as medians of short blocks in shuffled order: measured one after the other, the same code differs from
//! itself by a factor of two.

use guard_runtime::{Pool, offload};
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};
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

fn beside_spawn_blocking(title: &str, runtime: &Runtime) {
    let pool: &Pool =
        Box::leak(Box::new(Pool::builder("bench").threads(512).queue(2 * FLIGHT as usize).build()));
    let small: &Pool =
        Box::leak(Box::new(Pool::builder("bench").threads(8).queue(2 * FLIGHT as usize).build()));
    compare(
        &format!("a round trip, {title}"),
        runtime,
        TRIPS,
        vec![
            trips!("spawn_blocking", |n| async move { spawn_blocking(move || work(n)).await.unwrap() }),
            trips!("spawn_blocking again", |n| async move { spawn_blocking(move || work(n)).await.unwrap() }),
            trips!("offload", |n| offload(move || work(n))),
            trips!("Pool, 512 threads", |n| async move { pool.run(move || work(n)).await.unwrap() }),
            trips!("Pool, 8 threads", |n| async move { small.run(move || work(n)).await.unwrap() }),
        ],
    );
    compare(
        &format!("{FLIGHT} in flight, {title}"),
        runtime,
        FLIGHT,
        vec![
            flight!("spawn_blocking", |n| async move { spawn_blocking(move || work(n)).await.unwrap() }),
            flight!(
                "spawn_blocking again",
                |n| async move { spawn_blocking(move || work(n)).await.unwrap() }
            ),
            flight!("offload", |n| offload(move || work(n))),
            flight!("Pool, 512 threads", |n| async move { pool.run(move || work(n)).await.unwrap() }),
            flight!("Pool, 8 threads", |n| async move { small.run(move || work(n)).await.unwrap() }),
        ],
    );
}

fn main() {
    let current_thread = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    beside_spawn_blocking("current_thread", &current_thread);
    let multi_thread =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    beside_spawn_blocking("multi_thread", &multi_thread);
    let _ = Duration::ZERO;
}
