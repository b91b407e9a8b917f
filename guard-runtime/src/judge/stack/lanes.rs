//! On what a thread runs, by the names of its stack: which frames are a worker's, which are a task's, which mean "not on
//! the executor".
//!
//! The few lines that read the lists of `items.rs`, as `rules.rs`.

use super::items::Items;
use super::names::Name;
use crate::judge::remedies::Executor;
use crate::judge::verdict::Outcome;
use crate::model::Here;

/// Executors by what is on the stack where they poll. The first that is found counts: async-std polls by smol's crates, and
/// those by `futures_lite`.
const EXECUTORS: &[(Executor, Items)] = &[
    (Executor::Tokio, Items::TokioPolls),
    (Executor::AsyncStd, Items::AsyncStd),
    (Executor::Smol, Items::Smol),
    (Executor::Bare, Items::BareExecutors),
];

/// What polls, by the whole stack. Where nothing tells, advice is tokio's, as everything else here.
pub(super) fn polled_by<'n>(frames: impl Iterator<Item = &'n Name> + Clone) -> Executor {
    let found = EXECUTORS.iter().find(|(_, items)| frames.clone().any(|name| name.is_in(*items)));
    found.map_or(Executor::Tokio, |(executor, _)| *executor)
}

/// Where a task begins: the first frame that is not its own any more.
pub(super) fn task(frames: &[&Name]) -> Option<usize> {
    frames.iter().position(|name| name.is_in(Items::Polls) || name.is_in(Items::PollsRoot))
}

/// Whether a worker waits for work, rather than a task for something else.
pub(super) fn is_parked(frames: &[&Name]) -> bool {
    frames.iter().take_while(|name| !name.is_in(Items::Polls)).any(|name| name.is_in(Items::Parked))
}

/// Whether no code but the runtime's is there.
pub(super) fn is_runtime(frames: &[&Name]) -> bool {
    frames.iter().all(|name| !name.has_crate() || name.is_in(Items::Runtime))
}

/// Whether there is nothing but what is around every task: wrappers of futures, and what they are made of.
pub(super) fn may_hold_a_task(frames: &[&Name]) -> bool {
    frames.iter().all(|name| !name.has_crate() || name.is_in(Items::Wrappers))
}

/// Whether a task of a `LocalSet` is being polled.
pub(super) fn is_local(frames: &[&Name]) -> bool {
    frames.iter().any(|name| name.is_in(Items::LocalSet))
}

/// Whether the thread was started by a blocking pool. Workers are too.
pub(super) fn is_on_pool(frames: &[&Name]) -> bool {
    frames.iter().any(|name| name.is_in(Items::BlockingPool))
}

/// On what the code runs, by the whole stack, innermost first, and by what tokio answered.
pub(super) fn here(frames: &[&Name], worker: Option<usize>, in_task: bool) -> Here {
    for name in frames {
        if name.is_in(Items::OffExecutor) {
            return Here::InPlace;
        }
        if name.is_in(Items::BlockOn) {
            return Here::BlockOn;
        }
        match worker {
            Some(worker) if name.is_in(Items::Executor) => return Here::Worker(worker),
            None if name.is_in(Items::BlockingPool) => return Here::Blocking,
            _ => {}
        }
    }
    Here::by_answers(worker, in_task && frames.iter().all(|name| !name.has_crate()))
}

/// Whether the thread was an executor's, by the whole stack, innermost first, and by what tokio answered.
pub(super) fn executor(frames: &[&Name], on_worker: bool, in_task: bool) -> Outcome {
    for name in frames {
        if name.is_in(Items::OffExecutor) || (!on_worker && name.is_in(Items::BlockingPool)) {
            return Outcome::OffExecutor;
        }
        if name.is_in(Items::Executor) {
            return Outcome::Violation;
        }
    }
    if !in_task || on_worker {
        return Outcome::Violation;
    }
    // A task without a worker: either off the executor or a `LocalSet`. Without names nothing tells them apart.
    let no_names = frames.iter().all(|name| !name.has_crate());
    // The same where the walk ended early, at a function without unwind tables.
    let cut = !frames.iter().any(|name| is_base(name));
    if no_names || cut { Outcome::OffExecutor } else { Outcome::Violation }
}

/// Whether this is where a thread begins, or close to it.
fn is_base(name: &Name) -> bool {
    matches!(&*name.path, "main" | "_start" | "start_thread")
        || name.path.ends_with("::thread_start")
        || name.is_in(Items::Base)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For good: tests are few.
    fn names(names: &[&str]) -> Vec<&'static Name> {
        names.iter().map(|name| &*Box::leak(Box::new(Name::parse(name)))).collect()
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
        let polled_by = |frames: &[&str]| polled_by(names(frames).iter().copied());
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
