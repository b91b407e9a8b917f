//! Calls that go through the hooks, beside libc's own functions.

use super::{Case, Duration, Instant, case, compare, guard, poll_once};
use guard_runtime::{allow_blocking, no_block};
use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

unsafe extern "C" {
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn poll(fds: *mut c_void, count: c_ulong, timeout: c_int) -> c_int;
    fn pthread_mutex_lock(mutex: *mut c_void) -> c_int;
    fn pthread_mutex_unlock(mutex: *mut c_void) -> c_int;
    fn send(socket: c_int, data: *const c_void, len: usize, flags: c_int) -> isize;
    fn recv(socket: c_int, data: *mut c_void, len: usize, flags: c_int) -> isize;
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// Hooked, and blocking.
pub(super) fn a_file() {
    // SAFETY: the path is a NUL-terminated text.
    unsafe { access(c"/".as_ptr(), 0) };
}

/// Where libc's own function of a name is, by $function's type.
macro_rules! own {
    ($name:literal, $($argument:ty),* => $out:ty) => {{
        const NOW: c_int = 2;
        // SAFETY: libc is there already; both texts are NUL-terminated.
        let at = unsafe { dlsym(dlopen(c"libc.so.6".as_ptr(), NOW), $name.as_ptr()) };
        assert!(!at.is_null(), "libc has no {:?}", $name);
        // SAFETY: libc's function of this name has this signature.
        unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) -> $out>(at) }
    }};
}

fn calls(times: u32, mut call: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        call();
    }
    start.elapsed()
}

fn in_poll(times: u32, mut call: impl FnMut()) -> Duration {
    let mut took = Duration::ZERO;
    poll_once(guard(async { took = calls(times, &mut call) }));
    took
}

/// The same by libc's own function, by the hook outside of polls, in an armed one, and in an allowed stretch of one.
fn four(title: &str, times: u32, own: impl Fn(), hooked: impl Fn()) {
    let mut cases: [Case<'_>; 4] = [
        case("libc's own", |times| calls(times, &own)),
        case("unarmed", |times| calls(times, &hooked)),
        case("armed", |times| in_poll(times, &hooked)),
        case("allowed", |times| allow_blocking("measured", || in_poll(times, &hooked))),
    ];
    compare(title, times, &mut cases);
}

/// What is recorded below a typed call is told by its place.
#[no_block]
#[allow(deprecated)]
async fn typed(times: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        black_box(Path::new("/").exists());
    }
    start.elapsed()
}

pub(super) fn run() {
    // A mutex of the C library that nobody holds is all zeros.
    let mutex = std::cell::UnsafeCell::new([0_u64; 8]);
    let lock = |lock: unsafe extern "C" fn(*mut c_void) -> c_int| {
        // SAFETY: the mutex is valid, this thread's own, and unlocked at once.
        unsafe {
            lock(mutex.get().cast());
            pthread_mutex_unlock(mutex.get().cast());
        }
    };
    let own = black_box(own!(c"pthread_mutex_lock", *mut c_void => c_int));
    four(
        "a hooked call that does not block, a free mutex",
        20_000,
        || lock(own),
        || lock(pthread_mutex_lock),
    );

    let no_wait = |poll: unsafe extern "C" fn(*mut c_void, c_ulong, c_int) -> c_int| {
        // SAFETY: no descriptors are given, so none are read.
        unsafe { poll(std::ptr::null_mut(), 0, 0) };
    };
    let own = black_box(own!(c"poll", *mut c_void, c_ulong, c_int => c_int));
    four("one that is a system call, poll(.., 0)", 4_000, || no_wait(own), || no_wait(poll));

    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    near.set_nonblocking(true).and_then(|()| far.set_nonblocking(true)).expect("non-blocking sockets");
    type Send = unsafe extern "C" fn(c_int, *const c_void, usize, c_int) -> isize;
    type Recv = unsafe extern "C" fn(c_int, *mut c_void, usize, c_int) -> isize;
    let pair = |send: Send, recv: Recv| {
        let mut data = [0_u8; 64];
        // SAFETY: the descriptors are open, and the data is as long as it is said to be.
        unsafe {
            send(near.as_raw_fd(), data.as_ptr().cast(), data.len(), 0);
            recv(far.as_raw_fd(), data.as_mut_ptr().cast(), data.len(), 0);
        }
    };
    let own_send = black_box(own!(c"send", c_int, *const c_void, usize, c_int => isize));
    let own_recv = black_box(own!(c"recv", c_int, *mut c_void, usize, c_int => isize));
    four("a non-blocking send and recv", 2_000, || pair(own_send, own_recv), || pair(send, recv));

    let exists = |access: unsafe extern "C" fn(*const c_char, c_int) -> c_int| {
        // SAFETY: the path is a NUL-terminated text.
        unsafe { access(c"/".as_ptr(), 0) };
    };
    let own = black_box(own!(c"access", *const c_char, c_int => c_int));
    four("one that blocks, access(..), many in one poll", 2_000, || exists(own), || exists(access));

    let mut cases: [Case<'_>; 2] = [
        case("Path::exists, unarmed", |times| {
            calls(times, || {
                black_box(Path::new("/").exists());
            })
        }),
        case("in an annotated fn, armed", |times| {
            let mut took = Duration::ZERO;
            poll_once(async { took = typed(times).await });
            took
        }),
    ];
    compare("one that blocks and that the attribute sees, many in one poll", 2_000, &mut cases);
}
