//! One macro that turns a row of a table into a hook, and what every hook does.

use super::ahead::{Ahead, Watch, begin_stretch, settle};
use super::flight::Flight;
use crate::config;
use crate::engines::upcalls;
use crate::model::Kind;
use crate::region::{self, HookGuard, Quick, notes};
use crate::thread::process::{self, Memory};
use crate::thread::{executor, kernel, stack};
use libc::c_int;

/// Turns rows into `extern "C"` functions that take the place of libc's, and into a list of their symbols. Unwinding
/// passes through them: glibc cancels a thread by it, and C++ throws out of what `scandir` calls back.
///
/// ```text
/// fn name(argument: Type, …) -> Type {
///     version c"…";      the symbol version to forward to, where the oldest one is wrong
///     first   attempt;   Option<Type>: a way to get the result without blocking, as by try_lock
///     blocks  filter;    Option<Kind>, Option<Ahead>: how the call is about to block, told from its arguments
///     unless  closure;   of the result: true if it turned out not to have blocked
///     then    closure;   of the result: bookkeeping, done outside armed polls too
///     missing value;     the result where this libc lacks the function; by default it fails with ENOSYS
/// }
/// ```
macro_rules! hooks {
    ($(fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $out:ty {
        $(version $version:expr;)?
        $(first $first:expr;)?
        $(blocks $blocks:expr;)?
        $(unless $unless:expr;)?
        $(then $then:expr;)?
        $(missing $missing:expr;)?
    })*) => {
        #[allow(non_upper_case_globals)]
        mod real {
            use $crate::engines::hooks::symbol::{Symbol, nul_terminated, only};

            $(pub(super) static $name: Symbol =
                Symbol::new(nul_terminated(concat!(stringify!($name), "\0")), only(&[$($version)?]));)*
        }

        /// Every symbol of this table.
        pub(super) static SYMBOLS: &[&$crate::engines::hooks::symbol::Symbol] = &[$(&real::$name),*];

        // SAFETY: each function has the signature of libc's function of its name, so that callers keep the contract
        // which the filters and the forwarded call rely on.
        $(#[unsafe(no_mangle)]
        pub(crate) unsafe extern "C-unwind" fn $name($($arg: $type),*) -> $out {
            let forward = || match real::$name.get() {
                Some(at) => {
                    // SAFETY: `at` is the address of libc's function of this name, which has this signature.
                    let real: unsafe extern "C-unwind" fn($($type),*) -> $out = unsafe { std::mem::transmute(at) };
                    // SAFETY: the arguments are the caller's own, unchanged.
                    unsafe { real($($arg),*) }
                }
                None => hooks!(@missing $($missing)?),
            };
            let out = hooks!(@watch $name, forward, [$($first)?], [$($blocks)?], [$($unless)?]);
            $(($then)(out);)?
            out
        })*
    };
    (@missing) => { $crate::engines::hooks::symbol::refuse() };
    // SAFETY: the kernel gets the caller's arguments as libc's function would.
    (@missing $missing:expr) => { unsafe { $missing } };
    (@watch $name:ident, $forward:ident, [], [], []) => { $forward() };
    (@watch $name:ident, $forward:ident, [$($first:expr)?], [$blocks:expr], [$($unless:expr)?]) => {
        match $crate::region::enter_hook(const { $crate::engines::hooks::hook::may_allocate(stringify!($name)) }) {
            None => $forward(),
            Some(inside) => match hooks!(@first $($first)?) {
                Some(out) => out,
                None => {
                    #[allow(unused_unsafe)] // Not all filters follow pointers.
                    // SAFETY: filters read the caller's arguments only as libc's function will.
                    let ahead = unsafe { $blocks };
                    // The way of most calls is kept short.
                    match ahead {
                        None => {
                            // A child that borrows this thread from its parent may end in the call.
                            drop(inside);
                            $forward()
                        }
                        Some(ahead) => {
                            let unless = hooks!(@unless $($unless)?);
                            $crate::engines::hooks::hook::observe(&inside, stringify!($name), ahead.into(), $forward, unless)
                        }
                    }
                }
            },
        }
    };
    (@first) => { None };
    // SAFETY: an attempt gets the caller's arguments as libc's function would.
    (@first $first:expr) => { unsafe { $first } };
    (@unless) => { |_| false };
    (@unless $unless:expr) => { $unless };
}
pub(super) use hooks;

/// What allocators call while they hold locks of their own: a mutex of the C library.
const UNDER_LOCKS: [&str; 5] =
    ["pthread_mutex_lock", "pthread_mutex_timedlock", "pthread_mutex_clocklock", "mtx_lock", "mtx_timedlock"];

/// Whether a function is never called by an allocator that holds its locks. For constants alone.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(super) const fn may_allocate(symbol: &str) -> bool {
    let mut at = 0;
    while at < UNDER_LOCKS.len() {
        if is_same(symbol.as_bytes(), UNDER_LOCKS[at].as_bytes()) {
            return false;
        }
        at += 1;
    }
    true
}

#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Like [`hooks`], for a libc without anything behind it: every row says by which system call it forwards.
///
/// ```text
/// fn name(argument: Type, …) -> Type {
///     first   attempt;   as above
///     blocks  filter;    as above
///     unless  closure;   as above
///     calls   expression; the result, by system calls made here
/// }
/// ```
#[cfg(hooks_raw)]
macro_rules! raw_hooks {
    ($(fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $out:ty {
        $(first $first:expr;)?
        blocks $blocks:expr;
        $(unless $unless:expr;)?
        calls $calls:expr;
    })*) => {
        /// Every function of this table. Whoever reads it has all of them linked.
        pub(super) static HOOKS: &[(&str, Address)] = &[$((stringify!($name), Address($name as *const ()))),*];

        // SAFETY: each function has the signature of libc's function of its name, so that callers keep the contract
        // which the filters and the system call rely on.
        $(#[unsafe(no_mangle)]
        pub(crate) unsafe extern "C-unwind" fn $name($($arg: $type),*) -> $out {
            // SAFETY: the kernel gets the caller's arguments as libc's function would pass them.
            let forward = || unsafe { $calls };
            hooks!(@watch $name, forward, [$($first)?], [$blocks], [$($unless)?])
        })*
    };
}
#[cfg(hooks_raw)]
pub(super) use raw_hooks;

/// Forwards a call made in an armed poll, and records it if it blocked. No allocation, no lock; `errno` is the
/// call's own. `inside` keeps every hook on this thread silent meanwhile, the ones that this function causes included.
pub(super) fn observe<R: Copy>(
    inside: &HookGuard,
    symbol: &'static str,
    ahead: Ahead,
    forward: impl FnOnce() -> R,
    unless: impl FnOnce(R) -> bool,
) -> R {
    // Some callers look at `errno` to see whether the function has failed, and clear it before.
    let before = errno();
    let here = 0;
    let memory = process::memory();
    if memory == Memory::Borrowed {
        return region::lend(inside, forward);
    }
    let depart = || {
        if memory == Memory::Copied {
            upcalls::in_child();
        }
        if region::is_forked() { None } else { Flight::depart(ahead, symbol, stack::mark(&here)) }
    };
    let has_left = Watch::has_left();
    // Of what is quick a thousand calls may be made: only the one that makes them too long is looked at.
    let late = ahead.quick == Some(Quick::Tables);
    let flight = if late { None } else { config::contain("a hook", depart).flatten() };
    if late {
        config::contain("the kernel's account", begin_stretch);
    } else if flight.is_none() {
        set_errno(before);
        return forward();
    }
    let watch = Watch::start(has_left);
    set_errno(before);
    let out = forward();
    let errno = errno();
    if region::is_forked() {
        // By a signal's handler, during the call: its parent notes it.
        return out;
    }
    let elapsed_ns = watch.elapsed_ns();
    let slept = config::contain("the kernel's account", kernel::waited).flatten();
    // Taking a free lock or a message that is there, or joining a thread that has ended, is no event, however long the
    // thread was preempted meanwhile.
    let free = matches!(ahead.kind, Kind::Lock | Kind::Channel | Kind::ThreadJoin) && slept == Some(false);
    if !free && !unless(out) {
        config::contain("a hook", || match (ahead.quick, flight) {
            (None, Some(flight)) => flight.land(elapsed_ns, slept),
            (None, None) => {}
            (Some(quick), flight) => settle(quick, elapsed_ns, slept, || flight.or_else(depart)),
        });
    }
    set_errno(errno);
    out
}

/// Sees to it that what armed workers have noted is reported, if a worker is about to wait for events: it holds no
/// allocator's lock then. Our thread is started here if no hook before could; without one this worker reports itself, and
/// the result is that of `look`, which does not wait: a handler may have woken a task of this very worker.
#[inline]
pub(super) fn hand_over_first(look: impl FnOnce() -> c_int) -> Option<c_int> {
    if !notes::waits_for_worker() || region::in_poll() || executor::worker().is_none() {
        return None;
    }
    if process::memory() != Memory::Own || region::is_forked() || keep_errno(upcalls::start_thread) {
        return None;
    }
    hand_over();
    Some(look())
}

/// After a wait of a kind that workers park in: a moment at which a thread can be met for the first time.
#[cfg(not(hooks_raw))]
#[inline]
pub(super) fn unparked() {
    keep_errno(region::meet_thread);
}

/// Reports what armed workers have noted, where no thread of ours does. At safe points alone: it allocates, takes locks and
/// calls the user's handler.
#[cold]
pub(super) fn hand_over() {
    keep_errno(|| config::contain("a report", upcalls::hand_over));
}

/// Runs `f` and leaves `errno` as it was: filters ask before the call is made.
pub(super) fn keep_errno<T>(f: impl FnOnce() -> T) -> T {
    let before = errno();
    let out = f();
    set_errno(before);
    out
}

/// This thread's `errno`.
#[inline]
pub(super) fn errno() -> c_int {
    // SAFETY: libc gives a valid pointer to this thread's own variable.
    unsafe { *libc::__errno_location() }
}

#[inline]
pub(super) fn set_errno(value: c_int) {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = value };
}
