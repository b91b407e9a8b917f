//! DATA ONLY: the standard library's blocking APIs.
//!
//! Where std has an item only since a later version than the MSRV, a function gets no row; a method may.

use super::Receiver::{Mut, Shared, Value};
use super::{Row, function, method};

const FILE: &[(&str, &str)] = &[("", "::std::fs::File")];
const PATH: &[(&str, &str)] = &[("", "::std::path::Path")];
const DIR_ENTRY: &[(&str, &str)] = &[("", "::std::fs::DirEntry")];
const COMMAND: &[(&str, &str)] = &[("", "::std::process::Command")];
const CHILD: &[(&str, &str)] = &[("", "::std::process::Child")];
const RECEIVER: &[(&str, &str)] = &[("<T>", "::std::sync::mpsc::Receiver<T>")];

const USE_TOKIO_FILE: &str =
    "open it with `tokio::fs`, or move the whole use of the file into `guard_runtime::offload(..)`";
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
];
