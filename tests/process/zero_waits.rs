// A wait with a time-out of zero, or until a time that has passed, is none, however busy the machine is.
// env: NO_BLOCK_LIMITS=lock=always
// expect: all were made
// forbid: "kind"

use guard_runtime::NoBlock;
use std::os::raw::c_int;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 100;
const ZERO: Duration = Duration::ZERO;
static DONE: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    fn pthread_cond_clockwait(
        cond: *mut libc::pthread_cond_t,
        lock: *mut libc::pthread_mutex_t,
        clock: c_int,
        until: *const libc::timespec,
    ) -> c_int;
}

fn of_rust() {
    let (_tx, std_rx) = mpsc::channel::<u8>();
    let (_other, rx) = crossbeam_channel::bounded::<u8>(1);
    let (lock, cond) = (Mutex::new(()), Condvar::new());
    let (their_lock, their_cond) = (parking_lot::Mutex::new(()), parking_lot::Condvar::new());
    for _ in 0..ROUNDS {
        assert!(std_rx.recv_timeout(ZERO).is_err() && rx.recv_timeout(ZERO).is_err());
        drop(cond.wait_timeout(lock.lock().unwrap(), ZERO).unwrap());
        thread::park_timeout(ZERO);
        let mut held = their_lock.lock();
        their_cond.wait_for(&mut held, ZERO);
        their_cond.wait_until(&mut held, Instant::now());
        assert!(their_lock.try_lock_for(ZERO).is_none());
    }
}

fn of_c() {
    let (mut lock, mut cond) = (libc::PTHREAD_MUTEX_INITIALIZER, libc::PTHREAD_COND_INITIALIZER);
    let (mut held, mut semaphore) = (libc::PTHREAD_MUTEX_INITIALIZER, std::mem::MaybeUninit::uninit());
    let mut steady = std::mem::MaybeUninit::uninit();
    let (zero, mut now) = (libc::timespec { tv_sec: 0, tv_nsec: 0 }, libc::timespec { tv_sec: 0, tv_nsec: 0 });
    let word = 7_u32;
    // SAFETY: each object is initialised before it is used, and is not moved after that.
    unsafe {
        let mut attributes = std::mem::MaybeUninit::uninit();
        libc::pthread_condattr_init(attributes.as_mut_ptr());
        libc::pthread_condattr_setclock(attributes.as_mut_ptr(), libc::CLOCK_MONOTONIC);
        libc::pthread_cond_init(steady.as_mut_ptr(), attributes.as_ptr());
        libc::sem_init(semaphore.as_mut_ptr(), 0, 0);
        libc::pthread_mutex_lock(&raw mut held);
        libc::pthread_mutex_lock(&raw mut lock);
        for _ in 0..ROUNDS {
            libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now);
            libc::pthread_cond_timedwait(&raw mut cond, &raw mut lock, &raw const now);
            libc::pthread_mutex_timedlock(&raw mut held, &raw const now);
            libc::sem_timedwait(semaphore.as_mut_ptr(), &raw const now);
            libc::pthread_cond_timedwait(&raw mut cond, &raw mut lock, &raw const zero);
            libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now);
            libc::pthread_cond_timedwait(steady.as_mut_ptr(), &raw mut lock, &raw const now);
            pthread_cond_clockwait(&raw mut cond, &raw mut lock, libc::CLOCK_MONOTONIC, &raw const now);
            libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &raw const now, null_mut());
            let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
            libc::syscall(libc::SYS_futex, &raw const word, wait, 7, &raw const zero, 0, 0);
        }
    }
}

#[tokio::main]
pub(crate) async fn main() {
    let busy = || {
        while !DONE.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    };
    for _ in 0..2 * thread::available_parallelism().unwrap().get() {
        thread::spawn(busy);
    }
    let all = async {
        of_rust();
        of_c();
    };
    tokio::spawn(all.no_block()).await.unwrap();
    DONE.store(true, Ordering::Relaxed);
    eprintln!("all were made");
}
