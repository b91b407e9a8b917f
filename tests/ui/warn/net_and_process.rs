#![deny(deprecated)]

use guard_runtime::no_block;
use std::io::Result;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::{Child, Command};
use std::time::Duration;

#[no_block]
async fn sockets(address: SocketAddr, listener: &TcpListener, datagrams: UdpSocket) -> Result<()> {
    TcpStream::connect(address)?;
    TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    listener.accept()?;
    datagrams.recv_from(&mut [0])?;
    Ok(())
}

#[no_block]
async fn names(host: &str, owned: String) -> Result<usize> {
    let pairs = (host, 80).to_socket_addrs()?.count() + (owned.clone(), 80).to_socket_addrs()?.count();
    Ok(pairs + host.to_socket_addrs()?.count() + owned.to_socket_addrs()?.count())
}

#[no_block]
async fn commands(command: &mut Command) -> Result<()> {
    command.status()?;
    command.spawn()?;
    Command::new("true").arg("x").output().map(drop)
}

#[no_block]
async fn children(mut one: Child, other: Child) -> Result<()> {
    one.wait()?;
    other.wait_with_output().map(drop)
}

fn main() {}
