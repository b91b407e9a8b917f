//! The table of hooks, part six: sleeping, waiting for signals, for processes and for messages between them.

use crate::engines::hooks::filter::{always, by_number, on_queue, on_semaphores, sleeps, unless_flag};
use crate::engines::hooks::hook::{errno, hooks, unparked};
use crate::engines::hooks::time::{is_zero, sleeps_on, waits_until};
use crate::model::Kind;
use libc::{
    FILE, aiocb, c_char, c_int, c_long, c_uint, c_void, clockid_t, id_t, idtype_t, mqd_t, pid_t,
    posix_spawn_file_actions_t, posix_spawnattr_t, rusage, sembuf, sigevent, siginfo_t, sigset_t, size_t,
    ssize_t, timespec,
};

hooks! {
    fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps(is_zero(time)); }
    fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int { blocks sleeps_on(clock, flags, time); }
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
    // The child marks itself in the handler that `start.rs` registers, and records nothing.
    fn fork() -> pid_t { blocks always(Kind::Process); unless |out| out == 0; }
    fn system(command: *const c_char) -> c_int { blocks always(Kind::Process); }
    fn popen(command: *const c_char, mode: *const c_char) -> *mut FILE { blocks always(Kind::Process); }
    fn pclose(stream: *mut FILE) -> c_int { blocks always(Kind::Process); }

    fn sigsuspend(mask: *const sigset_t) -> c_int { blocks always(Kind::Sleep); }
    fn sigwait(set: *const sigset_t, signal: *mut c_int) -> c_int { blocks always(Kind::Other); }
    fn sigwaitinfo(set: *const sigset_t, out: *mut siginfo_t) -> c_int { blocks always(Kind::Other); }
    fn sigtimedwait(set: *const sigset_t, out: *mut siginfo_t, limit: *const timespec) -> c_int { blocks always(Kind::Other).filter(|_| !is_zero(limit)); }

    // Queues between processes: of System V, and of POSIX. What is there already is taken without a wait.
    fn msgsnd(queue: c_int, message: *const c_void, len: size_t, flags: c_int) -> c_int { blocks unless_flag(Kind::Channel, flags, libc::IPC_NOWAIT); }
    fn msgrcv(queue: c_int, message: *mut c_void, len: size_t, of: c_long, flags: c_int) -> ssize_t { blocks unless_flag(Kind::Channel, flags, libc::IPC_NOWAIT); }
    fn mq_send(queue: mqd_t, message: *const c_char, len: size_t, priority: c_uint) -> c_int { blocks on_queue(queue); }
    fn mq_timedsend(queue: mqd_t, message: *const c_char, len: size_t, priority: c_uint, until: *const timespec) -> c_int { blocks on_queue(queue).and_then(|ahead| waits_until(ahead.kind, libc::CLOCK_REALTIME, until)); }
    fn mq_receive(queue: mqd_t, message: *mut c_char, len: size_t, priority: *mut c_uint) -> ssize_t { blocks on_queue(queue); }
    fn mq_timedreceive(queue: mqd_t, message: *mut c_char, len: size_t, priority: *mut c_uint, until: *const timespec) -> ssize_t { blocks on_queue(queue).and_then(|ahead| waits_until(ahead.kind, libc::CLOCK_REALTIME, until)); }
    fn semop(set: c_int, operations: *mut sembuf, count: size_t) -> c_int { blocks on_semaphores(operations, count); }
    fn semtimedop(set: c_int, operations: *mut sembuf, count: size_t, limit: *const timespec) -> c_int { blocks on_semaphores(operations, count).filter(|_| !is_zero(limit)); }

    // Waiting for what libc's own threads do.
    fn aio_suspend(requests: *const *const aiocb, count: c_int, limit: *const timespec) -> c_int { blocks always(Kind::Fs).filter(|_| !is_zero(limit)); }
    fn aio_suspend64(requests: *const *const aiocb, count: c_int, limit: *const timespec) -> c_int { blocks always(Kind::Fs).filter(|_| !is_zero(limit)); }
    fn lio_listio(mode: c_int, requests: *const *mut aiocb, count: c_int, event: *mut sigevent) -> c_int { blocks always(Kind::Fs).filter(|_| mode == libc::LIO_WAIT); }
    fn lio_listio64(mode: c_int, requests: *const *mut aiocb, count: c_int, event: *mut sigevent) -> c_int { blocks always(Kind::Fs).filter(|_| mode == libc::LIO_WAIT); }
    fn gai_suspend(requests: *const *const c_void, count: c_int, limit: *const timespec) -> c_int { blocks always(Kind::Dns).filter(|_| !is_zero(limit)); }

    // Fixed arity: see `open`. The sixth argument of the call is the seventh here, and on x86_64 lies on the stack.
    fn syscall(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long {
        blocks by_number(number, [a, b, c, d, e]);
        // The word had already changed: no wait.
        unless |out| number == libc::SYS_futex && out == -1 && errno() == libc::EAGAIN;
        then |_| if number == libc::SYS_futex { unparked() };
    }
}
