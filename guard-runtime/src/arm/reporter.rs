//! The one thread of ours: it reports what armed workers have noted, as soon as they have, and sleeps in between.
//!
//! It exists from the first note on, where a hook may allocate, or a worker waits for events. All signals are blocked in
//! it, no hook does anything on it, and it is not std's, which would hand a test's captured output down to it. Where it
//! cannot be had, workers report themselves while they wait for events, and the end of the process the rest.

use super::hand_over::{When, hand_over, is_over};
use crate::region::{self, notes};
use std::ffi::{c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

/// As std's threads have it: a handler of the user's runs on it.
const STACK: usize = 2 << 20;

/// How long it waits before it looks, and so how rarely a burst of notes wakes it: the several calls of the libc that one
/// read of a file makes shall be seen together.
const GATHERS: Duration = Duration::from_millis(1);

/// Why there is no thread: the error of the last attempt.
static ERROR: AtomicI32 = AtomicI32::new(0);
/// The process that may start it: a child of `vfork` has our memory, but is another one.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// To be called before `main`.
pub(crate) fn prepare() {
    PROCESS.store(std::process::id(), Ordering::Relaxed);
}

/// Starts it, unless that was done, or has failed. Whether it is there.
#[cold]
pub(crate) fn start() -> bool {
    let bell = &notes::BELL;
    if PROCESS.load(Ordering::Relaxed) != std::process::id() || !bell.appoint() {
        return bell.has_thread();
    }
    let error = spawn();
    if error != 0 {
        ERROR.store(error, Ordering::Relaxed);
        bell.give_up();
    }
    error == 0
}

/// Why it could not be started, if so.
pub(crate) fn why_not() -> Option<String> {
    let error = || io::Error::from_raw_os_error(ERROR.load(Ordering::Relaxed));
    notes::BELL.is_unable().then(|| error().to_string())
}

fn spawn() -> c_int {
    // SAFETY: each function is given initialized locals that outlive it, or is the one that initializes them; `run` matches
    // what a thread begins with, and is given nothing.
    unsafe {
        let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::<libc::sigset_t>::uninit());
        libc::sigfillset(all.as_mut_ptr());
        let mut attributes = MaybeUninit::uninit();
        let error = libc::pthread_attr_init(attributes.as_mut_ptr());
        if error != 0 {
            return error;
        }
        libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), STACK);
        libc::pthread_attr_setdetachstate(attributes.as_mut_ptr(), libc::PTHREAD_CREATE_DETACHED);
        // A thread inherits the mask, so that no signal can come in between.
        let masked = libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0;
        let mut thread = MaybeUninit::uninit();
        let error = libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), run, std::ptr::null_mut());
        if masked {
            libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        }
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        error
    }
}

extern "C" fn run(_: *mut c_void) -> *mut c_void {
    let _quiet = region::quiet();
    // SAFETY: the text is NUL-terminated and short enough.
    unsafe { libc::prctl(libc::PR_SET_NAME, c"guard-reports".as_ptr()) };
    while !is_over() {
        notes::BELL.rest(notes::is_ready);
        std::thread::sleep(GATHERS);
        // Should it fail, the next report may be another one; the panic's message has been shown.
        let _ = std::panic::catch_unwind(|| hand_over(When::Noted));
    }
    std::ptr::null_mut()
}

/// A forked child has no such thread, and may start its own.
pub(super) fn in_child() {
    prepare();
}
