//! DATA ONLY: std's I/O traits, by what the receiver (or an argument) reads or writes.

use super::row::Receiver::{Mut, Value};
use super::row::{Row, Types, method, taking};
use super::std_fs::FILE;

const FS: Types = FILE;
const NET: Types = &[("", "::std::net::TcpStream"), ("", "::std::os::unix::net::UnixStream")];
const PROCESS: Types = &[
    ("", "::std::process::ChildStdin"),
    ("", "::std::process::ChildStdout"),
    ("", "::std::process::ChildStderr"),
];
const STDIO: Types = &[
    ("", "::std::io::Stdin"),
    ("", "::std::io::StdinLock<'_>"),
    ("", "::std::io::Stdout"),
    ("", "::std::io::StdoutLock<'_>"),
    ("", "::std::io::Stderr"),
    ("", "::std::io::StderrLock<'_>"),
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

/// A row for each kind; `$call` is what to write with tokio's trait `$ext`.
macro_rules! each_kind {
    ($fs:ident $net:ident $process:ident: $($trait:ident::$name:ident $receiver:ident $ext:ident $call:literal,)*) => {
        &[$(
            method(concat!("std::io::", stringify!($trait), "::", stringify!($name)), "fs", $receiver, $fs, concat!(
                "open it with `tokio::fs` and write `", $call, "` of `tokio::io::", stringify!($ext),
                "`, or move the whole use of the file into `guard_runtime::offload(..)`"
            )),
            method(concat!("std::io::", stringify!($trait), "::", stringify!($name)), "net", $receiver, $net, concat!(
                "use a socket of `tokio::net` and write `", $call, "` of `tokio::io::", stringify!($ext), "`"
            )),
            method(concat!("std::io::", stringify!($trait), "::", stringify!($name)), "process", $receiver, $process, concat!(
                "start it with `tokio::process::Command` and write `", $call, "` of `tokio::io::",
                stringify!($ext), "` on its pipe"
            )),
            method(concat!("std::io::", stringify!($trait), "::", stringify!($name)), "stdio", $receiver, STDIO, concat!(
                "write `", $call, "` of `tokio::io::", stringify!($ext),
                "` on `tokio::io::stdin()` or `stdout()`"
            )),
        )*]
    };
}

/// The same for what tokio's traits have no name for.
macro_rules! each_kind_elsewhere {
    ($($path:literal $receiver:ident $files:ident $sockets:ident,)*) => {
        &[$(
            method($path, "fs", $receiver, FS, $files),
            method($path, "net", $receiver, NET, $sockets),
            method($path, "process", $receiver, PROCESS, "use `tokio::process::Command`, whose pipes are awaited"),
            method($path, "stdio", $receiver, STDIO, "give the standard streams a thread of their own"),
        )*]
    };
}

const MOVE_FILE: &str = "move the whole use of the file into `guard_runtime::offload(..)`";
const USE_SOCKET: &str = "use a socket of `tokio::net`, whose methods are awaited";
const WRITE_TEXT: &str = "`format!` the text and write it with `tokio::fs`, or move the whole use of the file into `guard_runtime::offload(..)`";
const SEND_TEXT: &str = "`format!` the text and write `write_all(..).await` of `tokio::io::AsyncWriteExt` on a socket of `tokio::net`";
const COPY: &str = "write `tokio::io::copy(..).await` with files, sockets and pipes of tokio's";
const READ_TO_STRING: &str =
    "write `read_to_string(..).await` of `tokio::io::AsyncReadExt` on a file, socket or pipe of tokio's";

pub(super) const ON_EACH_KIND: &[Row] = each_kind! { FS NET PROCESS:
    Read::read Mut AsyncReadExt "read(..).await",
    Read::read_exact Mut AsyncReadExt "read_exact(..).await",
    Read::read_to_end Mut AsyncReadExt "read_to_end(..).await",
    Read::read_to_string Mut AsyncReadExt "read_to_string(..).await",
    Write::write Mut AsyncWriteExt "write(..).await",
    Write::write_all Mut AsyncWriteExt "write_all(..).await",
    Write::write_vectored Mut AsyncWriteExt "write_vectored(..).await",
    BufRead::fill_buf Mut AsyncBufReadExt "fill_buf().await",
    BufRead::lines Value AsyncBufReadExt "lines().next_line().await",
    BufRead::read_line Mut AsyncBufReadExt "read_line(..).await",
    BufRead::read_until Mut AsyncBufReadExt "read_until(..).await",
    BufRead::split Value AsyncBufReadExt "split(..).next_segment().await",
};

pub(super) const FLUSH: &[Row] = each_kind! { BUFFERED_FS BUFFERED_NET BUFFERED_PROCESS:
    Write::flush Mut AsyncWriteExt "flush().await",
};

const UNWRAP_AFTER_FLUSH: &str =
    "write `flush().await` on a `tokio::io::BufWriter`, whose `into_inner` writes nothing";

pub(super) const ELSEWHERE: &[Row] = each_kind_elsewhere! {
    "std::io::Read::bytes" Value MOVE_FILE USE_SOCKET,
    "std::io::Read::read_vectored" Mut MOVE_FILE USE_SOCKET,
    "std::io::BufRead::skip_until" Mut MOVE_FILE USE_SOCKET,
    "std::io::Write::write_fmt" Mut WRITE_TEXT SEND_TEXT,
};

pub(super) const ROWS: &[Row] = &[
    method(
        "std::io::Seek::rewind",
        "fs",
        Mut,
        FILE,
        "open it with `tokio::fs` and write `rewind().await` of `tokio::io::AsyncSeekExt`, or move the whole use of the file \
         into `guard_runtime::offload(..)`",
    ),
    method(
        "std::io::Seek::seek",
        "fs",
        Mut,
        FILE,
        "open it with `tokio::fs` and write `seek(..).await` of `tokio::io::AsyncSeekExt`, or move the whole use of the file \
         into `guard_runtime::offload(..)`",
    ),
    method("std::io::Seek::seek_relative", "fs", Mut, FILE, MOVE_FILE),
    method("std::io::Seek::stream_position", "fs", Mut, FILE, MOVE_FILE),
    method("std::io::BufWriter::into_inner", "fs", Value, BUFFERED_FS, UNWRAP_AFTER_FLUSH),
    method("std::io::BufWriter::into_inner", "net", Value, BUFFERED_NET, UNWRAP_AFTER_FLUSH),
    method("std::io::BufWriter::into_inner", "process", Value, BUFFERED_PROCESS, UNWRAP_AFTER_FLUSH),
    // functions: what they are given decides
    taking("std::io::copy", "fs", "<&[u8], ::std::io::Sink>", FS, COPY),
    taking("std::io::copy", "net", "<&[u8], ::std::io::Sink>", NET, COPY),
    taking("std::io::copy", "process", "<&[u8], ::std::io::Sink>", PROCESS, COPY),
    taking("std::io::copy", "stdio", "<&[u8], ::std::io::Sink>", STDIO, COPY),
    taking("std::io::read_to_string", "fs", "<&[u8]>", FS, "write `tokio::fs::read_to_string(..).await`"),
    taking("std::io::read_to_string", "net", "<&[u8]>", NET, READ_TO_STRING),
    taking("std::io::read_to_string", "process", "<&[u8]>", PROCESS, READ_TO_STRING),
    taking("std::io::read_to_string", "stdio", "<&[u8]>", STDIO, READ_TO_STRING),
];
