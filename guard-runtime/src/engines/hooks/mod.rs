//! The libc hooks: blocking functions called anywhere below an armed poll, by std, dependencies and C code alike.
//!
//! Each row of the tables is a definition that takes the place of libc's in the whole program and forwards to it. A
//! hook allocates nothing, takes no lock, lets no hook run inside itself, keeps `errno`, and never panics: it notes
//! what it saw in the region, and the outermost guarded poll acts on it when it returns. On an armed worker outside of such a
//! poll it notes it in `region/notes.rs`.
//!
//! Left out on purpose:
//!
//! | symbols | why |
//! |---|---|
//! | `close`, `shutdown`, `bind`, `listen`, `lseek` | they wait for nothing in ordinary use |
//! | `epoll_ctl`, `eventfd_read`, `eventfd_write`, `futex` wake, `sched_yield` | likewise |
//! | `getcwd`, `getifaddrs`, `getloadavg`, `getmntent`, `sysinfo` | answered from the kernel's memory |
//! | `mmap`, `munmap`, `madvise`, `mlock`, `process_vm_readv` | page faults are what blocks there, and those no hook sees |
//! | `readahead`, `posix_fadvise`, `aio_read`, `getaddrinfo_a` | they start what somebody else then waits for |
//! | `getrandom`, `getentropy` | wait only while the machine boots |
//! | `dlmopen`; `dlopen` on aarch64 | it searches by its caller's own library path, which a hook in between would change |
//! | `vfork`, `clone` | the child runs on the parent's stack frame, which a hook would have left by then |
//! | `printf`, `scanf`, `syslog` and their like | variadic arguments cannot be forwarded; `vfprintf`, `fflush`, `fclose` are seen |
//! | `fgetwc`, `fputws` and other functions on wide streams | nobody was found to call them in async code |
//! | `localtime`, `mktime`, `tzset` | they look at the zone's file when `TZ` or the file has changed, most often once: `init`, as in Rust |
//! | `exec*`, `daemon` | they do not come back |
//! | `pthread_spin_lock` | it computes; it does not sleep |
//! | `pthread_once`, `call_once` | what they run is observed; waiting for another thread's run is `init`, which is allowed |
//! | `mount`, `swapon`, `quotactl`, `reboot` and their like | administration, which no service does between requests |
//! | `inotify_add_watch`, `fanotify_mark`, `name_to_handle_at` | one lookup each, and no report of one that stalled |
//! | `res_query` and its family | they are in another library before glibc 2.34 |
//! | `getpwent`, `getnetbyname`, `getprotobyname`, `getrpcbyname`, `getlogin` | nobody was found to call them in async code |

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

// musl's table is shorter.
mod ahead;
#[cfg_attr(hooks_raw, allow(dead_code))]
mod descriptor;
#[cfg_attr(hooks_raw, allow(dead_code))]
mod filter;
mod flight;
mod hook;
mod quiet_stacks;
#[cfg(not(hooks_raw))]
mod symbol;
mod tables;
#[cfg_attr(hooks_raw, allow(dead_code))]
mod time;
mod zones;

use crate::model::{Engine, Guarding, Kind, Place, Record};
use crate::region;
use crate::thread::kernel;
#[cfg(not(hooks_raw))]
use crate::thread::stack;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether there are hooks.
pub(crate) const BUILT: bool = true;

/// Has a function run before `main`.
macro_rules! before_main {
    ($start:path) => {
        #[used]
        #[unsafe(link_section = ".init_array")]
        static EARLY: extern "C" fn() = $start;
    };
}
pub(crate) use before_main;

/// Finds what the hooks forward to, and whether the program calls them. To be called before `main`.
pub(crate) fn start() {
    tables::prepare();
    zones::prepare();
    // Not in a plugin, whose host was linked to libc, or to hooks of its own, before.
    let in_force = status().is_ok();
    IN_FORCE.store(in_force, Ordering::Relaxed);
    if in_force {
        kernel::start();
    }
}

/// Has a function run in each forked child.
pub(crate) fn in_children(then: unsafe extern "C" fn()) {
    // SAFETY: what is called there does what a child of `fork` may: see `start.rs`.
    unsafe { libc::pthread_atfork(None, None, Some(then)) };
}

/// Has functions run before and after each `fork`, on the thread that forks; `after` in the parent alone.
pub(crate) fn around_forks(before: unsafe extern "C" fn(), after: unsafe extern "C" fn()) {
    // SAFETY: as above; before a fork everything may be called.
    unsafe { libc::pthread_atfork(Some(before), Some(after), None) };
}

/// Has hooks forget calls like this one, made on armed workers: they are nobody's business.
pub(crate) fn ignore(record: &Record, on_pool: bool, parked: bool) {
    quiet_stacks::remember(quiet_stacks::key(record), &quiet_stacks::Quiet { on_pool, parked });
}

/// A library may be gone: what was known by the addresses of its code is not known any more.
#[cfg(not(hooks_raw))]
fn unloaded() {
    stack::forget_addresses();
    quiet_stacks::forget();
}

/// Has hooks note again what they forgot: the project's rules have changed.
pub(crate) fn forget() {
    quiet_stacks::forget();
}

/// Whether the whole program calls the hooks for libc's functions. In a shared library that was loaded into a program of
/// its own, only that program's libc is called.
static IN_FORCE: AtomicBool = AtomicBool::new(false);

pub(crate) fn in_force() -> bool {
    IN_FORCE.load(Ordering::Relaxed)
}

/// Whether a blocking call of this kind reaches the hooks, so that its call site need not report it too.
pub(crate) fn sees(kind: Kind) -> bool {
    !matches!(kind, Kind::BlockOn | Kind::Crypto | Kind::Compression | Kind::Cpu | Kind::Pool)
        && tables::has(kind)
}

/// The hooks whose function this libc lacks: they are out of force.
pub(crate) fn unresolved() -> Vec<&'static str> {
    tables::unresolved()
}

/// Whether the hooks are in force, else why not. Found out by making a hooked call and looking whether it was seen.
pub(crate) fn status() -> Result<(), String> {
    let guarding = Guarding { place: Place::Call(Location::caller()), type_name: || "self-probe" };
    let records = region::rehearse(guarding, || {
        // SAFETY: the text is NUL-terminated.
        unsafe { libc::access(c"/".as_ptr(), libc::F_OK) };
    });
    if records.iter().any(|record| record.engine == Engine::Intercept && record.symbol == "access") {
        return Ok(());
    }
    Err("libc's own functions are called instead of the hooks: is this a shared library or a plugin?"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(not(hooks_raw))]
    use tables::symbols;

    /// `RTLD_NEXT` yields the oldest version of a symbol, a handle the one that the linker would have taken.
    #[cfg(not(hooks_raw))]
    #[test]
    fn every_hook_forwards_to_the_version_that_programs_are_linked_to() {
        // SAFETY: the library is loaded already; opening it again runs nothing.
        let libc = unsafe { libc::dlopen(c"libc.so.6".as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        assert!(!libc.is_null());
        let mut hooks = 0;
        for symbol in symbols() {
            let name = std::ffi::CString::new(symbol.name()).unwrap();
            // SAFETY: the handle is valid and the text NUL-terminated.
            let linked = unsafe { libc::dlsym(libc, name.as_ptr()) };
            assert_eq!(symbol.get(), (!linked.is_null()).then_some(linked), "{}", symbol.name());
            hooks += usize::from(!linked.is_null());
        }
        assert!(hooks > 150, "only {hooks} hooks");
    }

    #[test]
    fn the_self_probe_sees_its_own_call() {
        assert_eq!(status(), Ok(()));
    }

    #[test]
    fn a_failed_call_keeps_its_error() {
        let guarding = Guarding { place: Place::Call(Location::caller()), type_name: || "test" };
        static ERROR: std::sync::Mutex<Option<i32>> = std::sync::Mutex::new(None);
        let records = region::rehearse(guarding, || {
            let failed = std::fs::metadata("/no/such/file").unwrap_err();
            *ERROR.lock().unwrap() = failed.raw_os_error();
        });
        assert_eq!(*ERROR.lock().unwrap(), Some(libc::ENOENT));
        assert!(records.iter().any(|record| record.kind == Kind::Fs), "{}", records.len());
    }
}
