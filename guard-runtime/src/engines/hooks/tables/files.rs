//! The table of hooks, part two: calls on open descriptors.

use crate::engines::hooks::descriptor::{forget, modes_changed};
use crate::engines::hooks::filter::{
    always, control, file_lock, if_flag, on_file, on_folder, reads, transfer, unless_nowait, writes,
};
use crate::engines::hooks::hook::hooks;
use crate::model::Kind;
use libc::{
    DIR, c_char, c_int, c_uint, c_ulong, c_void, dirent, dirent64, iovec, mode_t, off_t, size_t, ssize_t,
};
use libc::{gid_t, timespec, timeval, uid_t};

// SAFETY: the contract of `fstat`.
unsafe fn kernel_fstat(fd: c_int, out: *mut c_void) -> c_int {
    // SAFETY: the caller's arguments, as the kernel expects them.
    unsafe { libc::syscall(libc::SYS_fstat, fd, out) as c_int }
}

hooks! {
    fn read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t { blocks reads(fd); }
    fn __read_chk(fd: c_int, buf: *mut c_void, len: size_t, size: size_t) -> ssize_t { blocks reads(fd); }
    fn pread(fd: c_int, buf: *mut c_void, len: size_t, at: off_t) -> ssize_t { blocks reads(fd); }
    fn pread64(fd: c_int, buf: *mut c_void, len: size_t, at: off_t) -> ssize_t { blocks reads(fd); }
    fn __pread_chk(fd: c_int, buf: *mut c_void, len: size_t, at: off_t, size: size_t) -> ssize_t { blocks reads(fd); }
    fn __pread64_chk(fd: c_int, buf: *mut c_void, len: size_t, at: off_t, size: size_t) -> ssize_t { blocks reads(fd); }
    fn readv(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t { blocks reads(fd); }
    fn preadv(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks reads(fd); }
    fn preadv64(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks reads(fd); }
    fn preadv2(fd: c_int, parts: *const iovec, count: c_int, at: off_t, flags: c_int) -> ssize_t { blocks unless_nowait(reads(fd), flags); }
    fn preadv64v2(fd: c_int, parts: *const iovec, count: c_int, at: off_t, flags: c_int) -> ssize_t { blocks unless_nowait(reads(fd), flags); }
    fn write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t { blocks writes(fd); }
    fn pwrite(fd: c_int, buf: *const c_void, len: size_t, at: off_t) -> ssize_t { blocks writes(fd); }
    fn pwrite64(fd: c_int, buf: *const c_void, len: size_t, at: off_t) -> ssize_t { blocks writes(fd); }
    fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t { blocks writes(fd); }
    fn pwritev(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks writes(fd); }
    fn pwritev64(fd: c_int, parts: *const iovec, count: c_int, at: off_t) -> ssize_t { blocks writes(fd); }
    fn pwritev2(fd: c_int, parts: *const iovec, count: c_int, at: off_t, flags: c_int) -> ssize_t { blocks unless_nowait(writes(fd), flags); }
    fn pwritev64v2(fd: c_int, parts: *const iovec, count: c_int, at: off_t, flags: c_int) -> ssize_t { blocks unless_nowait(writes(fd), flags); }
    fn sendfile(to: c_int, from: c_int, at: *mut off_t, len: size_t) -> ssize_t { blocks transfer(from, to); }
    fn sendfile64(to: c_int, from: c_int, at: *mut off_t, len: size_t) -> ssize_t { blocks transfer(from, to); }
    fn copy_file_range(from: c_int, from_at: *mut off_t, to: c_int, to_at: *mut off_t, len: size_t, flags: c_uint) -> ssize_t { blocks transfer(from, to); }
    fn splice(from: c_int, from_at: *mut off_t, to: c_int, to_at: *mut off_t, len: size_t, flags: c_uint) -> ssize_t {
        blocks transfer(from, to).filter(|_| flags & libc::SPLICE_F_NONBLOCK == 0);
    }

    fn tee(from: c_int, to: c_int, len: size_t, flags: c_uint) -> ssize_t { blocks transfer(from, to).filter(|_| flags & libc::SPLICE_F_NONBLOCK == 0); }
    fn vmsplice(to: c_int, parts: *const iovec, count: size_t, flags: c_uint) -> ssize_t { blocks writes(to).filter(|_| flags & libc::SPLICE_F_NONBLOCK == 0); }
    fn open_by_handle_at(mount: c_int, handle: *mut c_void, flags: c_int) -> c_int { blocks always(Kind::Fs); then forget; }

    fn fstat(fd: c_int, out: *mut libc::stat) -> c_int { blocks on_file(fd); missing kernel_fstat(fd, out.cast()); }
    fn fstat64(fd: c_int, out: *mut libc::stat64) -> c_int { blocks on_file(fd); missing kernel_fstat(fd, out.cast()); }
    fn __fxstat(version: c_int, fd: c_int, out: *mut libc::stat) -> c_int { blocks on_file(fd); }
    fn __fxstat64(version: c_int, fd: c_int, out: *mut libc::stat64) -> c_int { blocks on_file(fd); }
    fn fstatfs(fd: c_int, out: *mut libc::statfs) -> c_int { blocks on_file(fd); }
    fn fstatfs64(fd: c_int, out: *mut libc::statfs64) -> c_int { blocks on_file(fd); }
    fn fstatvfs(fd: c_int, out: *mut libc::statvfs) -> c_int { blocks on_file(fd); }
    fn fstatvfs64(fd: c_int, out: *mut libc::statvfs64) -> c_int { blocks on_file(fd); }
    fn fchmod(fd: c_int, mode: mode_t) -> c_int { blocks on_file(fd); }
    fn fchown(fd: c_int, owner: uid_t, group: gid_t) -> c_int { blocks on_file(fd); }
    fn futimens(fd: c_int, times: *const timespec) -> c_int { blocks on_file(fd); }
    fn futimes(fd: c_int, times: *const timeval) -> c_int { blocks on_file(fd); }
    fn ftruncate(fd: c_int, len: off_t) -> c_int { blocks on_file(fd); }
    fn ftruncate64(fd: c_int, len: off_t) -> c_int { blocks on_file(fd); }
    fn fallocate(fd: c_int, mode: c_int, at: off_t, len: off_t) -> c_int { blocks on_file(fd); }
    fn fallocate64(fd: c_int, mode: c_int, at: off_t, len: off_t) -> c_int { blocks on_file(fd); }
    fn posix_fallocate(fd: c_int, at: off_t, len: off_t) -> c_int { blocks on_file(fd); }
    fn posix_fallocate64(fd: c_int, at: off_t, len: off_t) -> c_int { blocks on_file(fd); }
    fn fsync(fd: c_int) -> c_int { blocks on_file(fd); }
    fn fdatasync(fd: c_int) -> c_int { blocks on_file(fd); }
    fn syncfs(fd: c_int) -> c_int { blocks on_file(fd); }
    fn sync_file_range(fd: c_int, at: off_t, len: off_t, flags: c_uint) -> c_int { blocks on_file(fd); }
    fn fgetxattr(fd: c_int, key: *const c_char, value: *mut c_void, len: size_t) -> ssize_t { blocks on_file(fd); }
    fn fsetxattr(fd: c_int, key: *const c_char, value: *const c_void, len: size_t, flags: c_int) -> c_int { blocks on_file(fd); }
    fn flistxattr(fd: c_int, keys: *mut c_char, len: size_t) -> ssize_t { blocks on_file(fd); }
    fn fremovexattr(fd: c_int, key: *const c_char) -> c_int { blocks on_file(fd); }
    fn msync(at: *mut c_void, len: size_t, flags: c_int) -> c_int { blocks if_flag(Kind::Fs, flags, libc::MS_SYNC); }
    fn flock(fd: c_int, operation: c_int) -> c_int { blocks file_lock(operation); }
    fn lockf(fd: c_int, operation: c_int, len: off_t) -> c_int { blocks if_flag(Kind::Fs, operation, libc::F_LOCK); }
    fn lockf64(fd: c_int, operation: c_int, len: off_t) -> c_int { blocks if_flag(Kind::Fs, operation, libc::F_LOCK); }

    fn readdir(dir: *mut DIR) -> *mut dirent { blocks on_folder(dir); }
    fn readdir64(dir: *mut DIR) -> *mut dirent64 { blocks on_folder(dir); }
    fn readdir_r(dir: *mut DIR, entry: *mut dirent, out: *mut *mut dirent) -> c_int { blocks on_folder(dir); }
    fn readdir64_r(dir: *mut DIR, entry: *mut dirent64, out: *mut *mut dirent64) -> c_int { blocks on_folder(dir); }
    fn fdopendir(fd: c_int) -> *mut DIR { blocks on_file(fd); }

    // Another library may be loaded to where this one was.
    fn dlclose(library: *mut c_void) -> c_int { then |_| crate::engines::hooks::unloaded(); }

    // Numbers that are given out or change their mode: never a violation, but the cache must know.
    fn close(fd: c_int) -> c_int { then |_| forget(fd); }
    fn close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int { then |_| modes_changed(); }
    fn closefrom(first: c_int) -> () { then |()| modes_changed(); }
    fn dup(fd: c_int) -> c_int { then forget; }
    fn dup2(from: c_int, to: c_int) -> c_int { then forget; }
    fn dup3(from: c_int, to: c_int, flags: c_int) -> c_int { then forget; }
    fn pipe(fds: *mut c_int) -> c_int { then |out| fresh_pair(out, fds); }
    fn pipe2(fds: *mut c_int, flags: c_int) -> c_int { then |out| fresh_pair(out, fds); }
    fn eventfd(count: c_uint, flags: c_int) -> c_int { then forget; }
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int { then forget; }
    // Fixed arity: see `open`.
    fn ioctl(fd: c_int, request: c_ulong, argument: usize) -> c_int { then |_| if request == libc::FIONBIO { modes_changed() }; }
    fn fcntl(fd: c_int, command: c_int, argument: usize) -> c_int { blocks control(command); then |out| controlled(command, out); }
    fn fcntl64(fd: c_int, command: c_int, argument: usize) -> c_int { blocks control(command); then |out| controlled(command, out); }
}

fn controlled(command: c_int, out: c_int) {
    match command {
        libc::F_SETFL => modes_changed(),
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => forget(out),
        _ => {}
    }
}

/// Both ends of a pipe or of a socket pair.
pub(super) fn fresh_pair(out: c_int, fds: *const c_int) {
    if out == 0 {
        // SAFETY: the call succeeded, so it has written two numbers there.
        unsafe {
            forget(*fds);
            forget(*fds.add(1));
        }
    }
}
