//! What a file descriptor is, and whether a call on it can block at all.

use super::ahead::Ahead;
use super::hook::keep_errno;
use super::zones;
use crate::model::Kind;
use libc::{c_int, c_long};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering};

/// Descriptors from this one on are asked about anew each time.
const CACHED: usize = 4096;

/// Per descriptor, the generation in which it was last found never to block.
///
/// Only that answer is kept, because it is the one that must be fast (a non-blocking socket in a busy loop); a call
/// that is about to be reported can afford to ask the kernel. An entry dies when its number is closed or given out
/// again, and all of them die when any descriptor changes its mode: duplicates share the mode, and nothing tells which
/// descriptors are duplicates of one another.
static NEVER_BLOCKS: [AtomicU32; CACHED] = [const { AtomicU32::new(0) }; CACHED];
static GENERATION: AtomicU32 = AtomicU32::new(1);

/// The number is closed, or now means something else.
#[inline]
pub(super) fn forget(fd: c_int) {
    if let Some(entry) = cached(fd) {
        entry.store(0, Ordering::Relaxed);
    }
}

/// Some descriptor may have become blocking or non-blocking.
#[inline]
pub(super) fn modes_changed() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

#[inline]
fn cached(fd: c_int) -> Option<&'static AtomicU32> {
    NEVER_BLOCKS.get(usize::try_from(fd).ok()?)
}

/// What stands behind a descriptor, as far as blocking goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Behind {
    /// Blocks never: `/dev/null` and its like, a bad number.
    Nothing,
    /// Kernel tables: `/proc`, `/sys`.
    Tables,
    /// A file or directory: `O_NONBLOCK` means nothing to it.
    File,
    /// One of the time-zone database's.
    Zones,
    Socket,
    Pipe,
    /// The terminal that is a standard stream of this process.
    Terminal,
    /// eventfd, timerfd, epoll, inotify…
    Anonymous,
    /// A device.
    Device,
}

impl Behind {
    fn ahead(self) -> Option<Ahead> {
        let kind = match self {
            Behind::Nothing => return None,
            Behind::Tables => return Some(Ahead::TABLES),
            Behind::File => Kind::Fs,
            Behind::Zones => Kind::Init,
            Behind::Socket => Kind::Net,
            // Nearly always the output or the end of a child process.
            Behind::Pipe => Kind::Process,
            Behind::Terminal => Kind::Stdio,
            Behind::Anonymous | Behind::Device => Kind::Other,
        };
        Some(kind.into())
    }
}

fn is_standard(fd: c_int) -> bool {
    (0..=2).contains(&fd)
}

/// How a transfer through `fd` may block.
#[inline]
pub(super) fn reading(fd: c_int) -> Option<Ahead> {
    let generation = GENERATION.load(Ordering::Relaxed);
    if cached(fd).is_some_and(|entry| entry.load(Ordering::Relaxed) == generation) {
        return None;
    }
    let ahead = ask(fd, generation)?;
    Some(if is_standard(fd) { Kind::Stdio.into() } else { ahead })
}

/// Like [`reading`]; adding to an eventfd's counter does not block.
#[inline]
pub(super) fn writing(fd: c_int) -> Option<Ahead> {
    if is_standard(fd) {
        return Some(Ahead::WRITES);
    }
    let ahead = reading(fd)?;
    match ahead.kind {
        Kind::Other if behind(fd) == Behind::Anonymous => None,
        Kind::Stdio => Some(Ahead::WRITES),
        _ => Some(ahead),
    }
}

#[cold]
fn ask(fd: c_int, generation: u32) -> Option<Ahead> {
    let behind = behind(fd);
    let ahead = match behind {
        Behind::File | Behind::Zones | Behind::Tables => behind.ahead(),
        _ if is_nonblocking(fd) => None,
        _ => behind.ahead(),
    };
    // Where not every function that gives numbers out is hooked, an answer would outlive its number.
    if ahead.is_none() && !cfg!(hooks_raw) {
        if let Some(entry) = cached(fd) {
            entry.store(generation, Ordering::Relaxed);
        }
    }
    ahead
}

/// How an operation on the file behind `fd` may block: an `fstat` or `fsync` of a socket does not.
pub(super) fn file(fd: c_int) -> Option<Ahead> {
    behind(fd).ahead().filter(|ahead| matches!(ahead.kind, Kind::Fs | Kind::Init))
}

/// How waiting for `fd` blocks, whatever its mode.
pub(super) fn waiting(fd: c_int) -> Ahead {
    match fd {
        0 => Kind::Stdio.into(),
        1 | 2 => Ahead::WRITES,
        _ => behind(fd).ahead().unwrap_or(Kind::Other.into()),
    }
}

/// What `fd` is. Asks the kernel.
pub(super) fn behind(fd: c_int) -> Behind {
    keep_errno(|| ask_kernel(fd))
}

fn ask_kernel(fd: c_int) -> Behind {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the pointer is to writable memory of the right size.
    if unsafe { libc::fstat(fd, stat.as_mut_ptr()) } != 0 {
        return Behind::Nothing;
    }
    // SAFETY: fstat succeeded, so it has filled the struct.
    let stat = unsafe { stat.assume_init() };
    match stat.st_mode & libc::S_IFMT {
        libc::S_IFREG | libc::S_IFDIR if on_kernel_tables(fd) => Behind::Tables,
        libc::S_IFREG | libc::S_IFDIR if is_of_zones(fd) => Behind::Zones,
        libc::S_IFREG | libc::S_IFDIR | libc::S_IFBLK | libc::S_IFLNK => Behind::File,
        libc::S_IFSOCK => Behind::Socket,
        libc::S_IFIFO => Behind::Pipe,
        libc::S_IFCHR => match libc::major(stat.st_rdev) {
            // null, zero, full, random, urandom.
            1 => Behind::Nothing,
            4 | 5 | 136..=143 if is_of_standard_streams(&stat) => Behind::Terminal,
            _ => Behind::Device,
        },
        _ => Behind::Anonymous,
    }
}

/// Whether a device is what one of the standard streams leads to. The controlling terminal goes by a name of its own.
fn is_of_standard_streams(stat: &libc::stat) -> bool {
    const TTY: libc::dev_t = libc::makedev(5, 0);
    (0..=2).any(|fd| {
        let mut standard = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: the pointer is to writable memory of the right size.
        if unsafe { libc::fstat(fd, standard.as_mut_ptr()) } != 0 {
            return false;
        }
        // SAFETY: fstat succeeded, so it has filled the struct.
        let standard = unsafe { standard.assume_init() };
        // SAFETY: takes a number.
        let is_terminal =
            standard.st_mode & libc::S_IFMT == libc::S_IFCHR && unsafe { libc::isatty(fd) } == 1;
        is_terminal && (standard.st_rdev == stat.st_rdev || stat.st_rdev == TTY)
    })
}

/// Whether a file lies in a file system that the kernel makes up in memory.
fn on_kernel_tables(fd: c_int) -> bool {
    const DEBUGFS_MAGIC: c_long = 0x6462_6720;
    const SYSFS_MAGIC: c_long = 0x6265_6572;
    let mut stat = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the pointer is to writable memory of the right size.
    if unsafe { libc::fstatfs(fd, stat.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: fstatfs succeeded, so it has filled the struct.
    let stat = unsafe { stat.assume_init() };
    #[allow(clippy::unnecessary_cast)] // Unsigned in musl.
    let magic = stat.f_type as c_long;
    [libc::PROC_SUPER_MAGIC, libc::CGROUP_SUPER_MAGIC, libc::CGROUP2_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC]
        .contains(&magic)
}

/// Whether a file was opened in the time-zone database. Its path is asked for: the number may have come from anywhere.
fn is_of_zones(fd: c_int) -> bool {
    let number = fd.unsigned_abs();
    let digits = (0..=9).rev().filter_map(|at| {
        let rest = number.checked_div(10_u32.checked_pow(at)?)?;
        (rest > 0 || at == 0).then_some(b'0' | (rest % 10) as u8)
    });
    // Longer than both together, so that it ends in NUL.
    let mut link = [0_u8; 32];
    for (to, from) in link.iter_mut().zip(b"/proc/self/fd/".iter().copied().chain(digits)) {
        *to = from;
    }
    let mut path = [0_u8; 256];
    // SAFETY: the link's name is NUL-terminated, and the buffer has the length that is passed.
    let len = unsafe { libc::readlink(link.as_ptr().cast(), path.as_mut_ptr().cast(), path.len()) };
    usize::try_from(len).ok().and_then(|len| path.get(..len)).is_some_and(zones::holds)
}

pub(super) fn is_nonblocking(fd: c_int) -> bool {
    // SAFETY: F_GETFL takes no third argument and touches no memory.
    let flags = keep_errno(|| unsafe { libc::fcntl(fd, libc::F_GETFL) });
    flags != -1 && flags & libc::O_NONBLOCK != 0
}

/// Whether `fd` is a socket that keeps message borders: connecting one only notes an address.
pub(super) fn is_datagram(fd: c_int) -> bool {
    let mut kind: c_int = 0;
    let mut len = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: both pointers are to this function's own variables, `len` being the size of the first.
    let rc = keep_errno(|| unsafe {
        libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), &raw mut len)
    });
    rc == 0 && kind == libc::SOCK_DGRAM
}
