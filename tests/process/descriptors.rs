// Whether a descriptor blocks is remembered, and the memory survives F_SETFL, FIONBIO, dup and close.
// expect: net std::io::Read::read_exact @blocking-again
// expect: net std::io::Read::read_exact @by-duplicate
// expect: fs std::io::Read::read_exact @reused
// forbid: @nonblocking
// forbid: @nonblocking-again
// forbid: @null
// forbid: @proc
// forbid: @eventfd
// only

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};
use std::os::unix::net::UnixStream;

fn set_flags(stream: &UnixStream, flags: libc::c_int) {
    // SAFETY: F_SETFL touches no memory.
    assert_eq!(unsafe { libc::fcntl(stream.as_raw_fd(), libc::F_SETFL, flags) }, 0);
}

fn descriptors(mut near: UnixStream, mut far: UnixStream, file: File) {
    let mut byte = [0];
    near.set_nonblocking(true).unwrap();
    for _ in 0..3 {
        let _ = near.read(&mut byte); // @nonblocking
    }
    let duplicate = near.try_clone().unwrap();
    far.set_nonblocking(true).unwrap();
    far.write_all(b"abc").unwrap();
    set_flags(&near, 0);
    near.read_exact(&mut byte).unwrap(); // @blocking-again
    set_flags(&near, libc::O_NONBLOCK);
    let _ = near.read(&mut byte); // @nonblocking-again
    // The duplicate shares the mode.
    set_flags(&duplicate, 0);
    far.write_all(b"abc").unwrap();
    near.read_exact(&mut byte).unwrap(); // @by-duplicate
    set_flags(&near, libc::O_NONBLOCK);
    let _ = near.read(&mut byte);
    // The number of the non-blocking socket is given to a file.
    let number = near.into_raw_fd();
    // SAFETY: the socket is no longer owned by anybody; the number then belongs to the duplicate of the file.
    let mut reused = unsafe {
        libc::dup2(file.as_raw_fd(), number);
        File::from_raw_fd(number)
    };
    reused.read_exact(&mut byte).unwrap(); // @reused
}

fn quiet() {
    let _ = std::fs::read("/proc/self/stat"); // @proc
    let _ = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut [0; 8])); // @null
    // SAFETY: the pointer is to a local variable of the length that is passed.
    unsafe {
        let event = libc::eventfd(0, 0);
        libc::write(event, [1_u8, 0, 0, 0, 0, 0, 0, 0].as_ptr().cast(), 8); // @eventfd
        libc::close(event);
    }
}

#[tokio::main]
pub(crate) async fn main() {
    let (near, far) = UnixStream::pair().unwrap();
    let file = File::open(std::env::current_exe().unwrap()).unwrap();
    tokio::spawn(guard_runtime::guard(async move {
        descriptors(near, far, file);
        quiet();
    }))
    .await
    .unwrap();
}
