//! Threads for computing: those of a rayon pool, as many as there are cores.

use crate::engines::pool::Trouble;
use crate::offload::jobs::{Threads, Worker, thread_name};
use crate::offload::outcomes::nanos;
use crate::region;
use rayon_core::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder, Yield};
use std::cell::RefCell;
use std::time::Duration;
use tokio::runtime::Handle;

pub(crate) struct ComputingThreads(ThreadPool);

/// Short enough for what waits, and long beside the look.
const QUANTUM: Duration = Duration::from_micros(10);

thread_local! {
    /// While this thread looks for others' work: what it found that is none.
    static FOUND: RefCell<Option<Vec<Worker<()>>>> = const { RefCell::new(None) };
}

impl ComputingThreads {
    pub(crate) fn new(name: &str, threads: usize) -> ComputingThreads {
        match build(name, threads) {
            Ok(pool) => ComputingThreads(pool),
            Err(error) => panic!("the operating system does not start {threads} threads: {error}"),
        }
    }
}

fn build(name: &str, threads: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let name = thread_name(name);
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |thread| format!("{name}-{thread}"))
        // A worker has caught and counted the closure's; rayon would abort the process.
        .panic_handler(|_| {})
        .build()
}

impl Threads<()> for ComputingThreads {
    fn start(&self, _: Option<&Handle>, worker: Worker<()>) {
        self.0.spawn(move || {
            let mut worker = Some(worker);
            FOUND.with_borrow_mut(|found| {
                if let Some(found) = found {
                    found.extend(worker.take());
                }
            });
            let Some(worker) = worker else { return };
            // Whatever is polled here holds up no executor.
            let _allowed = region::allow("a computing pool's thread");
            worker.work(&mut ());
        });
    }

    fn start_dedicated(&self, _: Option<&Handle>, name: &str, worker: Worker<()>) {
        // A pool of its own: what the closure computes in parallel has that thread.
        let Ok(apart) = build(name, 1) else { return };
        apart.spawn(move || {
            let _allowed = region::allow("a computing pool's thread");
            worker.work_once(&mut ());
        });
    }

    fn quantum(&self) -> u64 {
        nanos(QUANTUM)
    }

    /// One piece of work of the closures' own: a half of a `join`, what they have spawned.
    fn give_way(&self) -> bool {
        struct Look<'c>(&'c ComputingThreads, Option<Vec<Worker<()>>>);
        impl Drop for Look<'_> {
            fn drop(&mut self) {
                for worker in FOUND.replace(self.1.take()).into_iter().flatten() {
                    self.0.start(None, worker);
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
