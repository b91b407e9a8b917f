//! How a call is about to block, told from its arguments: `None` if it cannot.

use super::ahead::Ahead;
use super::hook::keep_errno;
use super::{descriptor, time, zones};
use crate::model::Kind;
use libc::{c_char, c_int, c_long, timespec};
use std::ffi::CStr;

// Filters that follow pointers have one contract, called "the row's" below: a pointer is null, or as valid as libc's
// function of the row requires.

/// This call blocks whatever its arguments are.
pub(super) fn always(kind: Kind) -> Option<Ahead> {
    Some(kind.into())
}

/// A call that blocks unless told to come back at once.
pub(super) fn unless_flag(kind: Kind, flags: c_int, at_once: c_int) -> Option<Ahead> {
    (flags & at_once == 0).then_some(kind.into())
}

/// A call that blocks only if told to.
pub(super) fn if_flag(kind: Kind, flags: c_int, wait: c_int) -> Option<Ahead> {
    (flags & wait != 0).then_some(kind.into())
}

/// Kernel tables, and everything below.
const TABLES: &[&[u8]] = &[b"/proc", b"/sys"];

/// Paths that lead to devices which never block.
const QUIET_PATHS: &[&[u8]] =
    &[b"/dev/null", b"/dev/zero", b"/dev/full", b"/dev/random", b"/dev/urandom", b"/dev/tty"];

/// A call on the file that `path` names.
// SAFETY: the row's contract.
pub(super) unsafe fn path(path: *const c_char) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let text = unsafe { text(path) }?;
    let lies_in =
        |folder: &&[u8]| text.strip_prefix(*folder).is_some_and(|rest| matches!(rest, [] | [b'/', ..]));
    if QUIET_PATHS.contains(&text) {
        None
    } else if TABLES.iter().any(lies_in) {
        Some(Ahead::TABLES)
    } else if zones::holds(text) {
        Some(Kind::Init.into())
    } else {
        Some(Kind::Fs.into())
    }
}

/// A call on the file that `path` names relative to the folder `dir`.
// SAFETY: the row's contract.
pub(super) unsafe fn path_at(dir: c_int, path: *const c_char) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    match unsafe { text(path) }? {
        // `AT_EMPTY_PATH`: the file that is open as `dir`.
        b"" => descriptor::file(dir),
        // SAFETY: by the row's contract.
        [b'/', ..] => unsafe { self::path(path) },
        _ if dir == libc::AT_FDCWD => Some(Kind::Fs.into()),
        _ => descriptor::file(dir),
    }
}

/// A call on two files: quiet only if both are.
// SAFETY: the row's contract.
pub(super) unsafe fn paths(one: *const c_char, other: *const c_char) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let (one, other) = unsafe { (path(one), path(other)) };
    one.filter(|ahead| ahead.quick.is_none()).or(other).or(one)
}

/// The text that `path` points to; `None` for a null pointer, which libc's function refuses.
// SAFETY: the row's contract.
unsafe fn text<'a>(path: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: by the row's contract a pointer that is not null is to a NUL-terminated text.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) }.to_bytes())
}

/// A read from a descriptor.
#[inline]
pub(super) fn reads(fd: c_int) -> Option<Ahead> {
    descriptor::reading(fd)
}

/// A write to a descriptor.
#[inline]
pub(super) fn writes(fd: c_int) -> Option<Ahead> {
    descriptor::writing(fd)
}

/// A transfer between two descriptors: it blocks as either does.
pub(super) fn transfer(from: c_int, to: c_int) -> Option<Ahead> {
    // `sendfile` from the page cache to a non-blocking socket still reads the file.
    let (from, to) = (descriptor::reading(from), descriptor::writing(to));
    from.filter(|ahead| ahead.quick.is_none()).or(to).or(from)
}

/// A read or a write of which the flags may say that it shall not wait.
pub(super) fn unless_nowait(ahead: Option<Ahead>, flags: c_int) -> Option<Ahead> {
    ahead.filter(|_| flags & libc::RWF_NOWAIT == 0)
}

/// An operation on the file behind a descriptor.
pub(super) fn on_file(fd: c_int) -> Option<Ahead> {
    descriptor::file(fd)
}

/// The next entry of an open directory.
// SAFETY: the row's contract.
pub(super) unsafe fn on_folder(dir: *mut libc::DIR) -> Option<Ahead> {
    if dir.is_null() {
        return None;
    }
    // SAFETY: by the row's contract it is an open directory stream.
    descriptor::file(unsafe { libc::dirfd(dir) })
}

/// A buffered C stream: its buffer may hide the call, but not reliably.
// SAFETY: the row's contract.
pub(super) unsafe fn on_stream(stream: *mut libc::FILE) -> Option<Ahead> {
    if stream.is_null() {
        // `fflush(NULL)`: all of them.
        return Some(Kind::Fs.into());
    }
    // SAFETY: by the row's contract.
    unsafe { number(stream) }.and_then(descriptor::reading)
}

/// The same of what writes, or is done to a stream whatever it is for.
// SAFETY: the row's contract.
pub(super) unsafe fn to_stream(stream: *mut libc::FILE) -> Option<Ahead> {
    if stream.is_null() {
        return Some(Kind::Fs.into());
    }
    // SAFETY: by the row's contract.
    unsafe { number(stream) }.and_then(descriptor::writing)
}

/// The descriptor of a stream, unless it is in memory.
// SAFETY: the row's contract: it is an open stream.
unsafe fn number(stream: *mut libc::FILE) -> Option<c_int> {
    // SAFETY: by the row's contract.
    Some(keep_errno(|| unsafe { libc::fileno(stream) })).filter(|fd| *fd != -1)
}

/// What a C stream begins with: C code that was compiled with glibc's macros relies on it.
#[repr(C)]
struct Buffered {
    _flags: c_int,
    read: *const c_char,
    read_end: *const c_char,
    _read_base: *const c_char,
    _write_base: *const c_char,
    write: *const c_char,
    write_end: *const c_char,
}

// SAFETY: the row's contract.
unsafe fn buffered(stream: *mut libc::FILE) -> Option<Buffered> {
    // SAFETY: by the row's contract it is an open stream; other threads may move its pointers meanwhile.
    (!stream.is_null()).then(|| unsafe { stream.cast::<Buffered>().read_volatile() })
}

/// One byte from a C stream: a call only if none is left in its buffer.
// SAFETY: the row's contract.
pub(super) unsafe fn fills(stream: *mut libc::FILE) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let buffer = unsafe { buffered(stream) }?;
    // SAFETY: by the row's contract.
    if buffer.read < buffer.read_end { None } else { unsafe { on_stream(stream) } }
}

/// One byte to a C stream: a call only if its buffer is full.
// SAFETY: the row's contract.
pub(super) unsafe fn spills(stream: *mut libc::FILE) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let buffer = unsafe { buffered(stream) }?;
    // SAFETY: by the row's contract.
    if buffer.write < buffer.write_end { None } else { unsafe { to_stream(stream) } }
}

/// A message sent or received through a socket.
#[inline]
pub(super) fn message(fd: c_int, flags: c_int) -> Option<Ahead> {
    if flags & libc::MSG_DONTWAIT != 0 { None } else { descriptor::reading(fd) }
}

/// The start of a connection.
pub(super) fn connects(fd: c_int) -> Option<Ahead> {
    descriptor::reading(fd).filter(|_| !descriptor::is_datagram(fd))
}

/// A lock on a file.
pub(super) fn file_lock(operation: c_int) -> Option<Ahead> {
    let waits = operation & libc::LOCK_NB == 0 && operation & libc::LOCK_UN == 0;
    waits.then_some(Kind::Fs.into())
}

/// `fcntl`: only waiting for a lock blocks.
pub(super) fn control(command: c_int) -> Option<Ahead> {
    matches!(command, libc::F_SETLKW | libc::F_OFD_SETLKW).then_some(Kind::Fs.into())
}

/// Waiting for one of several descriptors; for none of them it is a sleep.
// SAFETY: the row's contract.
pub(super) unsafe fn waits_for(
    fds: *const libc::pollfd,
    count: libc::nfds_t,
    at_once: bool,
) -> Option<Ahead> {
    if at_once {
        return None;
    }
    if fds.is_null() || count == 0 {
        return Some(Kind::Sleep.into());
    }
    // SAFETY: by the row's contract there are `count` entries, at least one.
    Some(descriptor::waiting(unsafe { (*fds).fd }))
}

/// `select` and `pselect`.
pub(super) fn selects(count: c_int, at_once: bool) -> Option<Ahead> {
    match (at_once, count) {
        (true, _) => None,
        (false, 0) => Some(Kind::Sleep.into()),
        (false, _) => Some(Kind::Other.into()),
    }
}

/// A message queue of POSIX, which is a descriptor.
pub(super) fn on_queue(queue: libc::mqd_t) -> Option<Ahead> {
    (!descriptor::is_nonblocking(queue)).then_some(Kind::Channel.into())
}

/// Semaphores of System V. Giving back never waits.
// SAFETY: the row's contract.
pub(super) unsafe fn on_semaphores(operations: *const libc::sembuf, count: usize) -> Option<Ahead> {
    if operations.is_null() {
        return None;
    }
    // SAFETY: by the row's contract there are so many.
    let operations = unsafe { std::slice::from_raw_parts(operations, count) };
    let waits = |one: &libc::sembuf| one.sem_op <= 0 && c_int::from(one.sem_flg) & libc::IPC_NOWAIT == 0;
    operations.iter().any(waits).then_some(Kind::Lock.into())
}

/// A sleep for a time that may be zero.
pub(super) fn sleeps(at_once: bool) -> Option<Ahead> {
    (!at_once).then_some(Kind::Sleep.into())
}

/// A name to be resolved. A numeric address and a passive one need no resolver.
// SAFETY: the row's contract.
pub(super) unsafe fn resolve(node: *const c_char, hints: *const libc::addrinfo) -> Option<Ahead> {
    // SAFETY: by the row's contract.
    let numeric = unsafe { hints.as_ref() }.is_some_and(|hints| hints.ai_flags & libc::AI_NUMERICHOST != 0);
    // SAFETY: by the row's contract.
    let name = unsafe { text(node) }?;
    let address = std::str::from_utf8(name).is_ok_and(|name| name.parse::<std::net::IpAddr>().is_ok());
    (!numeric && !address).then_some(Kind::Dns.into())
}

/// System calls that the program makes by number, and how they block.
const BY_NUMBER: &[(c_long, Kind)] = &[
    (libc::SYS_openat, Kind::Fs),
    (libc::SYS_openat2, Kind::Fs),
    (libc::SYS_statx, Kind::Fs),
    (libc::SYS_getdents64, Kind::Fs),
    (libc::SYS_renameat2, Kind::Fs),
    (libc::SYS_copy_file_range, Kind::Fs),
    (libc::SYS_preadv2, Kind::Fs),
    (libc::SYS_pwritev2, Kind::Fs),
    (libc::SYS_fsync, Kind::Fs),
    (libc::SYS_fdatasync, Kind::Fs),
    (libc::SYS_syncfs, Kind::Fs),
    (libc::SYS_wait4, Kind::Process),
];

/// `syscall(number, …)`, by its arguments.
// SAFETY: the row's contract: that of the system call.
#[inline]
pub(super) unsafe fn by_number(number: c_long, [a, b, c, d, e]: [c_long; 5]) -> Option<Ahead> {
    let time = |at: c_long| std::ptr::with_exposed_provenance::<timespec>(at as usize);
    // SAFETY: by the row's contract these are pointers in these calls.
    unsafe {
        match number {
            libc::SYS_futex => time::futex(b, d),
            libc::SYS_futex_waitv => time::waits_until(Kind::Lock, e as c_int, time(d)),
            libc::SYS_nanosleep => sleeps(time::is_zero(time(a))),
            libc::SYS_clock_nanosleep => time::sleeps_on(a as c_int, b as c_int, time(c)),
            _ => BY_NUMBER.iter().find(|(known, _)| *known == number).map(|(_, kind)| (*kind).into()),
        }
    }
}
