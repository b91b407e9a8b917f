//! Kernel truth: whether this thread slept in a poll though no hook saw it (a system call made inline, a page fault).
//!
//! The kernel takes a descriptor of a restartable sequence out of the thread's rseq area whenever it takes the thread
//! off the CPU. A descriptor of an empty sequence restarts nothing, and answers for one load a poll: still there, the
//! thread never left. Gone: the thread's own account tells whether it waited or was only preempted. Without rseq the
//! account is asked in every poll.
//!
//! The verdict is the kernel's count of voluntary switches. Time only acquits: the account is read together with the
//! clocks, never in a poll that stayed on its CPU, and a sleep that is too short to be anybody's business is dropped.

use std::arch::asm;
use std::cell::Cell;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Shorter sleeps are those of locks inside libc and the kernel.
const SHORT_NS: u64 = 1_000_000;
/// The same where it is unknown how much of it was waiting for a CPU.
const DOUBTFUL_NS: u64 = 25_000_000;
/// How old the last look at what this thread has waited for a CPU may become: it costs about 0.6 µs.
const LOOK_AGAIN_NS: u64 = 1_000_000;

/// What reading a page may take on a slow disk.
const PAGE_READ_NS: u64 = 10_000_000;

/// Where the rseq area lies from the thread pointer on; or one of the two below.
static AREA: AtomicIsize = AtomicIsize::new(OFF);
const OFF: isize = 0;
/// No area has an odd place.
const WITHOUT_RSEQ: isize = 1;

/// Of `struct rseq`, in bytes.
const CPU: isize = 4;
const SEQUENCE: isize = 8;

#[cfg(target_arch = "x86_64")]
const SIGNATURE: u32 = 0x5305_3053;
#[cfg(target_arch = "aarch64")]
const SIGNATURE: u32 = 0xd428_bc00;

/// `struct rseq_cs` of the kernel.
#[repr(C, align(32))]
struct Sequence {
    version: u32,
    flags: u32,
    start: usize,
    len: usize,
    abort: *const u32,
}

// SAFETY: nothing ever writes to it, here or behind its pointer.
unsafe impl Sync for Sequence {}

/// What the kernel looks for before the place to abort to. Nothing ever aborts to there.
static BEFORE_ABORT: [u32; 2] = [SIGNATURE, 0];
static EMPTY: Sequence = Sequence {
    version: 0,
    flags: 0,
    start: 0,
    len: 0,
    // SAFETY: the pointer stays inside the array.
    abort: unsafe { (&raw const BEFORE_ABORT).cast::<u32>().add(1) },
};

/// What the kernel has noted about a thread.
#[derive(Clone, Copy)]
struct Account {
    waits: i64,
    page_reads: i64,
    cpu_ns: u64,
    wall_ns: u64,
}

thread_local! {
    /// The account as it stood when the descriptor was last put in place.
    static SINCE: Cell<Account> =
        const { Cell::new(Account { waits: 0, page_reads: 0, cpu_ns: 0, wall_ns: 0 }) };
    static QUEUED: Cell<Queued> = const { Cell::new(Queued { total_ns: None, at_ns: 0 }) };
}

/// How long the thread has been ready to run, but another one had the CPU.
#[derive(Clone, Copy)]
struct Queued {
    total_ns: Option<u64>,
    /// When it was read.
    at_ns: u64,
}

/// A stretch of time in which the thread was off its CPU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absence {
    /// It waited for something, rather than being preempted.
    pub(crate) waited: bool,
    /// Wall time without CPU time and, where `doubtful` is not set, without the time in which it was ready to run.
    pub(crate) elapsed_ns: u64,
    /// How many pages were read from a disk meanwhile.
    page_reads: u64,
    doubtful: bool,
}

impl Absence {
    /// Whether it is worth a report if nothing explains it.
    pub(crate) fn is_long(&self) -> bool {
        self.waited && self.elapsed_ns >= if self.doubtful { DOUBTFUL_NS } else { SHORT_NS }
    }

    /// Whether reading pages may have taken all of it.
    pub(crate) fn is_page_reads(&self) -> bool {
        self.elapsed_ns < self.page_reads.saturating_mul(PAGE_READ_NS)
    }
}

/// Where this thread's area holds the descriptor.
#[inline(always)]
fn slot(area: isize) -> *mut *const Sequence {
    thread_pointer().wrapping_byte_offset(area.wrapping_add(SEQUENCE)).cast()
}

#[inline(always)]
fn thread_pointer() -> *mut u8 {
    let at: *mut u8;
    // SAFETY: reads the register (or the word that stands for it) that points to this thread's control block.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!("mov {}, fs:0", out(reg) at, options(nostack, readonly, preserves_flags))
    };
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        asm!("mrs {}, tpidr_el0", out(reg) at, options(nostack, nomem, preserves_flags))
    };
    at
}

/// Whether the thread may have been off its CPU since the last [`begin`] or [`absence`].
#[inline(always)]
pub(crate) fn may_have_left() -> bool {
    match AREA.load(Ordering::Relaxed) {
        OFF => false,
        WITHOUT_RSEQ => true,
        // SAFETY: glibc has registered the area with the kernel for every thread; it is this thread's own.
        area => !ptr::eq(unsafe { slot(area).read_volatile() }, &EMPTY),
    }
}

/// From here on an absence counts.
#[inline(always)]
pub(crate) fn begin() {
    if may_have_left() {
        begin_anew();
    }
}

#[cold]
fn begin_anew() {
    put_in_place(AREA.load(Ordering::Relaxed));
    let now = Account::read(false);
    SINCE.set(now);
    // A thread that is off its CPU again and again need not be asked each time: an older look acquits a little more.
    if now.wall_ns.saturating_sub(QUEUED.get().at_ns) > LOOK_AGAIN_NS {
        QUEUED.set(Queued { total_ns: queued(), at_ns: now.wall_ns });
    }
}

/// What happened since, if the engine is at work. Begins anew.
#[cold]
pub(crate) fn absence() -> Option<Absence> {
    let area = AREA.load(Ordering::Relaxed);
    if area == OFF {
        return None;
    }
    // First the descriptor, then the account: what comes between is seen once more rather than never.
    put_in_place(area);
    let (before, now) = (SINCE.get(), Account::read(true));
    SINCE.set(now);
    // Nothing is taken for granted of two answers of the kernel's: in a copied process they begin again at zero.
    let wall_ns = now.wall_ns.saturating_sub(before.wall_ns);
    let elapsed_ns = wall_ns.saturating_sub(now.cpu_ns.saturating_sub(before.cpu_ns));
    let page_reads = u64::try_from(now.page_reads.saturating_sub(before.page_reads)).unwrap_or(0);
    let mut absence = Absence { waited: now.waits > before.waits, elapsed_ns, page_reads, doubtful: false };
    if absence.is_long() {
        let (before, total_ns) = (QUEUED.get().total_ns, queued());
        QUEUED.set(Queued { total_ns, at_ns: now.wall_ns });
        match before.zip(total_ns) {
            Some((before, now)) => absence.elapsed_ns = elapsed_ns.saturating_sub(now.saturating_sub(before)),
            None => absence.doubtful = true,
        }
    }
    Some(absence)
}

/// Looks how long this thread has waited for a CPU so far: to be called right after a stretch has been judged.
pub(crate) fn look_at_queue() {
    QUEUED.set(Queued { total_ns: queued(), at_ns: clock(libc::CLOCK_MONOTONIC) });
}

/// How long this thread has waited for a CPU since somebody looked; where nothing tells, a time that it may well have been.
pub(crate) fn queued_since_look() -> u64 {
    match QUEUED.get().total_ns.zip(queued()) {
        Some((before, now)) => now.saturating_sub(before),
        None => DOUBTFUL_NS,
    }
}

/// What the kernel says of this thread's time in the run queue, in total.
fn queued() -> Option<u64> {
    let mut text = [0_u8; 64];
    // SAFETY: the path is NUL-terminated, and the buffer has the length that is passed.
    let len = unsafe {
        let file = libc::open(c"/proc/thread-self/schedstat".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if file < 0 {
            return None;
        }
        let len = libc::read(file, text.as_mut_ptr().cast(), text.len());
        libc::close(file);
        usize::try_from(len).ok()?
    };
    // On the CPU, in the queue, how often.
    std::str::from_utf8(text.get(..len)?).ok()?.split(' ').nth(1)?.parse().ok()
}

/// Whether the thread has waited since the last [`begin`] or [`absence`]; `None` if nothing tells.
#[inline]
pub(crate) fn waited() -> Option<bool> {
    match may_have_left() {
        true => absence().map(|absence| absence.waited),
        false => (AREA.load(Ordering::Relaxed) != OFF).then_some(false),
    }
}

fn put_in_place(area: isize) {
    if area != WITHOUT_RSEQ && area != OFF {
        // SAFETY: see `may_have_left`; the descriptor lives as long as the program.
        unsafe { slot(area).write_volatile(&EMPTY) };
    }
}

impl Account {
    /// `exact`: the CPU time up to now; else up to some moment of the last tick, which the kernel gives along. An
    /// earlier beginning makes an absence look shorter.
    fn read(exact: bool) -> Account {
        let mut usage = MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the pointer is to writable memory of the right size, and all zero is a value of it.
        let usage = unsafe {
            libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr());
            usage.assume_init()
        };
        let nanos = |time: libc::timeval| {
            nanoseconds(time.tv_sec as u64, (time.tv_usec as u64).saturating_mul(1_000))
        };
        let cpu_ns = match exact {
            true => clock(libc::CLOCK_THREAD_CPUTIME_ID),
            false => nanos(usage.ru_utime).saturating_add(nanos(usage.ru_stime)),
        };
        let wall_ns = clock(libc::CLOCK_MONOTONIC);
        Account { waits: usage.ru_nvcsw, page_reads: usage.ru_majflt, cpu_ns, wall_ns }
    }
}

fn clock(which: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::clock_gettime(which, &raw mut time) };
    nanoseconds(time.tv_sec as u64, time.tv_nsec as u64)
}

fn nanoseconds(seconds: u64, rest: u64) -> u64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

/// A forked child's account begins at zero: what its parent has noted says nothing of it.
pub(crate) fn in_child() {
    if AREA.load(Ordering::Relaxed) != OFF {
        SINCE.set(Account::read(false));
        QUEUED.set(Queued { total_ns: None, at_ns: 0 });
    }
}

/// Puts the engine in force, by rseq if that proves to work here. Called once, before `main`, on a thread that may
/// sleep a moment. Not where the hooks are not in force: every sleep would be one that they did not see.
pub(crate) fn start() {
    // SAFETY: both texts are NUL-terminated; glibc's symbols are an `unsigned int` and a `ptrdiff_t`.
    let (size, area) = unsafe { (variable::<u32>(c"__rseq_size"), variable::<isize>(c"__rseq_offset")) };
    if let (Some(1..), Some(area)) = (size, area) {
        let cpu = thread_pointer().wrapping_byte_offset(area.wrapping_add(CPU)).cast::<i32>();
        // SAFETY: glibc says that the area is there. A thread that is not registered has a negative number.
        if area & 1 == 0 && area != OFF && unsafe { cpu.read_volatile() } >= 0 {
            AREA.store(area, Ordering::Relaxed);
            if try_out().is_ok() {
                return;
            }
        }
    }
    AREA.store(WITHOUT_RSEQ, Ordering::Relaxed);
    if try_out().is_err() {
        AREA.store(OFF, Ordering::Relaxed);
    }
}

/// The value of a variable of libc's.
// SAFETY: the caller names a variable of type `T`.
unsafe fn variable<T: Copy>(name: &CStr) -> Option<T> {
    // SAFETY: the text is NUL-terminated.
    let at = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.cast::<T>();
    // SAFETY: by this function's contract.
    (!at.is_null()).then(|| unsafe { *at })
}

/// Whether the engine is in force, else why not: sleeps for a moment, and looks whether it notices. To be called while
/// no hook fires.
pub(crate) fn try_out() -> Result<(), String> {
    let moment = libc::timespec { tv_sec: 0, tv_nsec: 50_000 };
    for _ in 0..20 {
        if absence().is_none() {
            return Err("the kernel's account of this thread cannot be read".to_owned());
        }
        // Preempted already? Then once more: an untouched descriptor has to be told from a cleared one.
        let untouched = !may_have_left() || AREA.load(Ordering::Relaxed) == WITHOUT_RSEQ;
        // SAFETY: the pointer is to a local variable.
        unsafe { libc::nanosleep(&raw const moment, ptr::null_mut()) };
        let seen = may_have_left() && absence().is_some_and(|absence| absence.waited);
        if untouched && seen {
            return Ok(());
        }
    }
    Err("a sleep made to try it out was not seen".to_owned())
}

/// How it finds out, for `status()`.
pub(crate) fn status() -> Result<(), String> {
    if AREA.load(Ordering::Relaxed) == OFF {
        return Err("the hooks are not in force, or the kernel's account cannot be read".to_owned());
    }
    try_out()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region;

    #[test]
    fn a_sleep_is_told_from_computing() {
        let _quiet = region::quiet();
        assert_eq!(status(), Ok(()));
        absence();
        std::thread::sleep(std::time::Duration::from_millis(30));
        let slept = absence().unwrap();
        assert!(slept.waited && slept.elapsed_ns > SHORT_NS && slept.is_long(), "{slept:?}");
        // Whatever else runs on this machine: computing is no wait.
        let until = clock(libc::CLOCK_THREAD_CPUTIME_ID) + 20_000_000;
        while clock(libc::CLOCK_THREAD_CPUTIME_ID) < until {}
        assert!(!absence().unwrap().waited);
    }

    #[test]
    fn where_waiting_for_a_cpu_cannot_be_told_it_has_to_be_longer() {
        let absence = |doubtful, elapsed_ns| Absence { waited: true, elapsed_ns, page_reads: 0, doubtful };
        assert!(absence(false, SHORT_NS).is_long());
        assert!(!absence(false, SHORT_NS - 1).is_long());
        assert!(!absence(true, DOUBTFUL_NS - 1).is_long());
        assert!(absence(true, DOUBTFUL_NS).is_long());
        assert!(!Absence { waited: false, ..absence(false, u64::MAX) }.is_long());
    }

    #[test]
    fn a_few_pages_do_not_explain_a_long_sleep() {
        let absence =
            |page_reads, elapsed_ns| Absence { waited: true, elapsed_ns, page_reads, doubtful: false };
        assert!(absence(3, 25_000_000).is_page_reads());
        assert!(!absence(2, 25_000_000).is_page_reads());
        assert!(!absence(0, SHORT_NS).is_page_reads());
    }
}
