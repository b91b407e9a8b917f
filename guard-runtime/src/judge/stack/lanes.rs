//! On what a thread runs, by the names of its stack: which frames are a worker's, which are a task's, which mean "not on
//! the executor".
//!
//! Data, but for the few lines that read it, as `rules.rs`.

use super::names::Name;
use super::rules::is_in_any;
use crate::judge::remedies::Executor;
use crate::judge::verdict::Outcome;
use crate::model::Here;

/// Where the polling of a task begins, and of a current-thread runtime's root: what is further out is tokio's.
const TASK: &[&str] = &[
    "tokio::runtime::task::core",
    "tokio::runtime::task::harness",
    "tokio::runtime::scheduler::current_thread::CoreGuard",
    "tokio::runtime::scheduler::current_thread::Context",
];

/// Polling the tasks of a `LocalSet`.
const LOCAL_SET: &[&str] = &["tokio::task::local::LocalSet"];

/// A worker that waits for work is in one of these.
const PARKED: &[&str] = &[
    "tokio::runtime::driver::Driver",
    "tokio::runtime::io::driver::Driver",
    "tokio::runtime::time::Driver",
    "tokio::runtime::park",
    "tokio::runtime::scheduler::current_thread::Context::park",
    "tokio::runtime::scheduler::current_thread::Context::park_internal",
    "tokio::runtime::scheduler::current_thread::Context::park_yield",
    "tokio::runtime::scheduler::multi_thread::park",
    "tokio::runtime::scheduler::multi_thread::worker::Context::park",
    "tokio::runtime::scheduler::multi_thread::worker::Context::park_internal",
];

/// The runtime itself, and what it is made of.
const RUNTIME: &[&str] = &[
    "tokio",
    "mio",
    "signal_hook_registry",
    "socket2",
    "libc",
    "std",
    "core",
    "alloc",
    "parking_lot",
    "parking_lot_core",
    "lock_api",
    "guard_runtime",
];

/// A future is driven by a thread that waits for it alone.
const BLOCK_ON: &[&str] = &[
    "tokio::runtime::runtime::Runtime::block_on",
    "tokio::runtime::handle::Handle::block_on",
    "futures_executor",
    "pollster",
    "futures_lite::future::block_on",
    "async_io::driver::block_on",
    "extreme",
];

/// The thread has been taken off the executor below these.
const OFF_EXECUTOR: &[&str] = &[
    "tokio::task::blocking::block_in_place",
    "tokio::runtime::scheduler::block_in_place",
    "tokio::runtime::scheduler::multi_thread::worker::block_in_place",
    "tokio::runtime::context::runtime_mt::exit_runtime",
    "tokio::runtime::context::exit_runtime",
];

/// The thread is one of the blocking pool's, unless it answers to be a worker: workers are started there too.
const BLOCKING_POOL: &[&str] = &["tokio::runtime::blocking"];

/// Below these a thread is an executor's, whatever it was before.
const EXECUTOR: &[&str] =
    &["tokio::runtime::scheduler::multi_thread::worker", "tokio::runtime::scheduler::current_thread"];

/// Executors by what is on the stack where they poll. The first that is found counts: async-std polls by smol's crates, and
/// those by `futures_lite`.
const EXECUTORS: &[(Executor, &[&str])] = &[
    (Executor::Tokio, TOKIO),
    (Executor::AsyncStd, &["async_std"]),
    (Executor::Smol, &["smol", "async_executor", "async_global_executor", "async_io", "futures_lite"]),
    (Executor::Bare, &["futures_executor", "pollster", "extreme"]),
];

/// Not its timers and channels, which work anywhere.
const TOKIO: &[&str] = &[
    "tokio::runtime::scheduler",
    "tokio::runtime::task",
    "tokio::runtime::blocking",
    "tokio::runtime::runtime",
    "tokio::runtime::handle",
    "tokio::runtime::park",
    "tokio::task::local",
];

/// What polls, by the whole stack. Where nothing tells, advice is tokio's, as everything else here.
pub(super) fn polled_by<'n>(frames: impl Iterator<Item = &'n Name> + Clone) -> Executor {
    let has = |items: &[&str]| frames.clone().any(|name| is_in_any(name, items));
    let found = EXECUTORS.iter().find(|(_, items)| has(items));
    found.map_or(Executor::Tokio, |(executor, _)| *executor)
}

/// Where a task begins: the first frame that is not its own any more.
pub(super) fn task(frames: &[Name]) -> Option<usize> {
    frames.iter().position(|name| is_in_any(name, TASK))
}

/// Whether a worker waits for work, rather than a task for something else.
pub(super) fn is_parked(frames: &[Name]) -> bool {
    let task = |name: &&Name| is_in_any(name, &TASK[..2]);
    frames.iter().take_while(|name| !task(name)).any(|name| is_in_any(name, PARKED))
}

/// Whether no code but the runtime's is there.
pub(super) fn is_runtime(frames: &[Name]) -> bool {
    frames.iter().all(|name| name.krate().is_none_or(|_| is_in_any(name, RUNTIME)))
}

/// Whether a task of a `LocalSet` is being polled.
pub(super) fn is_local(frames: &[Name]) -> bool {
    frames.iter().any(|name| is_in_any(name, LOCAL_SET))
}

/// Whether the thread was started by a blocking pool. Workers are too.
pub(super) fn is_on_pool(frames: &[Name]) -> bool {
    frames.iter().any(|name| is_in_any(name, BLOCKING_POOL))
}

/// On what the code runs, by the whole stack, innermost first, and by what tokio answered.
pub(super) fn here(frames: &[Name], worker: Option<usize>, in_task: bool) -> Here {
    for name in frames {
        if is_in_any(name, OFF_EXECUTOR) {
            return Here::InPlace;
        }
        if is_in_any(name, BLOCK_ON) {
            return Here::BlockOn;
        }
        match worker {
            Some(worker) if is_in_any(name, EXECUTOR) => return Here::Worker(worker),
            None if is_in_any(name, BLOCKING_POOL) => return Here::Blocking,
            _ => {}
        }
    }
    Here::by_answers(worker, in_task && frames.iter().all(|name| name.krate().is_none()))
}

/// Whether the thread was an executor's, by the whole stack, innermost first, and by what tokio answered.
pub(super) fn executor(frames: &[Name], on_worker: bool, in_task: bool) -> Outcome {
    for name in frames {
        if is_in_any(name, OFF_EXECUTOR) || (!on_worker && is_in_any(name, BLOCKING_POOL)) {
            return Outcome::OffExecutor;
        }
        if is_in_any(name, EXECUTOR) {
            return Outcome::Violation;
        }
    }
    // A task without a worker: either off the executor or a `LocalSet`. Without names nothing tells them apart.
    let no_names = frames.iter().all(|name| name.krate().is_none());
    // The same where the walk ended early, at a function without unwind tables.
    let cut = !frames.iter().any(is_base);
    if in_task && !on_worker && (no_names || cut) { Outcome::OffExecutor } else { Outcome::Violation }
}

/// Whether this is where a thread begins, or close to it.
fn is_base(name: &Name) -> bool {
    matches!(&*name.path, "main" | "_start" | "start_thread")
        || name.path.ends_with("::thread_start")
        || is_in_any(name, &["std::rt", "std::sys::backtrace::__rust_begin_short_backtrace"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<Name> {
        names.iter().map(|name| Name::parse(name)).collect()
    }

    #[test]
    fn a_worker_that_waits_for_work_is_told_from_a_task_that_waits() {
        let park = [
            "mio::poll::Poll::poll",
            "tokio::runtime::io::driver::Driver::turn",
            "tokio::runtime::time::Driver::park_internal",
            "tokio::runtime::scheduler::current_thread::Context::park",
            "tokio::runtime::scheduler::current_thread::CoreGuard::block_on::{{closure}}",
        ];
        assert!(is_parked(&names(&park)));
        assert!(is_runtime(&names(&park)));
        // The same below a task: somebody drives another event loop in it.
        let task =
            ["mio::poll::Poll::poll", "crossterm::event::poll", "tokio::runtime::task::core::Core::poll"];
        assert!(!is_parked(&names(&[&task[..], &park[3..]].concat())));
        assert!(!is_runtime(&names(&task[..2])));
        assert_eq!(super::task(&names(&task)), Some(2));
        assert_eq!(super::task(&names(&["app::f", "app::main"])), None);
    }

    #[test]
    fn the_nearest_frame_that_tells_says_on_what_code_runs() {
        let here = |frames: &[&str], worker| super::here(&names(frames), worker, true);
        let worker = "tokio::runtime::scheduler::multi_thread::worker::Context::run_task";
        let pool = "tokio::runtime::blocking::pool::Inner::run";
        let in_place = "tokio::task::blocking::block_in_place";
        let block_on = "tokio::runtime::handle::Handle::block_on";
        assert_eq!(here(&["app::f", worker, pool], Some(3)), Here::Worker(3));
        assert_eq!(here(&["app::f", pool], None), Here::Blocking);
        assert_eq!(here(&["app::f", block_on, pool], None), Here::BlockOn);
        assert_eq!(here(&["app::f", in_place, worker, pool], None), Here::InPlace);
        assert_eq!(here(&["app::f", block_on, in_place, worker, pool], Some(3)), Here::BlockOn);
        assert_eq!(here(&["app::f", "app::main"], None), Here::Plain);
        // Without names tokio's answers remain.
        assert_eq!(here(&["", ""], None), Here::Blocking);
        assert_eq!(here(&[""], Some(1)), Here::Worker(1));
    }

    #[test]
    fn advice_is_for_the_executor_that_polls() {
        let polled_by = |frames: &[&str]| polled_by(names(frames).iter());
        assert_eq!(
            polled_by(&["app::f", "futures_executor::local_pool::block_on", "app::main"]),
            Executor::Bare
        );
        assert_eq!(polled_by(&["app::f", "futures_lite::future::block_on", "app::main"]), Executor::Smol);
        let std = "async_std::task::builder::SupportTaskLocals::poll";
        assert_eq!(polled_by(&["app::f", std, "async_executor::Executor::run"]), Executor::AsyncStd);
        let tokio = "tokio::runtime::scheduler::current_thread::CoreGuard::block_on";
        assert_eq!(polled_by(&["app::f", "futures_executor::local_pool::block_on", tokio]), Executor::Tokio);
        assert_eq!(
            polled_by(&["tokio::sync::mpsc::f", "futures_executor::local_pool::block_on"]),
            Executor::Bare
        );
        assert_eq!(polled_by(&["app::f", "app::main"]), Executor::Tokio);
    }

    #[test]
    fn the_nearest_of_executor_and_blocking_frames_decides() {
        let outcome = |frames: &[&str], worker, task| executor(&names(frames), worker, task);
        let worker = "tokio::runtime::scheduler::multi_thread::worker::Context::run_task";
        let pool = "tokio::runtime::blocking::pool::Inner::run";
        let in_place = "tokio::task::blocking::block_in_place";
        assert_eq!(outcome(&["app::f", worker, pool], true, true), Outcome::Violation);
        assert_eq!(outcome(&["app::f", pool], false, true), Outcome::OffExecutor);
        assert_eq!(outcome(&["app::f", in_place, "app::g", worker, pool], true, true), Outcome::OffExecutor);
        assert_eq!(
            outcome(
                &["app::f", "tokio::runtime::scheduler::current_thread::CoreGuard::block_on", pool],
                true,
                false
            ),
            Outcome::Violation
        );
        // A stack whose middle was cut out.
        assert_eq!(outcome(&["app::f", pool], true, true), Outcome::Violation);
        assert_eq!(outcome(&["app::f", "app::main", "main"], false, true), Outcome::Violation);
        assert_eq!(outcome(&["app::f", "app::called_back"], false, true), Outcome::OffExecutor);
        assert_eq!(outcome(&["app::f", "app::called_back"], true, true), Outcome::Violation);
        assert_eq!(outcome(&["main"], false, true), Outcome::OffExecutor);
        assert_eq!(outcome(&["main"], false, false), Outcome::Violation);
    }
}
