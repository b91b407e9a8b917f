//! The table of hooks, part four: sleeping, waiting for processes, threads and locks.

use super::filter::{always, by_number, is_zero, sleeps, unless_flag};
use super::hook::{errno, hooks};
use crate::region;
use crate::site::Kind;
use libc::{FILE, c_char, c_int, c_long, c_uint, c_void, id_t, idtype_t, pid_t, rusage, siginfo_t, timespec};
use libc::{
    clockid_t, posix_spawn_file_actions_t, posix_spawnattr_t, pthread_barrier_t, pthread_cond_t,
    pthread_mutex_t,
};
use libc::{pthread_rwlock_t, pthread_t, sem_t};

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
fn tried_sem(out: c_int) -> Option<c_int> {
    (out == 0 || errno() != libc::EAGAIN).then_some(out)
}

hooks! {
    fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps(is_zero(time)); }
    fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps(is_zero(time)); }
    fn usleep(micros: c_uint) -> c_int { blocks sleeps(micros == 0); }
    fn sleep(seconds: c_uint) -> c_uint { blocks sleeps(seconds == 0); }
    fn pause() -> c_int { blocks always(Kind::Sleep); }

    fn wait(status: *mut c_int) -> pid_t { blocks always(Kind::Process); }
    fn waitpid(child: pid_t, status: *mut c_int, flags: c_int) -> pid_t { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); }
    fn wait3(status: *mut c_int, flags: c_int, usage: *mut rusage) -> pid_t { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); }
    fn wait4(child: pid_t, status: *mut c_int, flags: c_int, usage: *mut rusage) -> pid_t { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); }
    fn waitid(what: idtype_t, child: id_t, out: *mut siginfo_t, flags: c_int) -> c_int { blocks unless_flag(Kind::Process, flags, libc::WNOHANG); }
    // An older version of these two runs a file without `#!` by the shell.
    fn posix_spawn(child: *mut pid_t, file: *const c_char, actions: *const posix_spawn_file_actions_t, attributes: *const posix_spawnattr_t, args: *const *mut c_char, env: *const *mut c_char) -> c_int {
        version c"GLIBC_2.15"; blocks always(Kind::Process);
    }
    fn posix_spawnp(child: *mut pid_t, file: *const c_char, actions: *const posix_spawn_file_actions_t, attributes: *const posix_spawnattr_t, args: *const *mut c_char, env: *const *mut c_char) -> c_int {
        version c"GLIBC_2.15"; blocks always(Kind::Process);
    }
    // The child marks itself in the handler that `intercept.rs` registers, and records nothing.
    fn fork() -> pid_t { blocks always(Kind::Process); unless |out| out == 0; }
    fn system(command: *const c_char) -> c_int { blocks always(Kind::Process); }
    fn popen(command: *const c_char, mode: *const c_char) -> *mut FILE { blocks always(Kind::Process); }
    fn pclose(stream: *mut FILE) -> c_int { blocks always(Kind::Process); }

    // A thread that has ended is joined without waiting.
    fn pthread_join(thread: pthread_t, out: *mut *mut c_void) -> c_int { first tried(tryjoin(thread, out), libc::EBUSY); blocks always(Kind::ThreadJoin); }
    fn pthread_mutex_lock(lock: *mut pthread_mutex_t) -> c_int { first tried_mutex(lock); blocks always(Kind::Lock); }
    fn pthread_mutex_timedlock(lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { first tried_mutex(lock); blocks always(Kind::Lock); }
    fn pthread_rwlock_rdlock(lock: *mut pthread_rwlock_t) -> c_int { first tried(libc::pthread_rwlock_tryrdlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    fn pthread_rwlock_wrlock(lock: *mut pthread_rwlock_t) -> c_int { first tried(libc::pthread_rwlock_trywrlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    fn pthread_rwlock_timedrdlock(lock: *mut pthread_rwlock_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_tryrdlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    fn pthread_rwlock_timedwrlock(lock: *mut pthread_rwlock_t, until: *const timespec) -> c_int { first tried(libc::pthread_rwlock_trywrlock(lock), libc::EBUSY); blocks always(Kind::Lock); }
    // Without a version `RTLD_NEXT` yields functions for another layout of the condition variable.
    fn pthread_cond_wait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t) -> c_int { version c"GLIBC_2.3.2"; blocks always(Kind::Lock); }
    fn pthread_cond_timedwait(cond: *mut pthread_cond_t, lock: *mut pthread_mutex_t, until: *const timespec) -> c_int { version c"GLIBC_2.3.2"; blocks always(Kind::Lock); }
    fn pthread_barrier_wait(barrier: *mut pthread_barrier_t) -> c_int { blocks always(Kind::Lock); }
    fn sem_wait(sem: *mut sem_t) -> c_int { first tried_sem(libc::sem_trywait(sem)); blocks always(Kind::Lock); }
    fn sem_timedwait(sem: *mut sem_t, until: *const timespec) -> c_int { first tried_sem(libc::sem_trywait(sem)); blocks always(Kind::Lock); }

    // Fixed arity: see `open`. The sixth argument of the call is the seventh here, and on x86_64 lies on the stack.
    fn syscall(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long {
        blocks by_number(number, b);
        // The word had already changed: no wait.
        unless |out| number == libc::SYS_futex && out == -1 && errno() == libc::EAGAIN;
    }
}

unsafe extern "C" {
    #[link_name = "pthread_tryjoin_np"]
    fn tryjoin(thread: pthread_t, out: *mut *mut c_void) -> c_int;
}
