// A signal's handler forks, in whatever state the hooks, the account and the records are: hundreds of times at random, and in
// the middle of a call that blocks. Each child comes back into our code, goes on with hooked calls, and ends well.
// env: NO_BLOCK_ARM=workers
// expect: in a poll: 150 of 150 children ended well
// expect: on a worker: 150 of 150 children ended well
// expect: in a call: 2 of 2 children ended well
// once: fs std::fs::metadata @after-poll
// once: fs std::fs::metadata @after-worker
// forbid: @child
// forbid: panicked
// forbid: guard:

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

static FORKED: AtomicU32 = AtomicU32::new(0);
static WELL: AtomicU32 = AtomicU32::new(0);
static IS_CHILD: AtomicBool = AtomicBool::new(false);
static READY: AtomicI32 = AtomicI32::new(0);
static DONE: AtomicBool = AtomicBool::new(false);

extern "C" fn forks(_: libc::c_int) {
    // SAFETY: it is valid to ask, and to set, this thread's own `errno`.
    let before = unsafe { *libc::__errno_location() };
    // SAFETY: the thread that is interrupted holds no lock: it calls nothing that allocates.
    let child = unsafe { libc::fork() };
    if child == 0 {
        IS_CHILD.store(true, Ordering::Relaxed);
        // Whoever hangs is no child that ended well.
        // SAFETY: no pointers.
        unsafe { libc::alarm(20) };
    } else {
        let mut status = -1;
        // SAFETY: the pointer is to a local variable.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        FORKED.fetch_add(1, Ordering::Relaxed);
        WELL.fetch_add(u32::from(status == 0), Ordering::Relaxed);
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = before };
}

fn look() {
    // SAFETY: the text is NUL-terminated.
    unsafe { libc::access(c"/etc".as_ptr(), libc::F_OK) };
}

fn nap(microseconds: libc::c_uint) {
    // SAFETY: no pointers.
    unsafe { libc::usleep(microseconds) };
}

/// In a child: some more calls, and the end.
fn end_child() {
    if IS_CHILD.load(Ordering::Relaxed) {
        for _ in 0..3 {
            nap(1); // @child
            look();
        }
        // SAFETY: no pointers.
        unsafe { libc::_exit(0) };
    }
}

/// Sends signals to the thread that is ready for them, one after the other, until `wanted` have been handled. `asleep`: only
/// while it sleeps.
fn sender(wanted: u32, asleep: bool) {
    let before = FORKED.load(Ordering::Acquire);
    let mut thread = 0;
    while thread == 0 {
        thread = READY.load(Ordering::Acquire);
        std::thread::yield_now();
    }
    for sent in 0..wanted {
        let sleeps = || {
            let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
            stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S'))
        };
        while asleep && !sleeps() {
            std::thread::yield_now();
        }
        // SAFETY: the thread waits for `DONE`.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, libc::SIGUSR1) };
        while FORKED.load(Ordering::Acquire) <= before + sent {
            std::thread::yield_now();
        }
    }
    DONE.store(true, Ordering::Release);
}

/// Calls from the table of hooks until the signals have come: quick ones, or one that sleeps until it is interrupted.
fn calls(quick: bool) {
    DONE.store(false, Ordering::Release);
    // SAFETY: it has no arguments.
    READY.store(unsafe { libc::gettid() }, Ordering::Release);
    while !DONE.load(Ordering::Acquire) {
        if quick {
            look();
            nap(1);
        } else {
            nap(400_000);
        }
        end_child();
    }
    READY.store(0, Ordering::Release);
}

fn tell(what: &str, wanted: u32) {
    FORKED.store(0, Ordering::Relaxed);
    eprintln!("{what}: {} of {wanted} children ended well", WELL.swap(0, Ordering::Relaxed));
}

async fn signalled(wanted: u32, quick: bool) {
    let sender = std::thread::spawn(move || sender(wanted, !quick));
    calls(quick);
    tokio::task::spawn_blocking(|| sender.join().unwrap()).await.unwrap();
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn polls() {
    signalled(150, true).await;
    let _ = std::fs::metadata("/etc/hostname"); // @after-poll
}

#[guard_runtime::no_block]
async fn polls_in_a_call() {
    signalled(1, false).await;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
pub(crate) async fn main() {
    let handler: extern "C" fn(libc::c_int) = forks;
    // SAFETY: the handler calls what it may, see there; the others are as they were.
    unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
    tokio::spawn(polls()).await.unwrap();
    tell("in a poll", 150);
    let task = async {
        signalled(150, true).await;
        let _ = std::fs::metadata("/etc/hostname"); // @after-worker
    };
    tokio::spawn(task).await.unwrap();
    tell("on a worker", 150);
    tokio::spawn(polls_in_a_call()).await.unwrap();
    tokio::spawn(signalled(1, false)).await.unwrap();
    tell("in a call", 2);
}
