//! One program that is built in every way that matters, and says by its exit code whether the guard behaves as it has
//! to there: `portability armed|off [fork|exec|threads|plugin FILE]`.

use guard_runtime::{Violation, guard, testing};
use std::ffi::{CString, c_void};
use std::future::Future;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Long enough for every limit, that of unexplained sleeps included.
const LONG: Duration = Duration::from_millis(130);

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

/// What a guarded future that runs `f` is accused of, as `kind` or `kind by engine`.
fn accused(f: impl FnOnce()) -> Vec<Violation> {
    run(testing::capture(async { f() }))
}

fn kinds(found: &[Violation]) -> String {
    let all: Vec<String> = found.iter().map(|found| format!("{}({})", found.kind(), found.api())).collect();
    all.join(" ")
}

/// Past every hook, by a system call of this program's own.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn inline_sleep() {
    let time = libc::timespec { tv_sec: 0, tv_nsec: LONG.as_nanos() as _ };
    // SAFETY: `nanosleep` reads the struct and, the second pointer being null, writes nothing.
    unsafe {
        std::arch::asm!(
            "syscall", inlateout("rax") libc::SYS_nanosleep => _, in("rdi") &raw const time, in("rsi") 0,
            lateout("rcx") _, lateout("r11") _, options(nostack)
        )
    };
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn inline_sleep() {
    std::thread::sleep(LONG);
}

fn contended_lock() {
    let lock = Arc::new(Mutex::new(()));
    let (held, is_held) = mpsc::channel();
    let holder = std::thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            let _locked = lock.lock();
            held.send(()).expect("somebody waits");
            std::thread::sleep(LONG);
        }
    });
    is_held.recv().expect("the other thread sends");
    drop(lock.lock());
    guard_runtime::allow_blocking("not measured", || holder.join()).expect("the holder ends");
}

fn file() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("portability-{}", std::process::id()))
}

/// Each case: its name, the kind that it has to be accused of, what it does.
const CASES: &[(&str, &str, fn())] = &[
    ("sleep", "sleep", sleeps),
    ("write", "fs", || std::fs::write(file(), "text").expect("a temporary file")),
    ("stat", "fs", || assert!(std::fs::metadata(file()).is_ok())),
    ("read", "fs", || assert_eq!(std::fs::read(file()).expect("just written"), b"text")),
    ("unlink", "fs", || std::fs::remove_file(file()).expect("just written")),
    ("connect", "net", || drop(std::net::TcpStream::connect("127.0.0.1:1"))),
    ("lock", "lock", contended_lock),
    ("inline", "other", inline_sleep),
    ("timer", "", || {}),
];

fn cases(armed: bool) -> usize {
    let mut wrong = 0;
    for (name, kind, case) in CASES {
        let found = accused(case);
        let as_it_should = match kind.is_empty() || !armed {
            true => found.is_empty(),
            false => found.iter().any(|found| found.kind().name() == *kind),
        };
        println!("{name}: {} {}", if as_it_should { "ok" } else { "WRONG" }, kinds(&found));
        wrong += usize::from(!as_it_should);
    }
    // What is no violation, on whatever thread.
    let quiet = run(testing::capture(async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(2))).await.expect("it ends");
    }));
    println!("quiet: {} {}", if quiet.is_empty() { "ok" } else { "WRONG" }, kinds(&quiet));
    wrong + usize::from(!quiet.is_empty())
}

fn sleeps() {
    std::thread::sleep(Duration::from_millis(1));
}

fn sleeps_in_a_poll() -> bool {
    !accused(sleeps).is_empty()
}

/// Polls once, without a runtime, and so inside of one too.
fn now_or_never<F: Future>(future: F) -> F::Output {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("it waits for nothing"),
    }
}

/// A child forked inside an armed poll is not watched, one forked outside is; the parent stays watched.
fn forks(armed: bool) -> bool {
    let child_is_watched = |inside: bool| {
        // SAFETY: the child runs code of its one thread only, and ends by `_exit`.
        let fork = || match unsafe { libc::fork() } {
            0 => {
                let seen = !now_or_never(testing::capture(async { sleeps() })).is_empty();
                // SAFETY: ends the child without the parent's exit handlers.
                unsafe { libc::_exit(i32::from(seen)) }
            }
            child => child,
        };
        let mut child = 0;
        if inside {
            run(async { drop(testing::capture(async { child = fork() }).await) });
        } else {
            child = fork();
        }
        let mut status = 0;
        // SAFETY: the pointer is to a local variable.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 1
    };
    !child_is_watched(true) && child_is_watched(false) == armed && sleeps_in_a_poll() == armed
}

/// A program started from a forked child begins anew.
fn execs(mode: &str) -> bool {
    let program = std::env::current_exe().expect("this program's path");
    let mut child = std::process::Command::new(program);
    std::process::Command::status(child.arg(mode)).is_ok_and(|status| status.success())
}

extern "C" fn idle(argument: *mut c_void) -> *mut c_void {
    argument
}

extern "C" fn watched(argument: *mut c_void) -> *mut c_void {
    if sleeps_in_a_poll() { std::ptr::without_provenance_mut(1) } else { argument }
}

/// Starts a thread as C code would, and gives what it returns; `None` if it cannot be started.
fn c_thread(stack: usize, body: extern "C" fn(*mut c_void) -> *mut c_void) -> Option<usize> {
    // SAFETY: every pointer is to a local variable; the thread is joined before they go.
    unsafe {
        let mut attributes = std::mem::zeroed();
        let (mut thread, mut out) = (std::mem::zeroed(), std::ptr::null_mut());
        libc::pthread_attr_init(&raw mut attributes);
        libc::pthread_attr_setstacksize(&raw mut attributes, stack);
        let started =
            libc::pthread_create(&raw mut thread, &raw const attributes, body, std::ptr::null_mut());
        libc::pthread_attr_destroy(&raw mut attributes);
        if started != 0 || libc::pthread_join(thread, &raw mut out) != 0 {
            return None;
        }
        Some(out.addr())
    }
}

/// A thread that C made is watched like any other, and the guard leaves small stacks alone.
fn threads(armed: bool) -> bool {
    let smallest = c_thread(libc::PTHREAD_STACK_MIN, idle);
    let polls = c_thread(1 << 20, watched);
    println!("threads: the smallest {smallest:?}, a polling one {polls:?}");
    smallest == Some(0) && polls == Some(usize::from(armed))
}

/// The guard of a library that is loaded says that it is not armed; this program's own goes on.
fn plugin(path: &str, armed: bool) -> bool {
    let path = CString::new(path).expect("a path without NUL");
    // SAFETY: the library's constructors are the guard's own; the function has the type that the library gives it.
    unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        if library.is_null() {
            println!("plugin: not loaded");
            return false;
        }
        let check = libc::dlsym(library, c"plugin_check".as_ptr());
        let check: extern "C" fn() -> i32 = std::mem::transmute(check);
        let wrong = check();
        println!("plugin: {wrong}");
        libc::dlclose(library);
        wrong == 0 && sleeps_in_a_poll() == armed
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(mode @ ("armed" | "off")) = arguments.first().copied() else {
        println!("portability armed|off [fork|exec|threads|plugin FILE]");
        return ExitCode::from(2);
    };
    let armed = mode == "armed";
    let status = guard_runtime::status();
    println!("status: {status}");
    if armed != status.engines().all(|engine| engine.is_armed()) {
        println!("WRONG: expected to be {mode}");
        return ExitCode::FAILURE;
    }
    // What it is built for: a poll goes on as if nobody watched.
    assert_eq!(run(guard(async { 6 * 7 })), 42);
    let right = match arguments[1..] {
        [] => cases(armed) == 0,
        ["fork"] => forks(armed),
        ["exec"] => execs(mode),
        ["threads"] => threads(armed),
        ["plugin", path] => plugin(path, armed),
        _ => false,
    };
    println!("{}", if right { "right" } else { "WRONG" });
    ExitCode::from(u8::from(!right))
}
