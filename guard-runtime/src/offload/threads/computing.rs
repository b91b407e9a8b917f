//! Threads for computing: those of a rayon pool, as many as there are cores.

use super::names;
use super::runner::Runner;
use super::shared::Threads;
use super::times::nanos;
use crate::detect::pool::Trouble;
use crate::region;
use rayon_core::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder, Yield};
use std::cell::RefCell;
use std::time::Duration;
use tokio::runtime::Handle;

pub(super) struct Cpu(ThreadPool);

/// Short enough for what waits, and long beside the look.
const QUANTUM: Duration = Duration::from_micros(10);

thread_local! {
    /// While this thread looks for others' work: what it found that is none.
    static FOUND: RefCell<Option<Vec<Runner<()>>>> = const { RefCell::new(None) };
}

impl Cpu {
    pub(super) fn new(name: &str, threads: usize) -> Cpu {
        match build(name, threads) {
            Ok(pool) => Cpu(pool),
            Err(error) => panic!("the operating system does not start {threads} threads: {error}"),
        }
    }
}

fn build(name: &str, threads: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let name = names::for_thread(name);
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |thread| format!("{name}-{thread}"))
        // A runner has caught and counted the closure's; rayon would abort the process.
        .panic_handler(|_| {})
        .build()
}

impl Threads<()> for Cpu {
    fn start(&self, _: Option<&Handle>, runner: Runner<()>) {
        self.0.spawn(move || {
            let mut runner = Some(runner);
            FOUND.with_borrow_mut(|found| {
                if let Some(found) = found {
                    found.extend(runner.take());
                }
            });
            let Some(runner) = runner else { return };
            // Whatever is polled here holds up no executor.
            let _allowed = region::allow("a computing pool's thread");
            runner.work(&mut ());
        });
    }

    fn start_apart(&self, _: Option<&Handle>, name: &str, runner: Runner<()>) {
        // A pool of its own: what the closure computes in parallel has that thread.
        let Ok(apart) = build(name, 1) else { return };
        apart.spawn(move || {
            let _allowed = region::allow("a computing pool's thread");
            runner.work_apart(&mut ());
        });
    }

    fn quantum(&self) -> u64 {
        nanos(QUANTUM)
    }

    /// One piece of work of the closures' own: a half of a `join`, what they have spawned.
    fn give_way(&self) -> bool {
        struct Look<'c>(&'c Cpu, Option<Vec<Runner<()>>>);
        impl Drop for Look<'_> {
            fn drop(&mut self) {
                for runner in FOUND.replace(self.1.take()).into_iter().flatten() {
                    self.0.start(None, runner);
                }
            }
        }
        let _look = Look(self, FOUND.replace(Some(Vec::new())));
        let found = || FOUND.with_borrow(|found| found.as_ref().map_or(0, Vec::len));
        loop {
            let before = found();
            if rayon_core::yield_now() != Some(Yield::Executed) {
                return false;
            }
            if found() == before {
                return true;
            }
        }
    }

    fn remedy(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Saturated => {
                "give the pool less work, or let it refuse by a shorter queue: with more threads than cores it is no faster"
            }
            Trouble::NoThread => {
                "keep what runs for long out of `spawn` and `join` in its closures: such work takes their threads"
            }
            Trouble::WaitsForItself => "call the function directly instead of offloading it",
        }
    }

    fn home(&self, _: &str) -> Option<Handle> {
        None
    }
}
