//! The table of hooks, part one: calls that name a file by its path.

use crate::engines::hooks::descriptor::forget;
use crate::engines::hooks::filter::{always, path, path_at, paths};
use crate::engines::hooks::hook::hooks;
use crate::model::Kind;
use libc::{DIR, c_char, c_int, c_uint, c_void, mode_t, size_t, ssize_t};
use libc::{gid_t, off_t, timespec, timeval, uid_t};

/// A function of the caller's, whatever its signature.
type Callback = *const c_void;

const HERE: c_int = libc::AT_FDCWD;

// What glibc before 2.33 has no symbol for, straight from the kernel, whose struct is the same on these machines.
// SAFETY: the contract of `fstatat`.
unsafe fn kernel_stat(dir: c_int, name: *const c_char, out: *mut c_void, flags: c_int) -> c_int {
    // SAFETY: the caller's arguments, as the kernel expects them.
    unsafe { libc::syscall(libc::SYS_newfstatat, dir, name, out, flags) as c_int }
}

hooks! {
    // `open` and its kin are variadic in C. On x86_64 and aarch64 Linux a variadic integer argument travels exactly
    // like a named one, and an absent one is a register that nobody reads.
    fn open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path(name); then forget; }
    fn open64(name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path(name); then forget; }
    fn openat(dir: c_int, name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path_at(dir, name); then forget; }
    fn openat64(dir: c_int, name: *const c_char, flags: c_int, mode: mode_t) -> c_int { blocks path_at(dir, name); then forget; }
    fn __open_2(name: *const c_char, flags: c_int) -> c_int { blocks path(name); then forget; }
    fn __open64_2(name: *const c_char, flags: c_int) -> c_int { blocks path(name); then forget; }
    fn __openat_2(dir: c_int, name: *const c_char, flags: c_int) -> c_int { blocks path_at(dir, name); then forget; }
    fn __openat64_2(dir: c_int, name: *const c_char, flags: c_int) -> c_int { blocks path_at(dir, name); then forget; }
    fn creat(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); then forget; }
    fn creat64(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); then forget; }
    fn mkstemp(template: *mut c_char) -> c_int { blocks path(template); then forget; }
    fn mkstemp64(template: *mut c_char) -> c_int { blocks path(template); then forget; }
    fn mkostemp(template: *mut c_char, flags: c_int) -> c_int { blocks path(template); then forget; }
    fn mkostemp64(template: *mut c_char, flags: c_int) -> c_int { blocks path(template); then forget; }
    fn mkstemps(template: *mut c_char, suffix: c_int) -> c_int { blocks path(template); then forget; }
    fn mkstemps64(template: *mut c_char, suffix: c_int) -> c_int { blocks path(template); then forget; }
    fn mkostemps(template: *mut c_char, suffix: c_int, flags: c_int) -> c_int { blocks path(template); then forget; }
    fn mkostemps64(template: *mut c_char, suffix: c_int, flags: c_int) -> c_int { blocks path(template); then forget; }
    fn mkdtemp(template: *mut c_char) -> *mut c_char { blocks path(template); }

    fn stat(name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); missing kernel_stat(HERE, name, out.cast(), 0); }
    fn stat64(name: *const c_char, out: *mut libc::stat64) -> c_int { blocks path(name); missing kernel_stat(HERE, name, out.cast(), 0); }
    fn lstat(name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); missing kernel_stat(HERE, name, out.cast(), libc::AT_SYMLINK_NOFOLLOW); }
    fn lstat64(name: *const c_char, out: *mut libc::stat64) -> c_int { blocks path(name); missing kernel_stat(HERE, name, out.cast(), libc::AT_SYMLINK_NOFOLLOW); }
    fn fstatat(dir: c_int, name: *const c_char, out: *mut libc::stat, flags: c_int) -> c_int { blocks path_at(dir, name); missing kernel_stat(dir, name, out.cast(), flags); }
    fn fstatat64(dir: c_int, name: *const c_char, out: *mut libc::stat64, flags: c_int) -> c_int { blocks path_at(dir, name); missing kernel_stat(dir, name, out.cast(), flags); }
    fn statx(dir: c_int, name: *const c_char, flags: c_int, mask: c_uint, out: *mut libc::statx) -> c_int { blocks path_at(dir, name); }
    // How C code compiled against glibc before 2.33 asks.
    fn __xstat(version: c_int, name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); }
    fn __xstat64(version: c_int, name: *const c_char, out: *mut libc::stat64) -> c_int { blocks path(name); }
    fn __lxstat(version: c_int, name: *const c_char, out: *mut libc::stat) -> c_int { blocks path(name); }
    fn __lxstat64(version: c_int, name: *const c_char, out: *mut libc::stat64) -> c_int { blocks path(name); }
    fn __fxstatat(version: c_int, dir: c_int, name: *const c_char, out: *mut libc::stat, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn __fxstatat64(version: c_int, dir: c_int, name: *const c_char, out: *mut libc::stat64, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn statfs(name: *const c_char, out: *mut libc::statfs) -> c_int { blocks path(name); }
    fn statfs64(name: *const c_char, out: *mut libc::statfs64) -> c_int { blocks path(name); }
    fn statvfs(name: *const c_char, out: *mut libc::statvfs) -> c_int { blocks path(name); }
    fn statvfs64(name: *const c_char, out: *mut libc::statvfs64) -> c_int { blocks path(name); }
    fn access(name: *const c_char, mode: c_int) -> c_int { blocks path(name); }
    fn eaccess(name: *const c_char, mode: c_int) -> c_int { blocks path(name); }
    fn faccessat(dir: c_int, name: *const c_char, mode: c_int, flags: c_int) -> c_int { blocks path_at(dir, name); }

    fn rename(from: *const c_char, to: *const c_char) -> c_int { blocks paths(from, to); }
    fn renameat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char) -> c_int { blocks path_at(from_dir, from); }
    fn renameat2(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_uint) -> c_int { blocks path_at(from_dir, from); }
    fn link(from: *const c_char, to: *const c_char) -> c_int { blocks paths(from, to); }
    fn linkat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_int) -> c_int { blocks path_at(to_dir, to); }
    fn symlink(target: *const c_char, name: *const c_char) -> c_int { blocks path(name); }
    fn symlinkat(target: *const c_char, dir: c_int, name: *const c_char) -> c_int { blocks path_at(dir, name); }
    fn unlink(name: *const c_char) -> c_int { blocks path(name); }
    fn unlinkat(dir: c_int, name: *const c_char, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn remove(name: *const c_char) -> c_int { blocks path(name); }
    fn mkdir(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); }
    fn mkdirat(dir: c_int, name: *const c_char, mode: mode_t) -> c_int { blocks path_at(dir, name); }
    fn mkfifo(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); }
    fn mkfifoat(dir: c_int, name: *const c_char, mode: mode_t) -> c_int { blocks path_at(dir, name); }
    fn mknod(name: *const c_char, mode: mode_t, device: libc::dev_t) -> c_int { blocks path(name); }
    fn mknodat(dir: c_int, name: *const c_char, mode: mode_t, device: libc::dev_t) -> c_int { blocks path_at(dir, name); }
    fn rmdir(name: *const c_char) -> c_int { blocks path(name); }

    fn opendir(name: *const c_char) -> *mut DIR { blocks path(name); }
    // These walk directories inside libc; the functions that they call are the caller's.
    fn scandir(name: *const c_char, out: *mut *mut *mut libc::dirent, filter: Callback, order: Callback) -> c_int { blocks path(name); }
    fn scandir64(name: *const c_char, out: *mut *mut *mut libc::dirent64, filter: Callback, order: Callback) -> c_int { blocks path(name); }
    fn scandirat(dir: c_int, name: *const c_char, out: *mut *mut *mut libc::dirent, filter: Callback, order: Callback) -> c_int { blocks path_at(dir, name); }
    fn ftw(name: *const c_char, visit: Callback, depth: c_int) -> c_int { blocks path(name); }
    fn ftw64(name: *const c_char, visit: Callback, depth: c_int) -> c_int { blocks path(name); }
    fn nftw(name: *const c_char, visit: Callback, depth: c_int, flags: c_int) -> c_int { version c"GLIBC_2.3.3"; blocks path(name); }
    fn nftw64(name: *const c_char, visit: Callback, depth: c_int, flags: c_int) -> c_int { version c"GLIBC_2.3.3"; blocks path(name); }
    fn glob(pattern: *const c_char, flags: c_int, failed: Callback, out: *mut libc::glob_t) -> c_int { version c"GLIBC_2.27"; blocks path(pattern); }
    fn glob64(pattern: *const c_char, flags: c_int, failed: Callback, out: *mut c_void) -> c_int { version c"GLIBC_2.27"; blocks path(pattern); }
    fn chdir(name: *const c_char) -> c_int { blocks path(name); }
    // Without a version `RTLD_NEXT` yields the one that refuses a null buffer, which std passes.
    fn realpath(name: *const c_char, out: *mut c_char) -> *mut c_char { version c"GLIBC_2.3"; blocks path(name); }
    fn __realpath_chk(name: *const c_char, out: *mut c_char, len: size_t) -> *mut c_char { blocks path(name); }
    fn canonicalize_file_name(name: *const c_char) -> *mut c_char { blocks path(name); }
    fn readlink(name: *const c_char, out: *mut c_char, len: size_t) -> ssize_t { blocks path(name); }
    fn readlinkat(dir: c_int, name: *const c_char, out: *mut c_char, len: size_t) -> ssize_t { blocks path_at(dir, name); }
    fn __readlink_chk(name: *const c_char, out: *mut c_char, len: size_t, size: size_t) -> ssize_t { blocks path(name); }
    fn __readlinkat_chk(dir: c_int, name: *const c_char, out: *mut c_char, len: size_t, size: size_t) -> ssize_t { blocks path_at(dir, name); }

    fn chmod(name: *const c_char, mode: mode_t) -> c_int { blocks path(name); }
    fn fchmodat(dir: c_int, name: *const c_char, mode: mode_t, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn chown(name: *const c_char, owner: uid_t, group: gid_t) -> c_int { blocks path(name); }
    fn lchown(name: *const c_char, owner: uid_t, group: gid_t) -> c_int { blocks path(name); }
    fn fchownat(dir: c_int, name: *const c_char, owner: uid_t, group: gid_t, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn utime(name: *const c_char, times: *const libc::utimbuf) -> c_int { blocks path(name); }
    fn getxattr(name: *const c_char, key: *const c_char, value: *mut c_void, len: size_t) -> ssize_t { blocks path(name); }
    fn lgetxattr(name: *const c_char, key: *const c_char, value: *mut c_void, len: size_t) -> ssize_t { blocks path(name); }
    fn setxattr(name: *const c_char, key: *const c_char, value: *const c_void, len: size_t, flags: c_int) -> c_int { blocks path(name); }
    fn lsetxattr(name: *const c_char, key: *const c_char, value: *const c_void, len: size_t, flags: c_int) -> c_int { blocks path(name); }
    fn listxattr(name: *const c_char, keys: *mut c_char, len: size_t) -> ssize_t { blocks path(name); }
    fn llistxattr(name: *const c_char, keys: *mut c_char, len: size_t) -> ssize_t { blocks path(name); }
    fn removexattr(name: *const c_char, key: *const c_char) -> c_int { blocks path(name); }
    fn lremovexattr(name: *const c_char, key: *const c_char) -> c_int { blocks path(name); }
    fn utimes(name: *const c_char, times: *const timeval) -> c_int { blocks path(name); }
    fn lutimes(name: *const c_char, times: *const timeval) -> c_int { blocks path(name); }
    fn utimensat(dir: c_int, name: *const c_char, times: *const timespec, flags: c_int) -> c_int { blocks path_at(dir, name); }
    fn truncate(name: *const c_char, len: off_t) -> c_int { blocks path(name); }
    fn truncate64(name: *const c_char, len: off_t) -> c_int { blocks path(name); }

    // Nothing to tell from their arguments.
    fn sync() -> () { blocks always(Kind::Fs); }
}
