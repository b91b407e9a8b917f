// Sockets in blocking mode are violations; non-blocking ones, MSG_DONTWAIT and zero time-outs are not.
// expect: net std::net::TcpStream::connect @connect
// expect: net std::net::TcpListener::accept @accept
// expect: net std::net::TcpStream::write @write
// expect: net std::net::TcpStream::read @read
// expect: dns std::net::ToSocketAddrs::to_socket_addrs @resolve
// expect: net poll @poll
// forbid: @numeric
// forbid: @datagram
// forbid: @nonblocking
// forbid: @dontwait
// forbid: @poll-at-once
// only

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::AsRawFd;

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn sockets(listener: TcpListener) {
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).unwrap(); // @connect
    let (mut server, _) = listener.accept().unwrap(); // @accept
    assert_eq!(client.write(b"hello").unwrap(), 5); // @write
    assert_eq!(server.read(&mut [0; 5]).unwrap(), 5); // @read

    let _ = "localhost:80".to_socket_addrs(); // @resolve
    let _ = "127.0.0.1:80".to_socket_addrs(); // @numeric
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.connect(address).unwrap(); // @datagram

    server.set_nonblocking(true).unwrap();
    let _ = server.read(&mut [0; 5]); // @nonblocking
    let mut one = libc::pollfd { fd: client.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: every pointer is to a local variable of the length that is passed.
    unsafe {
        libc::recv(client.as_raw_fd(), [0_u8; 5].as_mut_ptr().cast(), 5, libc::MSG_DONTWAIT); // @dontwait
        libc::poll(&mut one, 1, 1); // @poll
        libc::poll(&mut one, 1, 0); // @poll-at-once
    }
}

#[tokio::main]
pub(crate) async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    tokio::spawn(sockets(listener)).await.unwrap();
}
