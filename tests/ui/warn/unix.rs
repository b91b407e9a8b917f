// What std has on unix alone, and what it has since a short time.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::File;
use std::io::Result;
use std::os::unix::fs::{FileExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::sync::{Once, OnceLock};

#[no_block]
async fn files(file: &File) -> Result<()> {
    symlink("a", "b")?;
    file.read_at(&mut [0], 0)?;
    file.read_exact_at(&mut [0], 0)?;
    file.write_at(&[0], 0)?;
    file.write_all_at(&[0], 0)
}

#[no_block]
async fn sockets(listener: &UnixListener, datagram: &UnixDatagram, tcp: &std::net::TcpListener) -> Result<()> {
    UnixStream::connect("a")?;
    listener.accept()?;
    listener.incoming().next();
    tcp.incoming().next();
    datagram.recv(&mut [0])?;
    datagram.recv_from(&mut [0])?;
    datagram.send(&[0])?;
    datagram.send_to(&[0], "a")?;
    Ok(())
}

#[no_block(warn(lock))]
async fn once(once: &Once, cell: &OnceLock<u8>) -> u8 {
    once.wait();
    *cell.wait()
}

fn main() {}
