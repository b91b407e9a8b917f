//! The frame rules: which stacks are harmless, and which kind a call really is.
//!
//! Data, but for the few lines that read it. All of it goes by names of functions, so it needs no line tables.

use super::names::Name;
use crate::model::Kind;

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
        kinds: &[Kind::Lock, Kind::Channel],
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

/// Below these a thread sleeps until another one acts, rather than until a section ends. What uses them to wait in is known
/// by a frame further out, and decides: rayon, `block_on`, channels, joins.
const WAIT: &[&str] = &[
    "std::sys::sync::condvar",
    "std::sync::condvar",
    "std::sync::poison::condvar",
    "std::sync::barrier",
    "std::sys::sync::thread_parking",
    "std::thread::park",
    "std::thread::park_timeout",
    "std::thread::functions::park",
    "std::thread::functions::park_timeout",
    "std::thread::Thread::park",
    "std::thread::thread::Thread::park",
    "parking_lot::condvar",
];

/// The same of the C library, which has no frames but the hook's.
const WAIT_OF_C: &[&str] = &[
    "pthread_cond_wait",
    "pthread_cond_timedwait",
    "pthread_cond_clockwait",
    "pthread_barrier_wait",
    "cnd_wait",
    "cnd_timedwait",
];

/// What derives implement for data formats to call back: no place of the user's, whose line named the format.
const CALLED_BACK: &[&str] = &["serde", "serde_core"];

/// Whether a function is a format's, or one that it calls back.
pub(super) fn is_data_format(name: &Name) -> bool {
    CALLED_BACK.iter().any(|item| name.is_in(item) || name.implements(item))
}

/// Whether this runs when a value is dropped.
pub(super) fn is_drop(name: &Name) -> bool {
    name.is_in("core::ptr::drop_in_place") || name.implements("core::ops::drop::Drop")
}

pub(super) fn is_in_any(name: &Name, items: &[&str]) -> bool {
    items.iter().any(|item| name.is_in(item))
}

/// The kind of a call to this symbol with these frames between it and the poll, innermost first.
pub(super) fn kind(seen: Kind, symbol: &str, frames: &[Name]) -> Kind {
    if seen != Kind::Stdio && frames.iter().any(|name| is_in_any(name, INIT)) {
        return Kind::Init;
    }
    let is_mutex = |at: usize| frames[..at].iter().any(|name| is_in_any(name, MUTEX));
    let of = |(at, name): (usize, &Name)| {
        let rule = BECOMES.iter().find(|rule| rule.from.contains(&seen) && is_in_any(name, rule.frames))?;
        let is_wait = matches!(rule.to, Kind::Channel | Kind::ThreadJoin | Kind::BlockOn | Kind::Cpu);
        (!is_wait || !is_mutex(at)).then_some(rule.to)
    };
    let known = frames.iter().enumerate().find_map(of);
    let wait = frames.iter().position(|name| is_in_any(name, WAIT));
    match (known, seen) {
        (Some(known), _) => known,
        (None, Kind::Lock) if WAIT_OF_C.contains(&symbol) || wait.is_some_and(|at| !is_mutex(at)) => {
            Kind::Channel
        }
        // Woken, it takes its lock again.
        (None, Kind::Channel) if wait.is_some_and(is_mutex) => Kind::Lock,
        _ => seen,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<Name> {
        names.iter().map(|name| Name::parse(name)).collect()
    }

    fn kind(seen: Kind, frames: &[Name]) -> Kind {
        super::kind(seen, "syscall", frames)
    }

    #[test]
    fn who_sleeps_until_another_thread_acts_waits_for_no_lock() {
        let condvar = "std::sys::sync::condvar::futex::Condvar::wait_optional_timeout";
        let (park, parking_lot) = ("std::thread::park", "parking_lot::condvar::Condvar::wait_until_internal");
        let barrier = "std::sync::barrier::Barrier::wait";
        for wait in [condvar, park, parking_lot, barrier] {
            assert_eq!(kind(Kind::Lock, &names(&[wait, "app::f"])), Kind::Channel, "{wait}");
        }
        for (outer, becomes) in [
            ("rayon_core::latch::LockLatch::wait", Kind::Cpu),
            ("futures_executor::local_pool::block_on", Kind::BlockOn),
            ("tokio::runtime::park::CachedParkThread::park", Kind::BlockOn),
            ("std::sync::poison::once::Once::call_once", Kind::Init),
            ("std::thread::scoped::scope", Kind::ThreadJoin),
            ("rusqlite::Connection::execute", Kind::Db),
        ] {
            assert_eq!(kind(Kind::Lock, &names(&[condvar, outer, "app::f"])), becomes, "{outer}");
            assert_eq!(super::kind(Kind::Lock, "pthread_cond_wait", &names(&[outer])), becomes, "{outer}");
        }
        // Woken, and the mutex is held.
        for lock in [
            "std::sys::sync::mutex::futex::Mutex::lock_contended",
            "parking_lot::raw_mutex::RawMutex::lock_slow",
        ] {
            for seen in [Kind::Lock, Kind::Channel] {
                assert_eq!(kind(seen, &names(&[lock, condvar, "app::f"])), Kind::Lock, "{lock}");
            }
        }
        assert_eq!(super::kind(Kind::Lock, "pthread_cond_timedwait", &[]), Kind::Channel);
        assert_eq!(super::kind(Kind::Lock, "pthread_mutex_lock", &[]), Kind::Lock);
        assert_eq!(super::kind(Kind::Lock, "sem_wait", &[]), Kind::Lock);
        // A lock that is built on nothing but the futex.
        let parked = ["parking_lot_core::parking_lot::park", "dashmap::lock::RawRwLock::lock_shared_slow"];
        assert_eq!(kind(Kind::Lock, &names(&parked)), Kind::Lock);
        let tokio_s = names(&[condvar, "tokio::runtime::blocking::pool::Spawner::shutdown", "app::f"]);
        assert!(allowed(kind(Kind::Lock, &tokio_s), &tokio_s, &tokio_s).is_some());
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
    fn what_an_allocator_waits_for_is_nobody_s_business() {
        let frames = ["pthread_mutex_lock", "malloc_mutex_lock_slow", "__rustc::__rust_dealloc", "app::f"];
        let allowed = |kind, frames: &[&str]| super::allowed(kind, &names(frames), &names(frames));
        assert!(allowed(Kind::Lock, &frames).is_some());
        assert!(allowed(Kind::Lock, &["pthread_mutex_lock", "app::freed", "app::f"]).is_none());
        assert!(allowed(Kind::Fs, &["open", "malloc", "app::f"]).is_none());
    }
}
