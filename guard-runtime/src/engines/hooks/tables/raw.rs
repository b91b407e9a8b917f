//! The table of hooks for musl: a static program has no next definition to forward to, so each row makes its system
//! call itself.
//!
//! What musl composes of these functions is seen through them: `usleep` through `nanosleep`, `opendir` through `open`,
//! `getaddrinfo` through `poll`. What makes its system call inline inside musl is not: C streams, `readdir`,
//! `pthread_mutex_lock`, `sem_wait`, `pthread_join`, `fcntl`, `sendmsg` and `recvmsg` (whose struct musl rewrites).
//! std's own locks, channels and joins reach the kernel through `syscall` or are seen by the kernel's account. A call
//! made here is no cancellation point.

use crate::engines::hooks::filter::file_lock;
use crate::engines::hooks::filter::{
    by_number, connects, message, on_file, path, path_at, paths, reads, selects, sleeps, transfer,
    unless_flag, waits_for, writes,
};
use crate::engines::hooks::hook::{errno, hand_over_first, hooks, raw_hooks, set_errno};
use crate::engines::hooks::time::{is_zero, sleeps_on};
use crate::model::Kind;
use libc::{
    c_char, c_int, c_long, c_uint, c_void, clockid_t, epoll_event, gid_t, id_t, idtype_t, iovec, mode_t,
    nfds_t, off_t, pid_t, pollfd, rusage, siginfo_t, sigset_t, size_t, sockaddr, socklen_t, ssize_t,
    timespec, uid_t,
};
use std::arch::asm;
use std::ptr;

const HERE: c_int = libc::AT_FDCWD;
/// What the kernel's signal masks take.
const MASK_BYTES: size_t = 8;

/// A hook's address, for the list of all of them.
#[allow(dead_code)] // To be linked, not to be read.
pub(super) struct Address(pub(super) *const ());

// SAFETY: an address of code, never followed.
unsafe impl Sync for Address {}

/// What fits into a register.
trait Word {
    fn word(self) -> usize;
}

/// Has every hook linked: a static library's member that nobody asks for is left out, and libc's taken.
pub(in crate::engines::hooks) fn prepare() {
    std::hint::black_box(HOOKS);
}

/// None: the kernel has them all.
pub(in crate::engines::hooks) fn unresolved() -> Vec<&'static str> {
    Vec::new()
}

/// Whether every blocking call of this kind that musl makes is one of a hook's.
pub(in crate::engines::hooks) fn has(kind: Kind) -> bool {
    !matches!(kind, Kind::Process | Kind::ThreadJoin | Kind::Dns)
}

macro_rules! words {
    ($($type:ty),*) => {
        $(impl Word for $type {
            #[inline(always)]
            fn word(self) -> usize {
                self as isize as usize
            }
        })*
    };
}

words!(i32, u32, i64, u64, usize);

impl<T> Word for *const T {
    #[inline(always)]
    fn word(self) -> usize {
        self.addr()
    }
}

impl<T> Word for *mut T {
    #[inline(always)]
    fn word(self) -> usize {
        self.addr()
    }
}

/// The system call itself; a failure is a small negative number.
// SAFETY: the caller keeps the contract of the system call.
#[inline(always)]
unsafe fn kernel(number: c_long, args: [usize; 6]) -> isize {
    let out: isize;
    let [a, b, c, d, e, f] = args;
    // SAFETY: by this function's contract; the kernel changes the named registers only.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!(
            "syscall", inlateout("rax") number as isize => out, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack)
        )
    };
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        asm!(
            "svc 0", in("x8") number, inlateout("x0") a as isize => out, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, in("x5") f, options(nostack)
        )
    };
    out
}

/// A result as libc gives it: -1 and `errno`.
#[inline(always)]
fn result(out: isize) -> isize {
    if (-4095..0).contains(&out) {
        set_errno(out.wrapping_neg() as c_int);
        return -1;
    }
    out
}

macro_rules! call {
    ($number:ident $(, $arg:expr)*) => { result(kernel(libc::$number, call!(@pad [] $($arg,)* 0, 0, 0, 0, 0, 0))) as _ };
    (@pad [] $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr $(, $rest:expr)*) => {
        [$a.word(), $b.word(), $c.word(), $d.word(), $e.word(), $f.word()]
    };
}

/// `poll`'s time-out as the kernel wants it on every architecture.
fn limit(millis: c_int) -> timespec {
    timespec { tv_sec: (millis / 1000).into(), tv_nsec: (millis % 1000).wrapping_mul(1_000_000).into() }
}

// SAFETY: the contract of `poll`.
unsafe fn poll_for(fds: *mut pollfd, count: nfds_t, millis: c_int) -> c_int {
    let limit = limit(millis);
    let limit = if millis < 0 { ptr::null() } else { &raw const limit };
    // SAFETY: the caller's arguments; the kernel may write the rest of the time into a copy of `limit` only.
    unsafe { call!(SYS_ppoll, fds, count, limit, ptr::null::<sigset_t>(), MASK_BYTES) }
}

raw_hooks! {
    fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps(is_zero(time)); calls call!(SYS_nanosleep, time, left); }
    // Gives its error as the result.
    fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int {
        blocks sleeps_on(clock, flags, time);
        calls kernel(libc::SYS_clock_nanosleep, [clock.word(), flags.word(), time.word(), left.word(), 0, 0]).wrapping_neg() as c_int;
    }

    // The third argument of the variadic ones: see the table for glibc.
    fn open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path(name); calls call!(SYS_openat, HERE, name, flags, mode); }
    fn openat(dir: c_int, name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path_at(dir, name); calls call!(SYS_openat, dir, name, flags, mode); }
    fn creat(name: *const c_char, mode: mode_t) -> c_int {
        blocks path(name); calls call!(SYS_openat, HERE, name, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC, mode);
    }
    fn stat(name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); calls call!(SYS_newfstatat, HERE, name, out, 0); }
    fn lstat(name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); calls call!(SYS_newfstatat, HERE, name, out, libc::AT_SYMLINK_NOFOLLOW); }
    fn fstat(fd: c_int, out: *mut libc::stat) -> c_int { blocks on_file(fd); calls call!(SYS_fstat, fd, out); }
    fn fstatat(dir: c_int, name: *const c_char, out: *mut libc::stat, flags: c_int) -> c_int { blocks path_at(dir, name); calls call!(SYS_newfstatat, dir, name, out, flags); }
    fn statx(dir: c_int, name: *const c_char, flags: c_int, mask: c_uint, out: *mut c_void) -> c_int { blocks path_at(dir, name); calls call!(SYS_statx, dir, name, flags, mask, out); }
    fn access(name: *const c_char, mode: c_int) -> c_int { blocks path(name); calls call!(SYS_faccessat, HERE, name, mode); }
    fn rename(from: *const c_char, to: *const c_char) -> c_int { blocks paths(from, to); calls call!(SYS_renameat2, HERE, from, HERE, to, 0); }
    fn renameat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char) -> c_int { blocks path_at(from_dir, from); calls call!(SYS_renameat2, from_dir, from, to_dir, to, 0); }
    fn link(from: *const c_char, to: *const c_char) -> c_int { blocks paths(from, to); calls call!(SYS_linkat, HERE, from, HERE, to, 0); }
    fn linkat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_int) -> c_int { blocks path_at(to_dir, to); calls call!(SYS_linkat, from_dir, from, to_dir, to, flags); }
    fn symlink(target: *const c_char, name: *const c_char) -> c_int { blocks path(name); calls call!(SYS_symlinkat, target, HERE, name); }
    fn symlinkat(target: *const c_char, dir: c_int, name: *const c_char) -> c_int { blocks path_at(dir, name); calls call!(SYS_symlinkat, target, dir, name); }
    fn unlink(name: *const c_char) -> c_int { blocks path(name); calls call!(SYS_unlinkat, HERE, name, 0); }
    fn unlinkat(dir: c_int, name: *const c_char, flags: c_int) -> c_int { blocks path_at(dir, name); calls call!(SYS_unlinkat, dir, name, flags); }
    fn mkdir(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); calls call!(SYS_mkdirat, HERE, name, mode); }
    fn mkdirat(dir: c_int, name: *const c_char, mode: mode_t) -> c_int { blocks path_at(dir, name); calls call!(SYS_mkdirat, dir, name, mode); }
    fn rmdir(name: *const c_char) -> c_int { blocks path(name); calls call!(SYS_unlinkat, HERE, name, libc::AT_REMOVEDIR); }
    fn chmod(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); calls call!(SYS_fchmodat, HERE, name, mode); }
    fn chown(name: *const c_char, owner: uid_t, group: gid_t) -> c_int { blocks path(name); calls call!(SYS_fchownat, HERE, name, owner, group, 0); }
    fn lchown(name: *const c_char, owner: uid_t, group: gid_t) -> c_int { blocks path(name); calls call!(SYS_fchownat, HERE, name, owner, group, libc::AT_SYMLINK_NOFOLLOW); }
    fn utimensat(dir: c_int, name: *const c_char, times: *const timespec, flags: c_int) -> c_int { blocks path_at(dir, name); calls call!(SYS_utimensat, dir, name, times, flags); }
    fn truncate(name: *const c_char, len: off_t) -> c_int { blocks path(name); calls call!(SYS_truncate, name, len); }

    fn read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t { blocks reads(fd); calls call!(SYS_read, fd, buf, len); }
    fn pread(fd: c_int, buf: *mut c_void, len: size_t, at: off_t) -> ssize_t { blocks reads(fd); calls call!(SYS_pread64, fd, buf, len, at); }
    fn readv(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t { blocks reads(fd); calls call!(SYS_readv, fd, parts, count); }
    fn preadv(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks reads(fd); calls call!(SYS_preadv, fd, parts, count, at); }
    fn write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t { blocks writes(fd); calls call!(SYS_write, fd, buf, len); }
    fn pwrite(fd: c_int, buf: *const c_void, len: size_t, at: off_t) -> ssize_t { blocks writes(fd); calls call!(SYS_pwrite64, fd, buf, len, at); }
    fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t { blocks writes(fd); calls call!(SYS_writev, fd, parts, count); }
    fn pwritev(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks writes(fd); calls call!(SYS_pwritev, fd, parts, count, at); }
    fn sendfile(to: c_int, from: c_int, at: *mut off_t, len: size_t) -> ssize_t { blocks transfer(from, to); calls call!(SYS_sendfile, to, from, at, len); }
    fn copy_file_range(from: c_int, from_at: *mut off_t, to: c_int, to_at: *mut off_t, len: size_t, flags: c_uint) -> ssize_t {
        blocks transfer(from, to); calls call!(SYS_copy_file_range, from, from_at, to, to_at, len, flags);
    }
    fn ftruncate(fd: c_int, len: off_t) -> c_int { blocks on_file(fd); calls call!(SYS_ftruncate, fd, len); }
    fn fallocate(fd: c_int, mode: c_int, at: off_t, len: off_t) -> c_int { blocks on_file(fd); calls call!(SYS_fallocate, fd, mode, at, len); }
    fn fsync(fd: c_int) -> c_int { blocks on_file(fd); calls call!(SYS_fsync, fd); }
    fn fdatasync(fd: c_int) -> c_int { blocks on_file(fd); calls call!(SYS_fdatasync, fd); }
    fn syncfs(fd: c_int) -> c_int { blocks on_file(fd); calls call!(SYS_syncfs, fd); }
    fn flock(fd: c_int, operation: c_int) -> c_int { blocks file_lock(operation); calls call!(SYS_flock, fd, operation); }

    fn connect(fd: c_int, to: *const sockaddr, len: socklen_t) -> c_int { blocks connects(fd); calls call!(SYS_connect, fd, to, len); }
    fn accept(fd: c_int, from: *mut sockaddr, len: *mut socklen_t) -> c_int { blocks reads(fd); calls call!(SYS_accept4, fd, from, len, 0); }
    fn accept4(fd: c_int, from: *mut sockaddr, len: *mut socklen_t, flags: c_int) -> c_int { blocks reads(fd); calls call!(SYS_accept4, fd, from, len, flags); }
    fn recv(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t { blocks message(fd, flags); calls call!(SYS_recvfrom, fd, buf, len, flags); }
    fn recvfrom(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int, from: *mut sockaddr, from_len: *mut socklen_t) -> ssize_t {
        blocks message(fd, flags); calls call!(SYS_recvfrom, fd, buf, len, flags, from, from_len);
    }
    fn send(fd: c_int, buf: *const c_void, len: size_t, flags: c_int) -> ssize_t { blocks message(fd, flags); calls call!(SYS_sendto, fd, buf, len, flags); }
    fn sendto(fd: c_int, buf: *const c_void, len: size_t, flags: c_int, to: *const sockaddr, to_len: socklen_t) -> ssize_t {
        blocks message(fd, flags); calls call!(SYS_sendto, fd, buf, len, flags, to, to_len);
    }
    fn poll(fds: *mut pollfd, count: nfds_t, millis: c_int) -> c_int { blocks waits_for(fds, count, millis == 0); calls poll_for(fds, count, millis); }
    // The first three wait for nothing; but musl has all five in one object, which cannot be linked beside ours.
    fn epoll_create(size: c_int) -> c_int { blocks None::<Kind>; calls call!(SYS_epoll_create1, if size > 0 { 0 } else { -1 }); }
    fn epoll_create1(flags: c_int) -> c_int { blocks None::<Kind>; calls call!(SYS_epoll_create1, flags); }
    fn epoll_ctl(fd: c_int, operation: c_int, of: c_int, event: *mut epoll_event) -> c_int { blocks None::<Kind>; calls call!(SYS_epoll_ctl, fd, operation, of, event); }
    fn epoll_pwait(fd: c_int, events: *mut epoll_event, count: c_int, millis: c_int, mask: *const sigset_t) -> c_int {
        first hand_over_first(|| call!(SYS_epoll_pwait, fd, events, count, 0, mask, MASK_BYTES)); blocks selects(1, millis == 0);
        calls call!(SYS_epoll_pwait, fd, events, count, millis, mask, MASK_BYTES);
    }
    fn epoll_wait(fd: c_int, events: *mut epoll_event, count: c_int, millis: c_int) -> c_int {
        first hand_over_first(|| call!(SYS_epoll_pwait, fd, events, count, 0, ptr::null::<sigset_t>(), MASK_BYTES)); blocks selects(1, millis == 0);
        calls call!(SYS_epoll_pwait, fd, events, count, millis, ptr::null::<sigset_t>(), MASK_BYTES);
    }

    fn waitpid(child: pid_t, status: *mut c_int, flags: c_int) -> pid_t { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); calls call!(SYS_wait4, child, status, flags); }
    fn wait4(child: pid_t, status: *mut c_int, flags: c_int, usage: *mut rusage) -> pid_t { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); calls call!(SYS_wait4, child, status, flags, usage); }
    fn waitid(what: idtype_t, child: id_t, out: *mut siginfo_t, flags: c_int) -> c_int { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); calls call!(SYS_waitid, what, child, out, flags); }

    fn syscall(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long {
        blocks by_number(number, [a, b, c, d, e]);
        // The word had already changed: no wait.
        unless |out| number == libc::SYS_futex && out == -1 && errno() == libc::EAGAIN;
        calls result(kernel(number, [a.word(), b.word(), c.word(), d.word(), e.word(), f.word()])) as c_long;
    }
}
