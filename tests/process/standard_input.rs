// Reading standard input is a violation as any read, whatever the limit of writing is; what cannot block is none.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_LIMITS=stdio=never
// exit: panic
// expect: stdio std::io::StdinLock::read_to_string @input
// expect: the others were silent
// expect: "level":"error"
// forbid: @null
// forbid: @non-blocking
// forbid: @output
// only

use guard_runtime::NoBlock;
use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

/// Has standard input read from this descriptor.
fn put(fd: i32) {
    // SAFETY: both numbers are open.
    unsafe {
        libc::dup2(fd, 0);
        libc::close(fd);
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() {
    // SAFETY: the text is NUL-terminated.
    put(unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY) });
    let null = async {
        let _ = std::io::stdin().read(&mut [0; 8]); // @null
    };
    null.no_block().await;
    let mut ends = [0; 2];
    // SAFETY: writes two numbers.
    unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK) };
    put(ends[0]);
    let at_once = async {
        let _ = std::io::stdin().read(&mut [0; 8]); // @non-blocking
        let _ = std::io::stdout().write_all(b"output\n"); // @output
    };
    at_once.no_block().await;
    eprintln!("the others were silent");
    // SAFETY: writes two numbers.
    unsafe { libc::pipe(ends.as_mut_ptr()) };
    put(ends[0]);
    let end = ends[1];
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        // SAFETY: the text has the length that is passed; nobody else closes the number.
        unsafe {
            libc::write(end, b"hello".as_ptr().cast(), 5);
            libc::close(end);
        }
    });
    let read = async {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).unwrap(); // @input
    };
    read.no_block().await;
}
