//! The table of hooks, part five: threads and locks. What is free is taken without asking how long it takes.

use crate::engines::hooks::filter::{always, sleeps};
use crate::engines::hooks::hook::{errno, hooks, set_errno, unparked};
use crate::engines::hooks::time::{is_zero, waits_until, waits_until_some};
use crate::model::Kind;
use crate::region;
use libc::{c_char, c_int, c_uint, c_void, clockid_t, pid_t, timespec};
use libc::{pthread_barrier_t, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, pthread_t, sem_t};

/// `mtx_trylock` and `thrd_join` of C11.
const THRD_BUSY: c_int = 1;

/// The result of a `try` function, unless it says that the real one would have to wait.
fn tried(out: c_int, busy: c_int) -> Option<c_int> {
    (out != busy).then_some(out)
}

/// The same for a mutex, which knows who holds it.
// SAFETY: the row's contract: it is a mutex.
unsafe fn tried_mutex(lock: *mut pthread_mutex_t) -> Option<c_int> {
    /// How glibc's mutexes begin, on every architecture that there are hooks for.
    #[repr(C)]
    struct Mutex {
        lock: c_int,
        count: c_uint,
        owner: pid_t,
    }
    // SAFETY: by the row's contract.
    let tried = tried(unsafe { libc::pthread_mutex_trylock(lock) }, libc::EBUSY);
    if tried.is_none() {
        // SAFETY: a mutex is large enough and aligned; other threads may write the number meanwhile.
        let owner = unsafe { (&raw const (*lock.cast::<Mutex>()).owner).read_volatile() };
        region::note_holder(owner);
    }
    tried
}

/// The same for functions that say it by `errno`.
// SAFETY: the row's contract: it is a semaphore.
unsafe fn tried_sem(sem: *mut sem_t) -> Option<c_int> {
    let before = errno();
    // SAFETY: by the row's contract.
    let out = unsafe { libc::sem_trywait(sem) };
    let busy = out != 0 && errno() == libc::EAGAIN;
    if busy {
        set_errno(before);
    }
    (!busy).then_some(out)
}

/// A thread gets a name: by itself, when it starts.
fn started(thread: pthread_t) {
    // SAFETY: it has no arguments and cannot fail.
    if thread == unsafe { libc::pthread_self() } {
        unparked();
    }
}

hooks! {
    // A thread that has ended is joined without waiting.
    fn pthread_join(thread: pthread_t, out: *mut *mut c_void) -> c_int { first tried(tryjoin(thread, out), libc::EBUSY); blocks always(Kind::ThreadJoin); }
    // What a thread of std's does first, if it has a name, as workers have.
    fn pthread_setname_np(thread: pthread_t, name: *const c_char) -> c_int { then |_| started(thread); }
    fn pthread_mutex_lock(lock: *mut pthread_mutex_t) -> c_int { first tried_mutex(lock); blocks always(Kind::Lock); }
    fn pthread_mutex_timedlock(lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { first tried_mutex(lock); blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    fn pthread_rwlock_rdlock(lock: *mut pthread_rwlock_t) -> c_int { first tried(libc::pthread_rwlock_tryrdlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    fn pthread_rwlock_wrlock(lock: *mut pthread_rwlock_t) -> c_int { first tried(libc::pthread_rwlock_trywrlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    fn pthread_rwlock_timedrdlock(lock: *mut pthread_rwlock_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_tryrdlock(lock), libc::EBUSY); blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    fn pthread_rwlock_timedwrlock(lock: *mut pthread_rwlock_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_trywrlock(lock), libc::EBUSY); blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    // Without a version `RTLD_NEXT` yields functions for another layout of the condition variable.
    fn pthread_cond_wait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t) -> c_int { version c"GLIBC_2.3.2"; blocks always(Kind::Lock); }
    fn pthread_cond_timedwait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { version c"GLIBC_2.3.2"; blocks waits_until_some(Kind::Lock, until); }
    fn pthread_barrier_wait(barrier: *mut pthread_barrier_t) -> c_int { blocks always(Kind::Lock); }
    fn sem_wait(sem: *mut sem_t) -> c_int { first tried_sem(sem); blocks always(Kind::Lock); }
    fn sem_timedwait(sem: *mut sem_t, until: *const timespec) -> c_int { first tried_sem(sem); blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    fn pthread_timedjoin_np(thread: pthread_t, out: *mut *mut c_void, until: *const timespec) -> c_int { first tried(tryjoin(thread, out), libc::EBUSY); blocks waits_until(Kind::ThreadJoin, libc::CLOCK_REALTIME, until); }
    // With the clock to go by: what C++ waits with.
    fn pthread_clockjoin_np(thread: pthread_t, out: *mut *mut c_void, clock: clockid_t, until: *const timespec) -> c_int { first tried(tryjoin(thread, out), libc::EBUSY); blocks waits_until(Kind::ThreadJoin, clock, until); }
    fn pthread_mutex_clocklock(lock: *mut pthread_mutex_t, clock: clockid_t, until: *const timespec) -> c_int { first tried_mutex(lock); blocks waits_until(Kind::Lock, clock, until); }
    fn pthread_rwlock_clockrdlock(lock: *mut pthread_rwlock_t, clock: clockid_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_tryrdlock(lock), libc::EBUSY); blocks waits_until(Kind::Lock, clock, until); }
    fn pthread_rwlock_clockwrlock(lock: *mut pthread_rwlock_t, clock: clockid_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_trywrlock(lock), libc::EBUSY); blocks waits_until(Kind::Lock, clock, until); }
    fn pthread_cond_clockwait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t, clock: clockid_t, until: *const timespec) -> c_int { blocks waits_until(Kind::Lock, clock, until); }
    fn sem_clockwait(sem: *mut sem_t, clock: clockid_t, until: *const timespec) -> c_int { first tried_sem(sem); blocks waits_until(Kind::Lock, clock, until); }

    // C11's, which reach the functions above inside libc. Their types are those of POSIX by other names.
    fn mtx_lock(lock: *mut pthread_mutex_t) -> c_int { first tried(mtx_trylock(lock), THRD_BUSY); blocks always(Kind::Lock); }
    fn mtx_timedlock(lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { first tried(mtx_trylock(lock), THRD_BUSY); blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    fn cnd_wait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t) -> c_int { blocks always(Kind::Lock); }
    fn cnd_timedwait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { blocks waits_until(Kind::Lock, libc::CLOCK_REALTIME, until); }
    fn thrd_join(thread: pthread_t, out: *mut c_int) -> c_int { blocks always(Kind::ThreadJoin); }
    fn thrd_sleep(time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps(is_zero(time)); }
}

unsafe extern "C" {
    #[link_name = "pthread_tryjoin_np"]
    fn tryjoin(thread: pthread_t, out: *mut *mut c_void) -> c_int;
    fn mtx_trylock(lock: *mut pthread_mutex_t) -> c_int;
}
