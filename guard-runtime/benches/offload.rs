//! What the pools cost beside the bare primitives: `cargo bench -p guard-runtime --bench offload --features rayon`; with
//! `-- WORD` only the tables whose titles hold the word.
//!
//! All in one run, as medians of short blocks in shuffled order: measured one after the other, the same code differs from
//! itself by a factor of two.

use guard_runtime::offload::Actor;
use guard_runtime::{Pool, offload};
use std::cell::Cell;
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
    /// By how much it may be slower than the first one.
    limit: Option<f64>,
}

impl Case<'_> {
    /// What is asked of pools and actors beside the bare primitives.
    fn judged(mut self) -> Self {
        self.limit = Some(1.05);
        self
    }
}

fn case<'c, F: Future<Output = ()> + 'c>(name: &'static str, mut block: impl FnMut() -> F + 'c) -> Case<'c> {
    Case { name, block: Box::new(move || Box::pin(block())), limit: None }
}

/// Measures each case once in every block; the first case is what the others are compared with.
fn compare(title: &str, runtime: &Runtime, times: u32, mut cases: Vec<Case<'_>>) {
    // Cargo adds words of its own, which begin with a dash.
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    if words.next().is_some_and(|word| !title.contains(&word)) {
        return;
    }
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
        let ratio = median(nanos.iter().zip(base.iter()).map(|(this, base)| this / base).collect());
        let verdict = match case.limit {
            Some(limit) if ratio <= limit => format!("   limit x{limit}: ok"),
            Some(limit) => format!("   limit x{limit}: OVER"),
            None => String::new(),
        };
        println!(
            "  {:<34} {:>9.0} ns  x{:.3}   median of the blocks' ratios x{ratio:.3}{verdict}",
            case.name,
            median(nanos.clone()),
            median(nanos) / *base_median,
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const TRIPS: u32 = 100;

macro_rules! trips {
    ($name:literal, $pools:expr, $call:expr) => {
        case($name, move || {
            let pool = $pools.next();
            async move {
                for n in 0..TRIPS {
                    assert_eq!($call(pool, n).await, n);
                }
            }
        })
    };
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
    ($name:literal, $pools:expr, $call:expr) => {
        case($name, move || {
            let pool = $pools.next();
            async move {
                let all: Vec<_> = (0..FLIGHT).map(|n| tokio::spawn($call(pool, n))).collect();
                for (n, one) in (0..).zip(all) {
                    assert_eq!(one.await.unwrap(), n);
                }
            }
        })
    };
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
            trips!("offload", |n| offload(move || work(n))).judged(),
            trips!("Pool, 512 threads", run(large)).judged(),
            trips!("Pool, 8 threads", run(small)).judged(),
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
            flight!("offload", |n| offload(move || work(n))).judged(),
            flight!("Pool, 512 threads", run(large)).judged(),
            flight!("Pool, 8 threads", run(small)).judged(),
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
            flight!("offload", |n| offload(move || compute(n))).judged(),
            flight!("Pool, 8 threads", |n| async move { pool.run(move || compute(n)).await.unwrap() })
                .judged(),
        ],
    );
}

/// One of several, another one for each block: where the system has put the threads of one must not decide.
struct Several<T: 'static> {
    all: &'static [T],
    next: Cell<usize>,
}

impl<T> Several<T> {
    const COUNT: usize = 7;

    fn new(make: impl FnMut() -> T) -> Several<T> {
        let all: Vec<T> = std::iter::repeat_with(make).take(Self::COUNT).collect();
        Several { all: all.leak(), next: Cell::new(0) }
    }

    fn next(&self) -> &'static T {
        self.next.set((self.next.get() + 1) % Self::COUNT);
        &self.all[self.next.get()]
    }
}

#[cfg(feature = "rayon")]
fn beside_tokio_rayon(runtime: &Runtime) {
    use tokio_rayon::AsyncThreadPool;
    use tokio_rayon::rayon::{ThreadPool, ThreadPoolBuilder};

    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let theirs = &Several::new(|| ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let ours = &Several::new(|| Pool::cpu("bench").threads(threads).queue(2 * FLIGHT as usize).build());
    async fn spawn(pool: &'static ThreadPool, n: u32) -> u32 {
        pool.spawn_async(move || work(n)).await
    }
    async fn run(pool: &'static Pool, n: u32) -> u32 {
        pool.run(move || work(n)).await.unwrap()
    }
    compare(
        "computing, a round trip, multi_thread",
        runtime,
        TRIPS,
        vec![
            trips!("tokio-rayon", theirs, spawn),
            trips!("the same again", theirs, spawn),
            trips!("Pool::cpu", ours, run).judged(),
        ],
    );
    compare(
        &format!("computing, {FLIGHT} in flight, multi_thread"),
        runtime,
        FLIGHT,
        vec![
            flight!("tokio-rayon", theirs, spawn),
            flight!("the same again", theirs, spawn),
            flight!("Pool::cpu", ours, run).judged(),
        ],
    );
}

fn beside_tokio_rusqlite(runtime: &Runtime) {
    type Theirs = tokio_rusqlite::Connection;
    type Ours = Actor<rusqlite::Connection>;
    let theirs = &Several::new(|| runtime.block_on(Theirs::open_in_memory()).unwrap());
    let ours =
        &Several::new(|| runtime.block_on(Actor::spawn(rusqlite::Connection::open_in_memory)).unwrap());
    fn query(connection: &rusqlite::Connection, n: u32) -> rusqlite::Result<u32> {
        connection.prepare_cached("SELECT ?1")?.query_row([n], |row| row.get(0))
    }
    async fn call(connection: &'static Theirs, n: u32) -> u32 {
        connection.call(move |_| Ok::<_, rusqlite::Error>(work(n))).await.unwrap()
    }
    async fn with(actor: &'static Ours, n: u32) -> u32 {
        actor.with(move |_| work(n)).await.unwrap()
    }
    async fn call_query(connection: &'static Theirs, n: u32) -> u32 {
        connection.call(move |connection| query(connection, n)).await.unwrap()
    }
    async fn with_query(actor: &'static Ours, n: u32) -> u32 {
        actor.with(move |connection| query(connection, n)).await.unwrap().unwrap()
    }
    compare(
        "an owner of a connection, a round trip, multi_thread",
        runtime,
        TRIPS,
        vec![
            trips!("tokio-rusqlite", theirs, call),
            trips!("the same again", theirs, call),
            trips!("Actor", ours, with).judged(),
        ],
    );
    compare(
        "an owner of a connection, a query and back, multi_thread",
        runtime,
        TRIPS,
        vec![
            trips!("tokio-rusqlite", theirs, call_query),
            trips!("the same again", theirs, call_query),
            trips!("Actor", ours, with_query).judged(),
        ],
    );
    compare(
        &format!("an owner of a connection, {FLIGHT} in flight, multi_thread"),
        runtime,
        FLIGHT,
        vec![
            flight!("tokio-rusqlite", theirs, call),
            flight!("the same again", theirs, call),
            flight!("Actor", ours, with).judged(),
        ],
    );
    compare(
        &format!("an owner of a connection, {FLIGHT} queries in flight, multi_thread"),
        runtime,
        FLIGHT,
        vec![
            flight!("tokio-rusqlite", theirs, call_query),
            flight!("the same again", theirs, call_query),
            flight!("Actor", ours, with_query).judged(),
        ],
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
