// Whoever clears `errno` and looks at it afterwards finds what the call left there, whatever the guard did before the call:
// here it wants to know how long the thread waited, and there is no descriptor left to find out.
// expect: "engine":"kernel"
// expect: fs access @called

use guard_runtime::guard;

fn nap() {
    // Past every hook.
    let time = rustix::thread::Timespec { tv_sec: 0, tv_nsec: 130_000_000 };
    assert!(matches!(rustix::thread::nanosleep(&time), rustix::thread::NanosleepRelativeResult::Ok));
}

/// `errno` after a call that succeeds.
fn errno_after(call: impl FnOnce()) -> i32 {
    // SAFETY: libc gives a valid pointer to this thread's own variable.
    unsafe { *libc::__errno_location() = 0 };
    call();
    std::io::Error::last_os_error().raw_os_error().unwrap()
}

pub(crate) fn main() {
    // SAFETY: plain numbers.
    let free = unsafe { libc::dup(0) };
    // SAFETY: as above.
    unsafe { libc::close(free) };
    let errno = futures::executor::block_on(guard(async {
        let limit = |soft| {
            let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: both pointers are to this variable.
            unsafe {
                libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limits);
                let old = std::mem::replace(&mut limits.rlim_cur, soft);
                assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limits), 0);
                old
            }
        };
        let old = limit(free as libc::rlim_t);
        nap();
        let errno = errno_after(|| {
            // SAFETY: the path is NUL-terminated.
            assert_eq!(unsafe { libc::access(c"/".as_ptr(), libc::F_OK) }, 0); // @called
        });
        limit(old);
        errno
    }));
    assert_eq!(errno, 0);
}
