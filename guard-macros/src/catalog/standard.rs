//! DATA ONLY: the standard library's blocking APIs.
//!
//! Where std has an item only since a later version than the MSRV, a function gets no row; a method may.

use super::Receiver::{Mut, Shared, Value};
use super::{Row, Types, function, method};

const FILE: Types = &[("", "::std::fs::File")];
const PATH: Types = &[("", "::std::path::Path")];
const DIR_ENTRY: Types = &[("", "::std::fs::DirEntry")];
const COMMAND: Types = &[("", "::std::process::Command")];
const CHILD: Types = &[("", "::std::process::Child")];
const TCP_STREAM: Types = &[("", "::std::net::TcpStream")];
const UDP: Types = &[("", "::std::net::UdpSocket")];
const IO_FS: Types = FILE;
const IO_NET: Types = &[("", "::std::net::TcpStream"), ("", "::std::os::unix::net::UnixStream")];
const IO_PROCESS: Types = &[
    ("", "::std::process::ChildStdin"),
    ("", "::std::process::ChildStdout"),
    ("", "::std::process::ChildStderr"),
];
// What is not buffered has nothing to flush.
const BUFFERED_FS: Types = &[
    ("", "::std::io::BufWriter<::std::fs::File>"),
    ("", "::std::io::LineWriter<::std::fs::File>"),
    ("", "::std::io::BufWriter<&::std::fs::File>"),
];
const BUFFERED_NET: Types = &[
    ("", "::std::io::BufWriter<::std::net::TcpStream>"),
    ("", "::std::io::LineWriter<::std::net::TcpStream>"),
    ("", "::std::io::BufWriter<::std::os::unix::net::UnixStream>"),
];
const BUFFERED_PROCESS: Types = &[("", "::std::io::BufWriter<::std::process::ChildStdin>")];
const IO_STDIO: Types = &[
    ("", "::std::io::Stdin"),
    ("", "::std::io::StdinLock<'_>"),
    ("", "::std::io::Stdout"),
    ("", "::std::io::StdoutLock<'_>"),
    ("", "::std::io::Stderr"),
    ("", "::std::io::StderrLock<'_>"),
];
const RECEIVER: Types = &[("<T>", "::std::sync::mpsc::Receiver<T>")];

const WAIT_FOR_FILE_LOCK: &str = "wait for the file lock inside `guard_runtime::offload(..)`";
const USE_TOKIO_FILE: &str =
    "open it with `tokio::fs`, or move the whole use of the file into `guard_runtime::offload(..)`";
const USE_TOKIO_SOCKET: &str = "use the socket of `tokio::net`, whose methods are awaited";
const USE_TOKIO_STDIO: &str = "use `tokio::io::{stdin, stdout}`, or read on a thread of its own";
const USE_TOKIO_PROCESS: &str = "use `tokio::process::Command`, whose methods are awaited";

pub(super) const ROWS: &[Row] = &[
    // thread
    function("std::thread::sleep", "sleep", "", "write `tokio::time::sleep(..).await`"),
    function("std::thread::park", "sleep", "", "wait on a `tokio::sync::Notify`"),
    function(
        "std::thread::park_timeout",
        "sleep",
        "",
        "wait on a `tokio::sync::Notify` within `tokio::time::timeout`",
    ),
    method(
        "std::thread::JoinHandle::join",
        "thread_join",
        Value,
        &[
            ("<T>", "::std::thread::JoinHandle<T>"),
            ("<'scope, T>", "::std::thread::ScopedJoinHandle<'scope, T>"),
        ],
        "start the work with `guard_runtime::offload(..)` and await that",
    ),
    function(
        "std::thread::scope",
        "thread_join",
        "(|_: &::std::thread::Scope<'_, '_>| ())",
        "start the work with `guard_runtime::offload(..)` and await that",
    ),
    // fs: functions
    function("std::fs::canonicalize", "fs", "<&str>", "write `tokio::fs::canonicalize(..).await`"),
    function("std::fs::copy", "fs", "<&str, &str>", "write `tokio::fs::copy(..).await`"),
    function("std::fs::create_dir", "fs", "<&str>", "write `tokio::fs::create_dir(..).await`"),
    function("std::fs::create_dir_all", "fs", "<&str>", "write `tokio::fs::create_dir_all(..).await`"),
    function("std::fs::exists", "fs", "<&str>", "write `tokio::fs::try_exists(..).await`"),
    function("std::fs::hard_link", "fs", "<&str, &str>", "write `tokio::fs::hard_link(..).await`"),
    function("std::fs::metadata", "fs", "<&str>", "write `tokio::fs::metadata(..).await`"),
    function("std::fs::read", "fs", "<&str>", "write `tokio::fs::read(..).await`"),
    function("std::fs::read_dir", "fs", "<&str>", "write `tokio::fs::read_dir(..).await`"),
    function("std::fs::read_link", "fs", "<&str>", "write `tokio::fs::read_link(..).await`"),
    function("std::fs::read_to_string", "fs", "<&str>", "write `tokio::fs::read_to_string(..).await`"),
    function("std::fs::remove_dir", "fs", "<&str>", "write `tokio::fs::remove_dir(..).await`"),
    function("std::fs::remove_dir_all", "fs", "<&str>", "write `tokio::fs::remove_dir_all(..).await`"),
    function("std::fs::remove_file", "fs", "<&str>", "write `tokio::fs::remove_file(..).await`"),
    function("std::fs::rename", "fs", "<&str, &str>", "write `tokio::fs::rename(..).await`"),
    function("std::fs::set_permissions", "fs", "<&str>", "write `tokio::fs::set_permissions(..).await`"),
    function("std::fs::symlink_metadata", "fs", "<&str>", "write `tokio::fs::symlink_metadata(..).await`"),
    function("std::fs::write", "fs", "<&str, &str>", "write `tokio::fs::write(..).await`"),
    // fs: files
    function("std::fs::File::open", "fs", "<&str>", "write `tokio::fs::File::open(..).await`"),
    function("std::fs::File::create", "fs", "<&str>", "write `tokio::fs::File::create(..).await`"),
    function("std::fs::File::create_new", "fs", "<&str>", "write `tokio::fs::File::create_new(..).await`"),
    method("std::fs::File::sync_all", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::sync_data", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::set_len", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::metadata", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::set_permissions", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::set_times", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::set_modified", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::lock", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method("std::fs::File::lock_shared", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method(
        "std::fs::OpenOptions::open",
        "fs",
        Shared,
        &[("", "::std::fs::OpenOptions")],
        "write `tokio::fs::OpenOptions::new()..open(..).await`",
    ),
    method(
        "std::fs::DirBuilder::create",
        "fs",
        Shared,
        &[("", "::std::fs::DirBuilder")],
        "write `tokio::fs::DirBuilder::new()..create(..).await`",
    ),
    method(
        "std::fs::DirEntry::metadata",
        "fs",
        Shared,
        DIR_ENTRY,
        "list the directory with `tokio::fs::read_dir`",
    ),
    method(
        "std::fs::DirEntry::file_type",
        "fs",
        Shared,
        DIR_ENTRY,
        "list the directory with `tokio::fs::read_dir`",
    ),
    method(
        "std::fs::ReadDir::next",
        "fs",
        Mut,
        &[("", "::std::fs::ReadDir")],
        "list the directory with `tokio::fs::read_dir`",
    ),
    // fs: paths
    method("std::path::Path::exists", "fs", Shared, PATH, "write `tokio::fs::try_exists(..).await`"),
    method("std::path::Path::try_exists", "fs", Shared, PATH, "write `tokio::fs::try_exists(..).await`"),
    method(
        "std::path::Path::is_file",
        "fs",
        Shared,
        PATH,
        "ask the answer of `tokio::fs::metadata(..).await`",
    ),
    method(
        "std::path::Path::is_dir",
        "fs",
        Shared,
        PATH,
        "ask the answer of `tokio::fs::metadata(..).await`",
    ),
    method(
        "std::path::Path::is_symlink",
        "fs",
        Shared,
        PATH,
        "ask the answer of `tokio::fs::symlink_metadata(..).await`",
    ),
    method("std::path::Path::metadata", "fs", Shared, PATH, "write `tokio::fs::metadata(..).await`"),
    method(
        "std::path::Path::symlink_metadata",
        "fs",
        Shared,
        PATH,
        "write `tokio::fs::symlink_metadata(..).await`",
    ),
    method("std::path::Path::canonicalize", "fs", Shared, PATH, "write `tokio::fs::canonicalize(..).await`"),
    method("std::path::Path::read_link", "fs", Shared, PATH, "write `tokio::fs::read_link(..).await`"),
    method("std::path::Path::read_dir", "fs", Shared, PATH, "write `tokio::fs::read_dir(..).await`"),
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
        "use `tokio::net::TcpListener`, whose `accept` is awaited",
    ),
    method(
        "std::net::UdpSocket::recv_from",
        "net",
        Shared,
        &[("", "::std::net::UdpSocket")],
        "use `tokio::net::UdpSocket`, whose `recv_from` is awaited",
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
    method("std::net::TcpStream::peek", "net", Shared, TCP_STREAM, USE_TOKIO_SOCKET),
    method("std::net::UdpSocket::recv", "net", Shared, UDP, USE_TOKIO_SOCKET),
    method("std::net::UdpSocket::peek", "net", Shared, UDP, USE_TOKIO_SOCKET),
    method("std::net::UdpSocket::peek_from", "net", Shared, UDP, USE_TOKIO_SOCKET),
    method("std::net::UdpSocket::send", "net", Shared, UDP, USE_TOKIO_SOCKET),
    method("std::net::UdpSocket::send_to", "net", Shared, UDP, USE_TOKIO_SOCKET),
    // io: on files, sockets, pipes, the standard streams and buffers over them
    method("std::io::Read::read", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Read::read", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Read::read", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Read::read", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Read::read_exact", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Read::read_exact", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Read::read_exact", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Read::read_exact", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Read::read_to_end", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Read::read_to_end", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Read::read_to_end", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Read::read_to_end", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Read::read_to_string", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Read::read_to_string", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Read::read_to_string", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Read::read_to_string", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Read::read_vectored", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Read::read_vectored", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Read::read_vectored", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Read::read_vectored", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Write::write", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Write::write", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Write::write", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Write::write", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Write::write_all", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Write::write_all", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Write::write_all", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Write::write_all", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Write::write_vectored", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::Write::write_vectored", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::Write::write_vectored", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Write::write_vectored", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Write::flush", "fs", Mut, BUFFERED_FS, USE_TOKIO_FILE),
    method("std::io::Write::flush", "net", Mut, BUFFERED_NET, USE_TOKIO_SOCKET),
    method("std::io::Write::flush", "process", Mut, BUFFERED_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::Write::flush", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::fill_buf", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::fill_buf", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::fill_buf", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::fill_buf", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::lines", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::lines", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::lines", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::lines", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::read_line", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::read_line", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::read_line", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::read_line", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::read_until", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::read_until", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::read_until", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::read_until", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::skip_until", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::skip_until", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::skip_until", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::skip_until", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::BufRead::split", "fs", Mut, IO_FS, USE_TOKIO_FILE),
    method("std::io::BufRead::split", "net", Mut, IO_NET, USE_TOKIO_SOCKET),
    method("std::io::BufRead::split", "process", Mut, IO_PROCESS, USE_TOKIO_PROCESS),
    method("std::io::BufRead::split", "stdio", Mut, IO_STDIO, USE_TOKIO_STDIO),
    method("std::io::Seek::rewind", "fs", Mut, FILE, USE_TOKIO_FILE),
    method("std::io::Seek::seek", "fs", Mut, FILE, USE_TOKIO_FILE),
    method("std::io::Seek::stream_position", "fs", Mut, FILE, USE_TOKIO_FILE),
    // process
    method("std::process::Command::output", "process", Mut, COMMAND, USE_TOKIO_PROCESS),
    method("std::process::Command::status", "process", Mut, COMMAND, USE_TOKIO_PROCESS),
    method("std::process::Command::spawn", "process", Mut, COMMAND, USE_TOKIO_PROCESS),
    method("std::process::Child::wait", "process", Mut, CHILD, USE_TOKIO_PROCESS),
    method("std::process::Child::wait_with_output", "process", Value, CHILD, USE_TOKIO_PROCESS),
    // sync
    method(
        "std::sync::mpsc::Receiver::recv",
        "channel",
        Shared,
        RECEIVER,
        "use `tokio::sync::mpsc`, whose `recv` is awaited",
    ),
    method(
        "std::sync::mpsc::Receiver::recv_timeout",
        "channel",
        Shared,
        RECEIVER,
        "use `tokio::sync::mpsc` and await `recv` within `tokio::time::timeout`",
    ),
    method(
        "std::sync::mpsc::SyncSender::send",
        "channel",
        Shared,
        &[("<T>", "::std::sync::mpsc::SyncSender<T>")],
        "use a bounded `tokio::sync::mpsc::channel`, whose `send` is awaited",
    ),
    method(
        "std::sync::Mutex::lock",
        "lock",
        Shared,
        &[("<T: ?Sized>", "::std::sync::Mutex<T>")],
        "keep the section short and without `.await`, or use `tokio::sync::Mutex`",
    ),
    method(
        "std::sync::RwLock::read",
        "lock",
        Shared,
        &[("<T: ?Sized>", "::std::sync::RwLock<T>")],
        "keep the section short and without `.await`, or use `tokio::sync::RwLock`",
    ),
    method(
        "std::sync::RwLock::write",
        "lock",
        Shared,
        &[("<T: ?Sized>", "::std::sync::RwLock<T>")],
        "keep the section short and without `.await`, or use `tokio::sync::RwLock`",
    ),
    method(
        "std::sync::Condvar::wait",
        "lock",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_timeout",
        "lock",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_timeout_while",
        "lock",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_while",
        "lock",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Barrier::wait",
        "lock",
        Shared,
        &[("", "::std::sync::Barrier")],
        "use `tokio::sync::Barrier`, whose `wait` is awaited",
    ),
    method(
        "std::sync::mpsc::Receiver::iter",
        "channel",
        Shared,
        RECEIVER,
        "use `tokio::sync::mpsc`, and `while let Some(..) = recv().await`",
    ),
];
