//! The frame rules: which stacks are harmless, which kind a call really is, which frames mean "not on the executor".
//!
//! Data, but for the few lines that read it. All of it goes by names of functions, so it needs no line tables.

use super::names::Name;
use crate::detect::verdict::Outcome;
use crate::here::Here;
use crate::site::Kind;

/// Crates whose frames say nothing about who waits.
const LOCK_PLUMBING: &[&str] = &["std", "core", "alloc", "parking_lot", "parking_lot_core", "lock_api"];

/// Where a rule looks, between the call and the poll.
enum Frames {
    /// Any frame in one of these items.
    Any(&'static [&'static str]),
    /// The first frame that is not lock plumbing is in one of these.
    First(&'static [&'static str]),
}

/// A stack that is known to be harmless.
struct Allow {
    name: &'static str,
    /// Empty: every kind.
    kinds: &'static [Kind],
    frames: Frames,
}

const ALLOW: &[Allow] = &[
    Allow {
        // Its queues are locked for microseconds; a waiter was seen to be preempted for up to 6 ms.
        name: "tokio's own locks",
        kinds: &[Kind::Lock],
        frames: Frames::First(&["tokio", "mio", "signal_hook", "signal_hook_registry"]),
    },
    Allow {
        name: "the allocator's own locks",
        kinds: &[Kind::Lock],
        frames: Frames::Any(&[
            "__rustc::__rust_alloc",
            "__rustc::__rust_alloc_zeroed",
            "__rustc::__rust_dealloc",
            "__rustc::__rust_realloc",
            "__rust_alloc",
            "__rust_alloc_zeroed",
            "__rust_dealloc",
            "__rust_realloc",
            "malloc",
            "calloc",
            "realloc",
            "free",
        ]),
    },
    Allow {
        // Starting a process is blocking on every platform; tokio does it in place.
        name: "tokio::process",
        kinds: &[Kind::Process],
        frames: Frames::Any(&["tokio::process"]),
    },
    Allow {
        name: "tokio's pipes open their file in place",
        kinds: &[Kind::Fs],
        frames: Frames::Any(&["tokio::net::unix::pipe"]),
    },
    Allow {
        name: "counting the processors reads cgroup files, once",
        kinds: &[],
        frames: Frames::Any(&["std::thread::available_parallelism", "num_cpus"]),
    },
    Allow {
        name: "a backtrace is being taken",
        kinds: &[],
        frames: Frames::Any(&[
            "std::backtrace",
            "std::backtrace_rs",
            "std::sys::backtrace::BacktraceLock",
            "std::sys::backtrace::_print_fmt",
            "std::panicking::default_hook",
            "std::panicking::rust_panic_with_hook",
            "backtrace::backtrace",
            "backtrace::capture",
            "backtrace::symbolize",
        ]),
    },
];

/// One-time initialisation: whatever blocks below is `init`.
const INIT: &[&str] = &[
    "std::sync::once::Once",
    "std::sync::poison::once::Once",
    "std::sync::once_lock::OnceLock",
    "std::sync::lazy_lock::LazyLock",
    "std::sys::sync::once",
    "once_cell::imp",
    "once_cell::sync",
    "lazy_static::lazy",
    "spin::once",
    "parking_lot::once",
    "rayon_core::registry::global_registry",
    "rayon_core::registry::Registry::new",
];

/// Which kind a call is, by the innermost frame that is in one of these items.
struct Becomes {
    from: &'static [Kind],
    to: Kind,
    frames: &'static [&'static str],
}

const BECOMES: &[Becomes] = &[
    // A wait on a futex says nothing of what is waited for.
    Becomes {
        from: &[Kind::Lock],
        to: Kind::Channel,
        frames: &[
            "std::sync::mpsc",
            "std::sync::mpmc",
            "crossbeam_channel",
            "flume",
            "kanal",
            "async_channel",
        ],
    },
    Becomes {
        from: &[Kind::Lock],
        to: Kind::ThreadJoin,
        frames: &[
            "std::thread::scoped",
            "std::thread::scope",
            "std::thread::join_handle",
            "std::thread::JoinHandle",
        ],
    },
    Becomes {
        from: &[Kind::Lock, Kind::Other],
        to: Kind::BlockOn,
        frames: &[
            "futures_executor",
            "pollster",
            "futures_lite::future::block_on",
            "async_io::driver::block_on",
            "extreme",
            "tokio::runtime::park",
            "tokio::runtime::runtime::Runtime::block_on",
            "tokio::runtime::handle::Handle::block_on",
        ],
    },
    Becomes { from: &[Kind::Lock], to: Kind::Cpu, frames: &["rayon", "rayon_core"] },
    Becomes { from: &[Kind::Lock], to: Kind::Stdio, frames: &["std::io::stdio"] },
    Becomes {
        from: &[Kind::Lock, Kind::Other],
        to: Kind::Net,
        frames: &["reqwest::blocking", "ureq", "attohttpc", "minreq"],
    },
    Becomes {
        from: &[Kind::Other, Kind::Fs],
        to: Kind::Stdio,
        frames: &["crossterm", "rpassword", "dialoguer", "console"],
    },
    // By descriptors that wait for the child, or tell of its signal.
    Becomes {
        from: &[Kind::Other, Kind::Net],
        to: Kind::Process,
        frames: &["std::process", "duct", "shared_child"],
    },
    // A signal arrives through a pair of sockets.
    Becomes { from: &[Kind::Net], to: Kind::Other, frames: &["signal_hook"] },
    Becomes {
        from: &[Kind::Fs, Kind::Net, Kind::Lock, Kind::Sleep, Kind::Other],
        to: Kind::Db,
        frames: &[
            "rusqlite", "sqlite3_", "sqlite", "diesel", "postgres", "mysql", "redis", "rocksdb", "redb",
            "sled", "heed", "libsql", "duckdb", "r2d2", "fjall", "lmdb",
        ],
    },
];

/// What is waited for below these is a mutex, also inside of a channel: sending into one takes its lock for a moment.
const MUTEX: &[&str] = &[
    "std::sys::sync::mutex",
    "std::sync::poison::mutex::Mutex",
    "parking_lot::raw_mutex",
    "lock_api::mutex",
    "pthread_mutex_lock",
];

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

/// What derives implement for data formats to call back: no place of the user's, whose line named the format.
const CALLED_BACK: &[&str] = &["serde", "serde_core"];

/// Whether a function is a format's, or one that it calls back.
pub(super) fn is_data_format(name: &Name) -> bool {
    CALLED_BACK.iter().any(|item| name.is_in(item) || name.implements(item))
}

fn is_in_any(name: &Name, items: &[&str]) -> bool {
    items.iter().any(|item| name.is_in(item))
}

/// The kind of a call with these frames between it and the poll, innermost first.
pub(super) fn kind(seen: Kind, frames: &[Name]) -> Kind {
    if seen != Kind::Stdio && frames.iter().any(|name| is_in_any(name, INIT)) {
        return Kind::Init;
    }
    let is_mutex = |at: usize| frames[..at].iter().any(|name| is_in_any(name, MUTEX));
    let of = |(at, name): (usize, &Name)| {
        let rule = BECOMES.iter().find(|rule| rule.from.contains(&seen) && is_in_any(name, rule.frames))?;
        let is_wait = matches!(rule.to, Kind::Channel | Kind::ThreadJoin | Kind::BlockOn | Kind::Cpu);
        (!is_wait || !is_mutex(at)).then_some(rule.to)
    };
    frames.iter().enumerate().find_map(of).unwrap_or(seen)
}

/// The rule that allows a call of this kind with these frames between it and the poll; `foreign`: without the user's own.
pub(super) fn allowed(kind: Kind, frames: &[Name], foreign: &[Name]) -> Option<&'static str> {
    let applies = |rule: &&Allow| {
        (rule.kinds.is_empty() || rule.kinds.contains(&kind))
            && match rule.frames {
                Frames::Any(items) => foreign.iter().any(|name| is_in_any(name, items)),
                Frames::First(items) => frames
                    .iter()
                    .find(|name| name.krate().is_some() && !is_in_any(name, LOCK_PLUMBING))
                    .is_some_and(|name| is_in_any(name, items)),
            }
    };
    ALLOW.iter().find(applies).map(|rule| rule.name)
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
    fn the_innermost_known_frame_names_the_wait() {
        let channel = names(&[
            "std::sys::sync::thread_parking::futex::Parker::park",
            "std::thread::park",
            "std::sync::mpmc::context::Context::wait_until",
            "std::sync::mpsc::Receiver<T>::recv",
            "app::f",
            "futures_executor::x",
        ]);
        assert_eq!(kind(Kind::Lock, &channel), Kind::Channel);
        assert_eq!(kind(Kind::Fs, &channel), Kind::Fs);
        let sends = names(&[
            "std::sys::sync::mutex::futex::Mutex::lock_contended",
            "std::sync::mpmc::waker::SyncWaker::notify",
            "std::sync::mpsc::Sender<T>::send",
            "app::f",
        ]);
        assert_eq!(kind(Kind::Lock, &sends), Kind::Lock);
        assert_eq!(kind(Kind::Lock, &names(&["std::thread::park", "app::f"])), Kind::Lock);
        let waits = names(&["shared_child::SharedChild::wait", "duct::Handle::wait", "app::f"]);
        assert_eq!(kind(Kind::Net, &waits), Kind::Process);
        let signal = names(&["signal_hook::iterator::Forever::next", "app::f"]);
        assert_eq!(kind(Kind::Net, &signal), Kind::Other);
        assert_eq!(
            kind(Kind::Fs, &names(&["unixOpen", "sqlite3_open_v2", "rusqlite::Connection::open"])),
            Kind::Db
        );
        assert_eq!(
            kind(
                Kind::Fs,
                &names(&["std::fs::read", "app::LIST::{{closure}}", "std::sync::lazy_lock::LazyLock::force"])
            ),
            Kind::Init
        );
    }

    #[test]
    fn tokio_s_own_locks_are_allowed_and_the_user_s_are_not() {
        let allowed = |frames: &[&str]| allowed(Kind::Lock, &names(frames), &names(frames));
        assert!(
            allowed(&[
                "std::sys::sync::mutex::futex::Mutex::lock_contended",
                "parking_lot::raw_mutex::RawMutex::lock_slow",
                "tokio::sync::mpsc::chan::Tx::send",
                "app::f"
            ])
            .is_some()
        );
        assert!(
            allowed(&[
                "std::sync::poison::mutex::Mutex<T>::lock",
                "app::f",
                "tokio::runtime::task::core::Core::poll"
            ])
            .is_none()
        );
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
    fn what_an_allocator_waits_for_is_nobody_s_business() {
        let frames = ["pthread_mutex_lock", "malloc_mutex_lock_slow", "__rustc::__rust_dealloc", "app::f"];
        let allowed = |kind, frames: &[&str]| super::allowed(kind, &names(frames), &names(frames));
        assert!(allowed(Kind::Lock, &frames).is_some());
        assert!(allowed(Kind::Lock, &["pthread_mutex_lock", "app::freed", "app::f"]).is_none());
        assert!(allowed(Kind::Fs, &["open", "malloc", "app::f"]).is_none());
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
