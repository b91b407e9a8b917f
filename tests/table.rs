//! The table of calls: what each one is reported as, or that it is not. Each row runs in a process of its own.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::ffi::{CString, c_int, c_void};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock, mpsc};
use std::thread;
use std::time::Duration;

/// Names the row that a child is to run.
const ROW: &str = "GUARD_TESTS_ROW";
/// The thread that makes the guarded call, once it is about to.
static CALLING: AtomicI32 = AtomicI32::new(0);
const LONG: Duration = Duration::from_millis(20);
const SHORT: Duration = Duration::from_millis(1);

type Guarded = Box<dyn FnOnce()>;

/// A call: what it is reported as (`kind api`, or `-`), and what to do: unguarded first, then guarded.
struct Row {
    name: &'static str,
    verdict: &'static str,
    prepare: fn() -> Guarded,
}

macro_rules! rows {
    ($($name:ident: $verdict:literal, $prepare:block;)*) => {
        &[$(Row {
            name: stringify!($name),
            verdict: $verdict,
            prepare: || {
                #[allow(unused_mut)] // Some calls change what they captured.
                let mut call = $prepare;
                Box::new(move || {
                    let _ = call();
                })
            },
        }),*]
    };
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("table-{}", std::process::id()))
}

/// A file that is there.
fn file() -> PathBuf {
    fs::write(path(), "text\n").unwrap();
    path()
}

fn open() -> File {
    File::options().read(true).write(true).open(file()).unwrap()
}

fn c(path: PathBuf) -> CString {
    CString::new(path.into_os_string().into_encoded_bytes()).unwrap()
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn pipe() -> (File, File) {
    let mut fds = [0; 2];
    // SAFETY: the call writes two numbers, which nobody else owns.
    unsafe {
        assert_eq!(libc::pipe(fds.as_mut_ptr()), 0);
        (File::from(OwnedFd::from_raw_fd(fds[0])), File::from(OwnedFd::from_raw_fd(fds[1])))
    }
}

/// Returns when the guarded call has waited for longer than the limit of locks, which is 1 ms.
fn until_it_waits() {
    let mut seen = 0;
    while seen < 4 {
        thread::sleep(SHORT);
        let thread = CALLING.load(Ordering::SeqCst);
        let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
        let sleeps = stat.rsplit_once(')').is_some_and(|(_, state)| state.trim_start().starts_with('S'));
        seen = if sleeps { seen + 1 } else { 0 };
    }
}

/// Somebody else has it until this thread wants it.
fn held<T: Send + Sync + 'static>(of: T, hold: fn(&T, &dyn Fn())) -> Arc<T> {
    let (of, ready) = (Arc::new(of), Arc::new(Barrier::new(2)));
    let (theirs, there) = (Arc::clone(&of), Arc::clone(&ready));
    thread::spawn(move || {
        hold(&theirs, &|| {
            there.wait();
            until_it_waits();
        })
    });
    ready.wait();
    of
}

fn locked() -> Arc<Mutex<()>> {
    held(Mutex::new(()), |lock, wait| {
        let _held = lock.lock();
        wait();
    })
}

fn later(f: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(|| {
        until_it_waits();
        f();
    })
}

fn memory(len: usize) -> *mut c_void {
    let (file, rw) = (open(), libc::PROT_READ | libc::PROT_WRITE);
    // SAFETY: a new mapping of a file that is open.
    unsafe { libc::mmap(std::ptr::null_mut(), len, rw, libc::MAP_SHARED, file.as_raw_fd(), 0) }
}

/// The time in a moment.
fn soon() -> libc::timespec {
    let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap() + LONG;
    libc::timespec { tv_sec: at.as_secs() as _, tv_nsec: at.subsec_nanos().into() }
}

fn timer() -> c_int {
    // SAFETY: plain numbers.
    unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK) }
}

/// A queue of System V with one message.
fn queue() -> c_int {
    // SAFETY: plain numbers.
    let queue = unsafe { libc::msgget(libc::IPC_PRIVATE, 0o600) };
    send_message(queue);
    queue
}

fn send_message(queue: c_int) {
    // SAFETY: a message is its type and, here, eight bytes.
    assert_eq!(unsafe { libc::msgsnd(queue, [1_u64, 2].as_ptr().cast(), 8, 0) }, 0);
}

/// A C stream of a file, as a number: pointers are not `Send`.
fn stream(mode: &str) -> impl Fn() -> *mut libc::FILE + use<> {
    let (path, mode) = (c(file()), CString::new(mode).unwrap());
    // SAFETY: both texts end in NUL.
    let stream = unsafe { libc::fopen(path.as_ptr(), mode.as_ptr()) };
    assert!(!stream.is_null());
    let at = stream.expose_provenance();
    move || std::ptr::with_exposed_provenance_mut(at)
}

// What the crate libc does not name.
unsafe extern "C" {
    fn putc(byte: c_int, stream: *mut libc::FILE) -> c_int;
    fn getc(stream: *mut libc::FILE) -> c_int;
    fn __uflow(stream: *mut libc::FILE) -> c_int;
    fn __overflow(stream: *mut libc::FILE, byte: c_int) -> c_int;
    fn getdelim(line: *mut *mut libc::c_char, size: *mut usize, end: c_int, stream: *mut libc::FILE)
    -> isize;
    fn semtimedop(set: c_int, ops: *mut libc::sembuf, count: usize, limit: *const libc::timespec) -> c_int;
    fn pthread_cond_clockwait(
        cond: *mut libc::pthread_cond_t,
        lock: *mut libc::pthread_mutex_t,
        clock: c_int,
        until: *const libc::timespec,
    ) -> c_int;
    fn pthread_mutex_clocklock(
        lock: *mut libc::pthread_mutex_t,
        clock: c_int,
        until: *const libc::timespec,
    ) -> c_int;
    fn sem_clockwait(sem: *mut libc::sem_t, clock: c_int, until: *const libc::timespec) -> c_int;
    fn mtx_lock(lock: *mut c_void) -> c_int;
    fn thrd_sleep(time: *const libc::timespec, left: *mut libc::timespec) -> c_int;
    fn scandir(
        name: *const libc::c_char,
        out: *mut c_void,
        filter: *const c_void,
        order: *const c_void,
    ) -> c_int;
}

// SAFETY of the calls of libc in this table: every pointer is to a local variable of the right size, or to a text that
// ends in NUL; descriptors are open.
#[rustfmt::skip]
const ROWS: &[Row] = rows! {
    thread_sleep: "sleep std::thread::sleep", { move || thread::sleep(SHORT) };
    // SAFETY: see above.
    usleep: "sleep usleep", { move || unsafe { libc::usleep(10) } };
    // SAFETY: see above.
    nanosleep: "sleep nanosleep", { let time = libc::timespec { tv_sec: 0, tv_nsec: 10 }; move || unsafe { libc::nanosleep(&raw const time, std::ptr::null_mut()) } };
    // SAFETY: see above.
    nanosleep_zero: "-", { let time = libc::timespec { tv_sec: 0, tv_nsec: 0 }; move || unsafe { libc::nanosleep(&raw const time, std::ptr::null_mut()) } };
    // SAFETY: see above.
    usleep_zero: "-", { move || unsafe { libc::usleep(0) } };
    park_timeout_zero: "-", { move || thread::park_timeout(Duration::ZERO) };
    yield_now: "-", { move || thread::yield_now() };
    park_timeout: "channel std::thread::park_timeout", { move || thread::park_timeout(LONG) };

    fs_read: "fs std::fs::read", { let path = file(); move || fs::read(path) };
    fs_write: "fs std::fs::write", { move || fs::write(path(), "text") };
    fs_copy: "fs std::fs::copy", { let path = file(); move || fs::copy(&path, path.with_extension("copy")) };
    fs_rename: "fs std::fs::rename", { let path = file(); move || fs::rename(&path, path.with_extension("new")) };
    fs_remove: "fs std::fs::remove_file", { let path = file(); move || fs::remove_file(path) };
    fs_create_dir: "fs std::fs::create_dir_all", { move || fs::create_dir_all(path().join("a/b")) };
    fs_remove_dir: "fs std::fs::remove_dir", { fs::create_dir(path()).unwrap(); move || fs::remove_dir(path()) };
    fs_metadata: "fs std::fs::metadata", { move || fs::metadata(path()) };
    fs_exists: "fs std::path::Path::exists", { move || path().exists() };
    fs_canonicalize: "fs std::fs::canonicalize", { move || fs::canonicalize(".") };
    fs_read_link: "fs std::fs::read_link", { symlink("a", path()).unwrap(); move || fs::read_link(path()) };
    fs_symlink: "fs std::os::unix::fs::symlink", { move || symlink("a", path()) };
    fs_hard_link: "fs std::fs::hard_link", { let path = file(); move || fs::hard_link(&path, path.with_extension("link")) };
    fs_permissions: "fs std::fs::set_permissions", { let path = file(); move || fs::set_permissions(path, fs::Permissions::from_mode(0o600)) };
    fs_read_dir: "fs std::fs::read_dir", { move || fs::read_dir(env!("CARGO_TARGET_TMPDIR")) };
    file_open: "fs std::fs::File::open", { let path = file(); move || File::open(path) };
    file_read: "fs std::fs::File::read", { let mut file = open(); move || file.read(&mut [0; 8]) };
    file_write: "fs std::fs::File::write", { let mut file = open(); move || file.write(b"x") };
    file_seek: "-", { let mut file = open(); move || file.seek(std::io::SeekFrom::Start(1)) };
    file_sync: "fs std::fs::File::sync_all", { let file = open(); move || file.sync_all() };
    file_set_len: "fs std::fs::File::set_len", { let file = open(); move || file.set_len(9) };
    file_metadata: "fs std::fs::File::metadata", { let file = open(); move || file.metadata() };
    file_lock: "fs std::fs::File::lock", { let file = open(); move || file.lock() };
    file_try_lock: "-", { let file = open(); move || file.try_lock() };
    buffered_lines: "fs std::io::BufRead::read_line", { let mut file = BufReader::new(open()); move || file.read_line(&mut String::new()) };
    proc_read: "-", { move || fs::read("/proc/self/status") };
    sys_read: "-", { move || fs::read("/sys/kernel/mm/transparent_hugepage/enabled") };
    time_zone: "-", { move || fs::read("/etc/localtime") };
    dev_null: "-", { move || fs::write("/dev/null", "x") };
    dev_urandom: "-", { move || File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut [0; 8])) };
    // SAFETY: see above.
    mkstemp: "fs mkstemp", { let mut name = c(path().with_extension("XXXXXX")).into_bytes_with_nul(); move || unsafe { libc::mkstemp(name.as_mut_ptr().cast()) } };
    // SAFETY: see above.
    statvfs: "fs statvfs", { let mut out = std::mem::MaybeUninit::uninit(); move || unsafe { libc::statvfs(c"/".as_ptr(), out.as_mut_ptr()) } };
    // SAFETY: see above.
    fopen: "fs fopen", { let path = c(file()); move || unsafe { libc::fopen(path.as_ptr(), c"r".as_ptr()) } };
    // SAFETY: see above.
    fputc: "fs fputc", { let file = stream("w"); unsafe { libc::setvbuf(file(), std::ptr::null_mut(), libc::_IONBF, 0) }; move || unsafe { libc::fputc(1, file()) } };
    // SAFETY: see above.
    fputc_buffered: "-", { let file = stream("w"); unsafe { libc::fputc(1, file()) }; move || unsafe { libc::fputc(1, file()) } };
    // SAFETY: see above.
    putc: "fs putc", { let file = stream("w"); move || unsafe { putc(1, file()) } };
    // SAFETY: see above.
    fgetc: "fs fgetc", { let file = stream("r"); move || unsafe { libc::fgetc(file()) } };
    // SAFETY: see above.
    fgetc_buffered: "-", { let file = stream("r"); unsafe { libc::fgetc(file()) }; move || unsafe { libc::fgetc(file()) } };
    // SAFETY: see above.
    getc: "fs getc", { let file = stream("r"); move || unsafe { getc(file()) } };
    // SAFETY: see above.
    getc_macro: "fs __uflow", { let file = stream("r"); move || unsafe { __uflow(file()) } };
    // SAFETY: see above.
    putc_macro: "fs __overflow", { let file = stream("w"); move || unsafe { __overflow(file(), 1) } };
    // SAFETY: see above.
    getline: "fs getline", { let file = stream("r"); move || unsafe { libc::getline(&mut std::ptr::null_mut(), &mut 0, file()) } };
    // SAFETY: see above.
    getdelim: "fs getdelim", { let file = stream("r"); move || unsafe { getdelim(&mut std::ptr::null_mut(), &mut 0, 10, file()) } };
    // SAFETY: see above.
    fread_unlocked: "fs fread_unlocked", { let file = stream("r"); move || unsafe { libc::fread_unlocked([0_u8; 4].as_mut_ptr().cast(), 1, 4, file()) } };
    // SAFETY: see above.
    fseek: "fs fseek", { let file = stream("r"); move || unsafe { libc::fseek(file(), 1, libc::SEEK_SET) } };
    // SAFETY: see above.
    fseeko: "fs fseeko", { let file = stream("r"); move || unsafe { libc::fseeko(file(), 1, libc::SEEK_SET) } };
    // SAFETY: see above.
    rewind: "fs rewind", { let file = stream("r"); move || unsafe { libc::rewind(file()) } };
    // SAFETY: see above.
    puts: "-", { move || unsafe { libc::puts(c"nobody's business".as_ptr()) } };
    // SAFETY: see above.
    putchar: "-", { move || unsafe { libc::putchar(10) } };
    // SAFETY: see above.
    memory_stream: "-", { let mut text = [0_u8; 8]; move || unsafe { let file = libc::fmemopen(text.as_mut_ptr().cast(), 8, c"w".as_ptr()); libc::fputc(1, file); libc::fclose(file) } };
    // SAFETY: see above.
    dlopen: "fs dlopen", { let object = CString::new(env!("C_OBJECT")).unwrap(); move || unsafe { assert!(!libc::dlopen(object.as_ptr(), libc::RTLD_NOW).is_null()) } };
    // SAFETY: see above.
    dlopen_again: "-", { let object = CString::new(env!("C_OBJECT")).unwrap(); unsafe { libc::dlopen(object.as_ptr(), libc::RTLD_NOW) }; move || unsafe { assert!(!libc::dlopen(object.as_ptr(), libc::RTLD_NOW).is_null()) } };
    // SAFETY: see above.
    dlopen_itself: "-", { move || unsafe { assert!(!libc::dlopen(std::ptr::null(), libc::RTLD_NOW).is_null()) } };
    // SAFETY: see above.
    truncate: "fs truncate", { let path = c(file()); move || unsafe { libc::truncate(path.as_ptr(), 2) } };
    // SAFETY: see above.
    utimes: "fs utimes", { let path = c(file()); move || unsafe { libc::utimes(path.as_ptr(), std::ptr::null()) } };
    // SAFETY: see above.
    mkfifo: "fs mkfifo", { let path = c(path()); move || unsafe { libc::mkfifo(path.as_ptr(), 0o600) } };
    // SAFETY: see above.
    mknod: "fs mknod", { let path = c(path()); move || unsafe { libc::mknod(path.as_ptr(), libc::S_IFIFO | 0o600, 0) } };
    // SAFETY: see above.
    utime: "fs utime", { let path = c(file()); move || unsafe { libc::utime(path.as_ptr(), std::ptr::null()) } };
    // SAFETY: see above.
    getxattr: "fs getxattr", { let path = c(file()); move || unsafe { libc::getxattr(path.as_ptr(), c"user.a".as_ptr(), std::ptr::null_mut(), 0) } };
    // SAFETY: see above.
    fgetxattr: "fs fgetxattr", { let file = open(); move || unsafe { libc::fgetxattr(file.as_raw_fd(), c"user.a".as_ptr(), std::ptr::null_mut(), 0) } };
    // SAFETY: see above.
    msync: "fs msync", { let at = memory(4096).addr(); move || unsafe { libc::msync(std::ptr::with_exposed_provenance_mut(at), 4096, libc::MS_SYNC) } };
    // SAFETY: see above.
    msync_async: "-", { let at = memory(4096).addr(); move || unsafe { libc::msync(std::ptr::with_exposed_provenance_mut(at), 4096, libc::MS_ASYNC) } };
    // SAFETY: see above.
    fcntl_getfl: "-", { let file = open(); move || unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) } };

    tcp_connect: "net std::net::TcpStream::connect", { let listener = TcpListener::bind("127.0.0.1:0").unwrap(); move || TcpStream::connect(listener.local_addr().unwrap()) };
    tcp_bind: "-", { move || TcpListener::bind("127.0.0.1:0") };
    tcp_read: "net std::net::TcpStream::read", { let (mut here, mut there) = pair(); there.write_all(b"x").unwrap(); move || here.read(&mut [0; 1]) };
    tcp_write: "net std::net::TcpStream::write", { let (mut here, there) = pair(); move || (here.write(b"x"), &there).0 };
    tcp_nonblocking: "-", { let (mut here, there) = pair(); here.set_nonblocking(true).unwrap(); move || (here.read(&mut [0; 1]), &there).0 };
    tcp_blocking_again: "net std::net::TcpStream::read", { let (mut here, mut there) = pair(); there.write_all(b"xy").unwrap(); here.set_nonblocking(true).unwrap(); here.read_exact(&mut [0; 1]).unwrap(); move || { here.set_nonblocking(false).unwrap(); here.read(&mut [0; 1]) } };
    tcp_accept: "net std::net::TcpListener::accept", { let listener = TcpListener::bind("127.0.0.1:0").unwrap(); let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap(); move || listener.accept() };
    udp_send: "net std::net::UdpSocket::send_to", { let socket = UdpSocket::bind("127.0.0.1:0").unwrap(); move || socket.send_to(b"x", socket.local_addr().unwrap()) };
    udp_connect: "-", { let socket = UdpSocket::bind("127.0.0.1:0").unwrap(); move || socket.connect("127.0.0.1:9") };
    // SAFETY: see above.
    dontwait: "-", { let (here, _there) = pair(); move || unsafe { libc::recv(here.as_raw_fd(), [0_u8; 1].as_mut_ptr().cast(), 1, libc::MSG_DONTWAIT) } };
    // SAFETY: see above.
    poll_waits: "sleep poll", { move || unsafe { libc::poll(std::ptr::null_mut(), 0, 1) } };
    // SAFETY: see above.
    poll_looks: "-", { move || unsafe { libc::poll(std::ptr::null_mut(), 0, 0) } };
    // SAFETY: see above.
    select_waits: "sleep select", { let mut time = libc::timeval { tv_sec: 0, tv_usec: 10 }; move || unsafe { libc::select(0, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut(), &raw mut time) } };
    // SAFETY: see above.
    timerfd: "-", { let timer = timer(); move || unsafe { libc::read(timer, [0_u8; 8].as_mut_ptr().cast(), 8) } };
    resolve: "dns std::net::ToSocketAddrs::to_socket_addrs", { move || "localhost:80".to_socket_addrs() };
    resolve_numeric: "-", { move || "127.0.0.1:80".to_socket_addrs() };
    // SAFETY: see above.
    getpwuid: "other getpwuid", { move || unsafe { libc::getpwuid(0) } };

    process_spawn: "process std::process::Command::spawn", { move || Command::new("true").spawn() };
    process_output: "process std::process::Command::output", { move || Command::new("true").output() };
    process_wait: "process std::process::Child::wait", { let mut child = Command::new("true").spawn().unwrap(); move || child.wait() };
    process_try_wait: "-", { let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap(); move || child.try_wait() };
    // SAFETY: see above.
    system: "process system", { move || unsafe { libc::system(c"true".as_ptr()) } };
    pipe_read: "process std::fs::File::read", { let (mut here, mut there) = pipe(); there.write_all(b"x").unwrap(); move || here.read(&mut [0; 1]) };

    mutex_held: "lock std::sync::Mutex::lock", { let lock = locked(); move || drop(lock.lock()) };
    mutex_free: "-", { let lock = Mutex::new(()); move || drop(lock.lock()) };
    mutex_try: "-", { let lock = locked(); move || drop(lock.try_lock()) };
    rwlock_held: "lock std::sync::RwLock::read", { let lock = held(RwLock::new(()), |lock, wait| { let _held = lock.write(); wait(); }); move || drop(lock.read()) };
    condvar: "channel std::sync::Condvar::wait_timeout", { let lock = Mutex::new(()); move || drop(Condvar::new().wait_timeout(lock.lock().unwrap(), LONG)) };
    condvar_zero: "-", { let lock = Mutex::new(()); move || drop(Condvar::new().wait_timeout(lock.lock().unwrap(), Duration::ZERO)) };
    parking_lot: "lock parking_lot::Mutex::lock", { let lock = held(parking_lot::Mutex::new(()), |lock, wait| { let _held = lock.lock(); wait(); }); move || drop(lock.lock()) };
    channel: "channel std::sync::mpsc::Receiver::recv", { let (tx, rx) = mpsc::channel(); later(move || tx.send(()).unwrap()); move || rx.recv() };
    channel_full_of_messages: "-", { let (tx, rx) = mpsc::channel(); tx.send(()).unwrap(); move || rx.recv() };
    channel_try: "-", { let (_tx, rx) = mpsc::channel::<()>(); move || rx.try_recv() };
    crossbeam: "channel crossbeam_channel::Receiver::recv", { let (tx, rx) = crossbeam_channel::bounded(1); later(move || tx.send(()).unwrap()); move || rx.recv() };
    join: "thread_join std::thread::JoinHandle::join", { let thread = later(move || ()); || thread.join() };
    rayon_join: "cpu rayon::join", { let (tx, rx) = mpsc::channel(); later(move || tx.send(()).unwrap()); move || rayon::join(move || rx.recv(), || ()) };
    rayon_spawn: "-", { move || rayon::spawn(|| thread::sleep(SHORT)) };
    once: "-", { let cell = OnceLock::new(); move || cell.get_or_init(|| thread::sleep(SHORT)).to_owned() };
    // SAFETY: see above.
    semaphore: "lock sem_timedwait", { let mut sem = std::mem::MaybeUninit::uninit();  move || unsafe { libc::sem_init(sem.as_mut_ptr(), 0, 0); libc::sem_timedwait(sem.as_mut_ptr(), &soon()) } };

    // SAFETY: see above.
    sigtimedwait: "other sigtimedwait", { let (time, mut set) = (libc::timespec { tv_sec: 0, tv_nsec: 10_000 }, std::mem::MaybeUninit::uninit()); move || unsafe { libc::sigemptyset(set.as_mut_ptr()); libc::sigtimedwait(set.as_ptr(), std::ptr::null_mut(), &raw const time) } };
    // SAFETY: see above.
    message_there: "-", { let queue = queue(); move || unsafe { libc::msgrcv(queue, [0_u64; 2].as_mut_ptr().cast(), 8, 0, 0); libc::msgctl(queue, libc::IPC_RMID, std::ptr::null_mut()) } };
    // SAFETY: see above.
    message_awaited: "channel msgrcv", { let queue = queue(); unsafe { libc::msgrcv(queue, [0_u64; 2].as_mut_ptr().cast(), 8, 0, 0) }; later(move || send_message(queue)); move || unsafe { libc::msgrcv(queue, [0_u64; 2].as_mut_ptr().cast(), 8, 0, 0); libc::msgctl(queue, libc::IPC_RMID, std::ptr::null_mut()) } };
    // SAFETY: see above.
    semaphores: "lock semtimedop", { let set = unsafe { libc::semget(libc::IPC_PRIVATE, 1, 0o600) }; let mut take = libc::sembuf { sem_num: 0, sem_op: -1, sem_flg: 0 }; let time = libc::timespec { tv_sec: 0, tv_nsec: 20_000_000 }; move || unsafe { semtimedop(set, &raw mut take, 1, &raw const time); libc::semctl(set, 0, libc::IPC_RMID) } };
    // SAFETY: see above.
    cond_clockwait: "channel pthread_cond_clockwait", { let (mut cond, mut lock) = (libc::PTHREAD_COND_INITIALIZER, libc::PTHREAD_MUTEX_INITIALIZER); move || unsafe { libc::pthread_mutex_lock(&raw mut lock); pthread_cond_clockwait(&raw mut cond, &raw mut lock, libc::CLOCK_REALTIME, &soon()) } };
    // SAFETY: see above.
    mutex_clocklock_free: "-", { let mut lock = libc::PTHREAD_MUTEX_INITIALIZER; move || unsafe { pthread_mutex_clocklock(&raw mut lock, libc::CLOCK_REALTIME, &soon()) } };
    // SAFETY: see above.
    mutex_clocklock_held: "lock pthread_mutex_clocklock", { let mut lock = libc::PTHREAD_MUTEX_INITIALIZER; move || unsafe { libc::pthread_mutex_lock(&raw mut lock); pthread_mutex_clocklock(&raw mut lock, libc::CLOCK_REALTIME, &soon()) } };
    // SAFETY: see above.
    sem_clockwait: "lock sem_clockwait", { let mut sem = std::mem::MaybeUninit::uninit(); move || unsafe { libc::sem_init(sem.as_mut_ptr(), 0, 0); sem_clockwait(sem.as_mut_ptr(), libc::CLOCK_REALTIME, &soon()) } };
    // SAFETY: see above.
    c11_mutex: "-", { let mut lock = libc::PTHREAD_MUTEX_INITIALIZER; move || unsafe { mtx_lock((&raw mut lock).cast()) } };
    // SAFETY: see above.
    c11_sleep: "sleep thrd_sleep", { let time = libc::timespec { tv_sec: 0, tv_nsec: 10 }; move || unsafe { thrd_sleep(&raw const time, std::ptr::null_mut()) } };
    // SAFETY: see above.
    scandir: "fs scandir", { let mut out = std::ptr::null_mut::<c_void>().expose_provenance(); move || unsafe { scandir(c"/".as_ptr(), (&raw mut out).cast(), std::ptr::null(), std::ptr::null()) } };
    // SAFETY: see above.
    glob: "fs glob", { let mut out = std::mem::MaybeUninit::zeroed(); move || unsafe { libc::glob(c"/*".as_ptr(), 0, None, out.as_mut_ptr()) } };
    // SAFETY: see above.
    getservbyname: "other getservbyname", { move || unsafe { libc::getservbyname(c"http".as_ptr(), std::ptr::null()) } };
    chdir: "fs std::env::set_current_dir", { move || std::env::set_current_dir("/") };

    println: "-", { move || println!("nobody's business") };
    allocation: "-", { move || vec![1_u8; 1 << 20] };
    clock: "-", { move || std::time::SystemTime::now() };
    environment: "-", { move || std::env::var("PATH") };
    current_dir: "-", { move || std::env::current_dir() };
    processors: "-", { move || thread::available_parallelism() };
    backtrace: "-", { move || std::backtrace::Backtrace::force_capture().to_string() };
    sync_data: "fs std::fs::File::sync_data", { let file = open(); move || file.sync_data() };
};

/// What the child says of the row.
fn verdict(row: &Row) -> String {
    let call = (row.prepare)();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(guard_runtime::testing::capture(async move {
        // SAFETY: takes nothing, and cannot fail.
        CALLING.store(unsafe { libc::gettid() }, Ordering::SeqCst);
        call();
    }));
    let limits = |kind| if kind == guard_runtime::Kind::Lock { SHORT } else { Duration::ZERO };
    let mut found: Vec<String> = found
        .iter()
        .filter(|found| found.elapsed() >= limits(found.kind()))
        .map(|found| format!("{} {}", found.kind(), found.api()))
        .collect();
    found.dedup();
    if found.is_empty() { "-".to_owned() } else { found.join(", ") }
}

fn clean_up(child: u32) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let own = format!("table-{child}");
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == own || name.starts_with(&format!("{own}.")) {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

/// The row in a process of its own; the text is what is wrong.
fn check(row: &Row) -> Option<String> {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["every_call_is_what_the_table_says", "--exact", "--nocapture", "--test-threads=1"]);
    child.env(ROW, row.name).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().expect("the child starts");
    let pid = child.id();
    let output = child.wait_with_output().expect("the child ends");
    clean_up(pid);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let said = stdout.lines().find_map(|line| line.strip_prefix("verdict: "));
    let stderr = String::from_utf8_lossy(&output.stderr);
    match said {
        Some(said) if said == row.verdict => None,
        Some(said) => Some(format!("{}: `{said}` instead of `{}`", row.name, row.verdict)),
        None => Some(format!("{}: said nothing\n{stderr}", row.name)),
    }
}

#[test]
fn every_call_is_what_the_table_says() {
    if let Some(name) = std::env::var_os(ROW) {
        let row = ROWS.iter().find(|row| name == row.name).expect("a row of the table");
        // The harness has begun a line.
        println!("\nverdict: {}", verdict(row));
        return;
    }
    assert!(ROWS.len() >= 61);
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(row) = ROWS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    wrong.lock().unwrap().extend(check(row));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}
