// What is exempt is so as long as it is quick: output, kernel tables and initialisation over 10 ms are logged, and never panic.
// env: NO_BLOCK_ACTION=panic
// expect: stdio std::print! @full-pipe
// expect: lock std::print! @held
// expect: fs std::fs::read @many-tables
// expect: init std::thread::sleep @slow-init
// expect: other std::fs::File::write @device
// expect: "level":"error","message":"blocking call on an executor thread: std::fs::File::write"
// expect: "level":"warn","message":"blocking call on an executor thread: std::fs::read"
// expect: all the exempt went on
// forbid: @few-tables
// forbid: @quick-init
// forbid: @quick-print
// only

use guard_runtime::NoBlock;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

const LATER: Duration = Duration::from_millis(150);

static PRINTS: AtomicBool = AtomicBool::new(false);
static SLOW: LazyLock<u8> = LazyLock::new(|| {
    thread::sleep(LATER); // @slow-init
    1
});
static QUICK: LazyLock<u8> = LazyLock::new(|| {
    let _ = std::fs::metadata("/etc/passwd"); // @quick-init
    1
});

/// Runs `f` with a pipe for standard output that is full, and read only later.
fn with_full_pipe(f: impl FnOnce()) {
    let mut ends = [0; 2];
    let fill = [b'.'; 4096];
    // SAFETY: the numbers are this function's own, and the buffer has the length that is passed.
    let (kept, from) = unsafe {
        libc::pipe(ends.as_mut_ptr());
        libc::fcntl(ends[1], libc::F_SETPIPE_SZ, 4096);
        libc::write(ends[1], fill.as_ptr().cast(), fill.len());
        let kept = libc::dup(1);
        libc::dup2(ends[1], 1);
        libc::close(ends[1]);
        (kept, File::from_raw_fd(ends[0]))
    };
    let reader = thread::spawn(move || {
        while !PRINTS.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        thread::sleep(2 * LATER);
        let _ = std::io::copy(&mut { from }, &mut std::io::sink());
    });
    f();
    // SAFETY: as above.
    unsafe {
        libc::dup2(kept, 1);
        libc::close(kept);
    }
    reader.join().unwrap();
}

fn hold_stdout() {
    let (held, holds) = mpsc::channel();
    thread::spawn(move || {
        let _stdout = std::io::stdout().lock();
        held.send(()).unwrap();
        thread::sleep(LATER);
    });
    holds.recv().unwrap();
}

#[tokio::main]
pub(crate) async fn main() {
    hold_stdout();
    let exempt = async {
        println!("waits for the lock"); // @held
        println!("waits for nobody"); // @quick-print
        let _ = std::fs::read("/proc/self/stat"); // @few-tables
        let _ = (*SLOW, *QUICK);
    };
    tokio::spawn(exempt.no_block()).await.unwrap();
    let tables = async {
        let start = Instant::now();
        while start.elapsed() < 4 * LATER {
            let _ = std::fs::read("/proc/self/stat"); // @many-tables
        }
    };
    tokio::spawn(tables.no_block()).await.unwrap();
    let (sent, waits) = mpsc::channel::<()>();
    let printing = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        waits.recv().unwrap();
        let print = async {
            PRINTS.store(true, Ordering::Relaxed);
            println!("waits for the reader"); // @full-pipe
        };
        runtime.block_on(print.no_block());
    });
    with_full_pipe(|| {
        sent.send(()).unwrap();
        printing.join().unwrap();
    });
    eprintln!("all the exempt went on");
    // A terminal that is nobody's standard stream is a device.
    // SAFETY: opens a descriptor of its own.
    let mut terminal = unsafe { File::from_raw_fd(libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY)) };
    assert!(terminal.as_raw_fd() > 2);
    let device = async move {
        let _ = terminal.write(b"x"); // @device
    };
    assert!(tokio::spawn(device.no_block()).await.is_err());
}
