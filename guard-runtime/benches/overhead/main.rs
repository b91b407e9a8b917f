//! What the guard costs, as medians of interleaved blocks: `cargo bench -p guard-runtime --features always`; as the dev
//! profile builds it, `cargo bench -p guard-runtime --bench overhead --profile dev`.
//!
//! Without `always` (or `debug_assertions`) the guard is not built, and the figures show that it then costs nothing.

use guard_runtime::{Action, Config, NoBlock, guard, install, status};
use std::future::Future;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

const BLOCKS: usize = 61;

/// One thing to measure: does it so many times, and gives the time that took.
struct Case<'c> {
    name: &'static str,
    run: Box<dyn FnMut(u32) -> Duration + 'c>,
}

fn case<'c>(name: &'static str, run: impl FnMut(u32) -> Duration + 'c) -> Case<'c> {
    Case { name, run: Box::new(run) }
}

/// Measures the cases in turn, block by block, so that whatever slows the machine down hits all of them alike.
fn compare(title: &str, times: u32, cases: &mut [Case<'_>]) {
    let mut nanos = vec![Vec::with_capacity(BLOCKS); cases.len()];
    for block in 0..=BLOCKS {
        for (case, nanos) in cases.iter_mut().zip(&mut nanos) {
            let took = (case.run)(times);
            // The first block warms up.
            if block > 0 {
                nanos.push(took.as_nanos() as f64 / f64::from(times));
            }
        }
    }
    println!("{title}");
    let mut first = None;
    for (case, nanos) in cases.iter().zip(&mut nanos) {
        nanos.sort_by(f64::total_cmp);
        let median = nanos[nanos.len() / 2];
        let base = *first.get_or_insert(median);
        println!("  {:<44} {median:>9.1} ns  {:>+9.1} ns  x{:.2}", case.name, median - base, median / base);
    }
}

/// Wakes itself at every poll, for ever.
struct SelfWaking;

impl Future for SelfWaking {
    type Output = ();

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        cx.waker().wake_by_ref();
        black_box(Poll::Pending)
    }
}

fn polls(mut future: Pin<&mut impl Future<Output = ()>>, times: u32) -> Duration {
    let mut cx = Context::from_waker(Waker::noop());
    let start = Instant::now();
    for _ in 0..times {
        assert!(black_box(future.as_mut()).poll(&mut cx).is_pending());
    }
    start.elapsed()
}

/// Polls a future made of `f` until it is ready, once.
fn poll_once(f: impl Future<Output = ()>) {
    assert!(pin!(f).poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

fn with(action: Action) {
    install(Config::new().action(action));
}

fn self_waking_polls() {
    let (mut bare, mut off, mut armed) = (pin!(SelfWaking), pin!(guard(SelfWaking)), pin!(guard(SelfWaking)));
    let mut excused = pin!(guard(SelfWaking.allow_blocking("measured")));
    let mut nested = pin!(guard(guard(SelfWaking)));
    let mut measured = pin!(tokio_metrics::TaskMonitor::new().instrument(SelfWaking));
    // Nobody has set a subscriber.
    let mut spanned = pin!(tracing::Instrument::instrument(SelfWaking, tracing::info_span!("measured")));
    compare(
        "a self-waking poll",
        100_000,
        &mut [
            case("bare", |times| polls(bare.as_mut(), times)),
            case("guarded, action off", |times| {
                with(Action::Off);
                let took = polls(off.as_mut(), times);
                with(Action::Count);
                took
            }),
            case("guarded, armed", |times| polls(armed.as_mut(), times)),
            case("guarded, excused", |times| polls(excused.as_mut(), times)),
            case("guarded twice, armed", |times| polls(nested.as_mut(), times)),
            case("tokio_metrics::TaskMonitor::instrument", |times| polls(measured.as_mut(), times)),
            case("a disabled tracing span", |times| polls(spanned.as_mut(), times)),
        ],
    );
}

mod stacks;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod hooked;

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod hooked {
    //! No hooks on this platform: files are read all the same.

    pub(super) fn a_file() {
        let _ = std::fs::metadata("/");
    }

    pub(super) fn run() {
        println!("hooked calls: no hooks on this platform");
    }
}

/// A violation at a place of its own for each use.
macro_rules! first_violations {
    ($($place:tt)*) => {
        [$({
            let _ = $place;
            let start = Instant::now();
            poll_once(guard(async { hooked::a_file() }));
            start.elapsed()
        }),*]
    };
}

fn violations() {
    with(Action::Count);
    let mut first = first_violations!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    println!(
        "a first violation\n  {:<44} {:>9.1} us",
        "the first of the process",
        first[0].as_secs_f64() * 1e6
    );
    first.sort();
    println!("  {:<44} {:>9.1} us", "a new place, median of 16", first[first.len() / 2].as_secs_f64() * 1e6);

    let repeat = |times: u32| {
        let start = Instant::now();
        for _ in 0..times {
            poll_once(guard(async { hooked::a_file() }));
        }
        start.elapsed()
    };
    std::panic::set_hook(Box::new(|_| {}));
    compare(
        "a repeated violation, one a poll",
        1_000,
        &mut [
            case("the call alone", |times| {
                let start = Instant::now();
                for _ in 0..times {
                    poll_once(async { hooked::a_file() });
                }
                start.elapsed()
            }),
            case("counted", repeat),
            case("logged, seen before", |times| {
                install(Config::new().action(Action::Log).output(std::env::temp_dir().join("overhead.log")));
                let took = repeat(times);
                with(Action::Count);
                took
            }),
            case("panicking, caught", |times| {
                with(Action::Panic);
                let start = Instant::now();
                for _ in 0..times {
                    // The result tells whether the guard is built; both are measured.
                    let _ = catch_unwind(AssertUnwindSafe(|| poll_once(guard(async { hooked::a_file() }))));
                }
                let took = start.elapsed();
                with(Action::Count);
                took
            }),
            case("a panic without the guard, caught", |times| {
                let start = Instant::now();
                for _ in 0..times {
                    hooked::a_file();
                    let panicking = || std::panic::panic_any(String::from("measured"));
                    let _ = catch_unwind(AssertUnwindSafe(|| poll_once(async { panicking() })));
                }
                start.elapsed()
            }),
        ],
    );
    let _ = std::panic::take_hook();
}

fn main() {
    with(Action::Count);
    println!("{}", status());
    self_waking_polls();
    hooked::run();
    violations();
    stacks::run();
}
