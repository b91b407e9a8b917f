//! DATA ONLY: what blocks of std's sockets.
//!
//! Where std has an item only since a later version than the MSRV, a function gets no row; a method may.

use super::row::Receiver::Shared;
use super::row::{Row, Types, function, method};

const TCP_STREAM: Types = &[("", "::std::net::TcpStream")];
const UDP: Types = &[("", "::std::net::UdpSocket")];
const UNIX_LISTENER: Types = &[("", "::std::os::unix::net::UnixListener")];
const DATAGRAM: Types = &[("", "::std::os::unix::net::UnixDatagram")];

pub(super) const ROWS: &[Row] = &[
    // net
    function(
        "std::net::TcpStream::connect",
        "net",
        "<&str>",
        "write `tokio::net::TcpStream::connect(..).await`",
    ),
    function(
        "std::net::TcpStream::connect_timeout",
        "net",
        "",
        "await `tokio::net::TcpStream::connect(..)` within `tokio::time::timeout`",
    ),
    method(
        "std::net::TcpListener::accept",
        "net",
        Shared,
        &[("", "::std::net::TcpListener")],
        "write `tokio::net::TcpListener::accept().await`",
    ),
    method(
        "std::net::TcpListener::incoming",
        "net",
        Shared,
        &[("", "::std::net::TcpListener")],
        "call `tokio::net::TcpListener::accept().await` in a loop",
    ),
    method(
        "std::net::UdpSocket::recv_from",
        "net",
        Shared,
        &[("", "::std::net::UdpSocket")],
        "write `tokio::net::UdpSocket::recv_from(..).await`",
    ),
    method(
        "std::net::ToSocketAddrs::to_socket_addrs",
        "dns",
        Shared,
        &[
            ("", "str"),
            ("", "::std::string::String"),
            ("", "(&str, u16)"),
            ("", "(::std::string::String, u16)"),
        ],
        "write `tokio::net::lookup_host(..).await`",
    ),
    method(
        "std::net::TcpStream::peek",
        "net",
        Shared,
        TCP_STREAM,
        "write `tokio::net::TcpStream::peek(..).await`",
    ),
    method("std::net::UdpSocket::recv", "net", Shared, UDP, "write `tokio::net::UdpSocket::recv(..).await`"),
    method("std::net::UdpSocket::peek", "net", Shared, UDP, "write `tokio::net::UdpSocket::peek(..).await`"),
    method(
        "std::net::UdpSocket::peek_from",
        "net",
        Shared,
        UDP,
        "write `tokio::net::UdpSocket::peek_from(..).await`",
    ),
    method("std::net::UdpSocket::send", "net", Shared, UDP, "write `tokio::net::UdpSocket::send(..).await`"),
    method(
        "std::net::UdpSocket::send_to",
        "net",
        Shared,
        UDP,
        "write `tokio::net::UdpSocket::send_to(..).await`",
    ),
    function(
        "std::os::unix::net::UnixStream::connect",
        "net",
        "<&str>",
        "write `tokio::net::UnixStream::connect(..).await`",
    ),
    method(
        "std::os::unix::net::UnixListener::accept",
        "net",
        Shared,
        UNIX_LISTENER,
        "write `tokio::net::UnixListener::accept().await`",
    ),
    method(
        "std::os::unix::net::UnixListener::incoming",
        "net",
        Shared,
        UNIX_LISTENER,
        "call `tokio::net::UnixListener::accept().await` in a loop",
    ),
    method(
        "std::os::unix::net::UnixDatagram::recv",
        "net",
        Shared,
        DATAGRAM,
        "write `tokio::net::UnixDatagram::recv(..).await`",
    ),
    method(
        "std::os::unix::net::UnixDatagram::recv_from",
        "net",
        Shared,
        DATAGRAM,
        "write `tokio::net::UnixDatagram::recv_from(..).await`",
    ),
    method(
        "std::os::unix::net::UnixDatagram::send",
        "net",
        Shared,
        DATAGRAM,
        "write `tokio::net::UnixDatagram::send(..).await`",
    ),
    method(
        "std::os::unix::net::UnixDatagram::send_to",
        "net",
        Shared,
        DATAGRAM,
        "write `tokio::net::UnixDatagram::send_to(..).await`",
    ),
];
