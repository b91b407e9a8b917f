//! The frame rules: which stacks are harmless, and which kind a call really is.
//!
//! Data, but for the few lines that read it. All of it goes by names of functions (`items.rs`), so it needs no line
//! tables.

use super::items::Items;
use super::names::Name;
use crate::model::Kind;

/// Where a rule looks, between the call and the poll.
enum Frames {
    /// Any frame in one of these items.
    Any(Items),
    /// The first frame that is not lock plumbing is in one of these.
    First(Items),
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
        name: "tokio's own locks",
        kinds: &[Kind::Lock, Kind::Channel],
        frames: Frames::First(Items::TokioLocks),
    },
    Allow { name: "the allocator's own locks", kinds: &[Kind::Lock], frames: Frames::Any(Items::Allocators) },
    // Starting a process is blocking on every platform; tokio does it in place.
    Allow { name: "tokio::process", kinds: &[Kind::Process], frames: Frames::Any(Items::TokioProcess) },
    Allow {
        name: "tokio's pipes open their file in place",
        kinds: &[Kind::Fs],
        frames: Frames::Any(Items::TokioPipes),
    },
    Allow {
        name: "counting the processors reads cgroup files, once",
        kinds: &[],
        frames: Frames::Any(Items::CountsProcessors),
    },
    Allow { name: "a backtrace is being taken", kinds: &[], frames: Frames::Any(Items::Backtraces) },
];

/// Which kind a call is, by the innermost frame that is in one of these items.
struct Becomes {
    from: &'static [Kind],
    to: Kind,
    frames: Items,
}

const BECOMES: &[Becomes] = &[
    // A wait on a futex says nothing of what is waited for.
    Becomes { from: &[Kind::Lock], to: Kind::Channel, frames: Items::Channels },
    Becomes { from: &[Kind::Lock], to: Kind::ThreadJoin, frames: Items::Joins },
    Becomes { from: &[Kind::Lock, Kind::Other], to: Kind::BlockOn, frames: Items::WaitsForFuture },
    Becomes { from: &[Kind::Lock], to: Kind::Cpu, frames: Items::Rayon },
    Becomes { from: &[Kind::Lock, Kind::Other], to: Kind::Net, frames: Items::HttpClients },
    Becomes { from: &[Kind::Other, Kind::Fs], to: Kind::Stdio, frames: Items::Terminals },
    // By descriptors that wait for the child, or tell of its signal.
    Becomes { from: &[Kind::Other, Kind::Net], to: Kind::Process, frames: Items::Children },
    // A signal arrives through a pair of sockets.
    Becomes { from: &[Kind::Net], to: Kind::Other, frames: Items::Signals },
    Becomes {
        from: &[Kind::Fs, Kind::Net, Kind::Lock, Kind::Sleep, Kind::Other],
        to: Kind::Db,
        frames: Items::Databases,
    },
];

/// What of the C library sleeps until another thread acts: it has no frames but the hook's.
const WAIT_OF_C: &[&str] = &[
    "pthread_cond_wait",
    "pthread_cond_timedwait",
    "pthread_cond_clockwait",
    "pthread_barrier_wait",
    "cnd_wait",
    "cnd_timedwait",
];

/// Whether a function is a data format's, or one that it calls back.
pub(super) fn is_data_format(name: &Name) -> bool {
    name.is_in(Items::DataFormats)
}

/// Whether this runs when a value is dropped.
pub(super) fn is_drop(name: &Name) -> bool {
    name.is_in(Items::Drops)
}

/// The kind of a call to this symbol with these frames between it and the poll, innermost first.
pub(super) fn kind(seen: Kind, symbol: &str, frames: &[&Name]) -> Kind {
    if seen != Kind::Stdio && frames.iter().any(|name| name.is_in(Items::Init)) {
        return Kind::Init;
    }
    let is_mutex = |at: usize| frames[..at].iter().any(|name| name.is_in(Items::Mutexes));
    let rules: Vec<&Becomes> = BECOMES.iter().filter(|rule| rule.from.contains(&seen)).collect();
    let of = |(at, name): (usize, &&Name)| {
        let rule = rules.iter().find(|rule| name.is_in(rule.frames))?;
        let is_wait = matches!(rule.to, Kind::Channel | Kind::ThreadJoin | Kind::BlockOn | Kind::Cpu);
        (!is_wait || !is_mutex(at)).then_some(rule.to)
    };
    let known = frames.iter().enumerate().find_map(of);
    let wait = frames.iter().position(|name| name.is_in(Items::Waits));
    match (known, seen) {
        (Some(known), _) => known,
        (None, Kind::Lock) if WAIT_OF_C.contains(&symbol) || wait.is_some_and(|at| !is_mutex(at)) => {
            Kind::Channel
        }
        // Woken, it takes its lock again.
        (None, Kind::Channel) if wait.is_some_and(is_mutex) => Kind::Lock,
        // A stream of std's is locked by whoever uses it.
        (None, Kind::Stdio) if is_mutex(frames.len()) => Kind::Lock,
        _ => seen,
    }
}

/// The rule that allows a call of this kind with these frames between it and the poll; `foreign`: without the user's own.
pub(super) fn allowed(kind: Kind, frames: &[&Name], foreign: &[&Name]) -> Option<&'static str> {
    let applies = |rule: &&Allow| {
        (rule.kinds.is_empty() || rule.kinds.contains(&kind))
            && match rule.frames {
                Frames::Any(items) => foreign.iter().any(|name| name.is_in(items)),
                Frames::First(items) => frames
                    .iter()
                    .find(|name| name.has_crate() && !name.is_in(Items::LockPlumbing))
                    .is_some_and(|name| name.is_in(items)),
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

    fn kind_of(symbol: &str, seen: Kind, frames: &[Name]) -> Kind {
        super::kind(seen, symbol, &frames.iter().collect::<Vec<_>>())
    }

    fn kind(seen: Kind, frames: &[Name]) -> Kind {
        kind_of("syscall", seen, frames)
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
            assert_eq!(kind_of("pthread_cond_wait", Kind::Lock, &names(&[outer])), becomes, "{outer}");
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
        assert_eq!(kind_of("pthread_cond_timedwait", Kind::Lock, &[]), Kind::Channel);
        assert_eq!(kind_of("pthread_mutex_lock", Kind::Lock, &[]), Kind::Lock);
        assert_eq!(kind_of("sem_wait", Kind::Lock, &[]), Kind::Lock);
        // A lock that is built on nothing but the futex.
        let parked = ["parking_lot_core::parking_lot::park", "dashmap::lock::RawRwLock::lock_shared_slow"];
        assert_eq!(kind(Kind::Lock, &names(&parked)), Kind::Lock);
        let tokio_s = names(&[condvar, "tokio::runtime::blocking::pool::Spawner::shutdown", "app::f"]);
        let all: Vec<&Name> = tokio_s.iter().collect();
        assert!(allowed(kind(Kind::Lock, &tokio_s), &all, &all).is_some());
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
        let allowed = |frames: &[&str]| {
            let names = names(frames);
            let names: Vec<&Name> = names.iter().collect();
            allowed(Kind::Lock, &names, &names)
        };
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
        let allowed = |kind, frames: &[&str]| {
            let names = names(frames);
            let names: Vec<&Name> = names.iter().collect();
            super::allowed(kind, &names, &names)
        };
        assert!(allowed(Kind::Lock, &frames).is_some());
        assert!(allowed(Kind::Lock, &["pthread_mutex_lock", "app::freed", "app::f"]).is_none());
        assert!(allowed(Kind::Fs, &["open", "malloc", "app::f"]).is_none());
    }
}
