// The first blocking call that a worker makes is seen, whichever function of the C library it waits in: each on workers that
// have just been started, as often as not before they were idle for the first time.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_LIMITS=lock=always
// expect: joins: 20 of 20
// expect: condition variables: 20 of 20
// expect: barriers: 20 of 20
// expect: mutexes: 20 of 20
// expect: locks for reading: 20 of 20

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

/// The thread that is about to wait.
static WAITING: AtomicI32 = AtomicI32::new(0);

fn about_to_wait() {
    // SAFETY: it has no arguments.
    WAITING.store(unsafe { libc::gettid() }, Ordering::Release);
}

/// Returns when that thread sleeps.
fn asleep() {
    loop {
        let thread = WAITING.load(Ordering::Acquire);
        let path = format!("/proc/self/task/{thread}/stat");
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        if thread != 0 && stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S')) {
            return;
        }
        std::thread::yield_now();
    }
}

struct Shared<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: the C library's objects are made to be used by several threads.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// All of them may begin as zeros; they stay where they are.
    fn new() -> &'static Shared<T> {
        Box::leak(Box::new(Shared(UnsafeCell::new(MaybeUninit::zeroed()))))
    }

    fn get(&self) -> *mut T {
        self.0.get().cast()
    }
}

extern "C" fn ends_late(_: *mut c_void) -> *mut c_void {
    asleep();
    ptr::null_mut()
}

fn joins() -> Box<dyn FnOnce() + Send> {
    Box::new(|| {
        let mut thread = 0;
        // SAFETY: the function takes what it is given, and the pointers are to local variables.
        unsafe { libc::pthread_create(&raw mut thread, ptr::null(), ends_late, ptr::null_mut()) };
        about_to_wait();
        // SAFETY: the thread was made above.
        unsafe { libc::pthread_join(thread, ptr::null_mut()) };
    })
}

fn waits_on_a_condition() -> Box<dyn FnOnce() + Send> {
    let (lock, condition) = (Shared::<libc::pthread_mutex_t>::new(), Shared::<libc::pthread_cond_t>::new());
    std::thread::spawn(move || {
        asleep();
        // SAFETY: both objects are static, and initialised by zeros.
        unsafe {
            libc::pthread_mutex_lock(lock.get());
            libc::pthread_cond_signal(condition.get());
            libc::pthread_mutex_unlock(lock.get());
        }
    });
    // SAFETY: as above.
    Box::new(move || unsafe {
        libc::pthread_mutex_lock(lock.get());
        about_to_wait();
        libc::pthread_cond_wait(condition.get(), lock.get());
        libc::pthread_mutex_unlock(lock.get());
    })
}

fn waits_at_a_barrier() -> Box<dyn FnOnce() + Send> {
    let barrier = Shared::<libc::pthread_barrier_t>::new();
    // SAFETY: the object is static, and nobody has it yet.
    unsafe { libc::pthread_barrier_init(barrier.get(), ptr::null(), 2) };
    std::thread::spawn(move || {
        asleep();
        // SAFETY: it was initialised above.
        unsafe { libc::pthread_barrier_wait(barrier.get()) };
    });
    Box::new(move || {
        about_to_wait();
        // SAFETY: as above.
        unsafe { libc::pthread_barrier_wait(barrier.get()) };
    })
}

/// A lock that another thread holds until this one waits for it.
fn held<T>(take: unsafe fn(*mut T), want: unsafe fn(*mut T), free: unsafe fn(*mut T)) -> Box<dyn FnOnce() + Send>
where
    T: 'static,
{
    let lock = Shared::<T>::new();
    let (held, is_held) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // SAFETY: the lock is static, and initialised by zeros.
        unsafe { take(lock.get()) };
        held.send(()).unwrap();
        asleep();
        // SAFETY: it was taken above.
        unsafe { free(lock.get()) };
    });
    is_held.recv().unwrap();
    Box::new(move || {
        about_to_wait();
        // SAFETY: as above.
        unsafe { want(lock.get()) };
        // SAFETY: it was taken above.
        unsafe { free(lock.get()) };
    })
}

fn wants_a_mutex() -> Box<dyn FnOnce() + Send> {
    // SAFETY: the caller's lock is one.
    unsafe fn lock(lock: *mut libc::pthread_mutex_t) {
        // SAFETY: by the contract.
        unsafe { libc::pthread_mutex_lock(lock) };
    }
    // SAFETY: the caller's lock is one, and taken.
    unsafe fn unlock(lock: *mut libc::pthread_mutex_t) {
        // SAFETY: by the contract.
        unsafe { libc::pthread_mutex_unlock(lock) };
    }
    held(lock, lock, unlock)
}

fn wants_to_read() -> Box<dyn FnOnce() + Send> {
    // SAFETY: the caller's lock is one.
    unsafe fn write(lock: *mut libc::pthread_rwlock_t) {
        // SAFETY: by the contract.
        unsafe { libc::pthread_rwlock_wrlock(lock) };
    }
    // SAFETY: the caller's lock is one.
    unsafe fn read(lock: *mut libc::pthread_rwlock_t) {
        // SAFETY: by the contract.
        unsafe { libc::pthread_rwlock_rdlock(lock) };
    }
    // SAFETY: the caller's lock is one, and taken.
    unsafe fn unlock(lock: *mut libc::pthread_rwlock_t) {
        // SAFETY: by the contract.
        unsafe { libc::pthread_rwlock_unlock(lock) };
    }
    held(write, read, unlock)
}

/// In how many of 20 new runtimes the call was seen.
fn seen(what: &str, prepare: fn() -> Box<dyn FnOnce() + Send>) {
    let mut seen = 0;
    for _ in 0..20 {
        WAITING.store(0, Ordering::Release);
        let before = guard_runtime::stats().violations();
        let wait = prepare();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(async { tokio::spawn(async move { wait() }).await.unwrap() });
        drop(runtime);
        seen += u32::from(guard_runtime::stats().violations() > before);
    }
    eprintln!("{what}: {seen} of 20");
}

pub(crate) fn main() {
    seen("joins", joins);
    seen("condition variables", waits_on_a_condition);
    seen("barriers", waits_at_a_barrier);
    seen("mutexes", wants_a_mutex);
    seen("locks for reading", wants_to_read);
}
