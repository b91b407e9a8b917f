//! DATA ONLY: what blocks of std's processes, locks and channels.
//!
//! Where std has an item only since a later version than the MSRV, a function gets no row; a method may.

use super::row::Receiver::{Mut, Shared, Value};
use super::row::{Row, Types, method};

const COMMAND: Types = &[("", "::std::process::Command")];
const CHILD: Types = &[("", "::std::process::Child")];
const RECEIVER: Types = &[("<T>", "::std::sync::mpsc::Receiver<T>")];

pub(super) const ROWS: &[Row] = &[
    // process
    method(
        "std::process::Command::output",
        "process",
        Mut,
        COMMAND,
        "write `output().await` on a `tokio::process::Command`",
    ),
    method(
        "std::process::Command::status",
        "process",
        Mut,
        COMMAND,
        "write `status().await` on a `tokio::process::Command`",
    ),
    method(
        "std::process::Command::spawn",
        "process",
        Mut,
        COMMAND,
        "start it with `tokio::process::Command`, whose child is awaited",
    ),
    method(
        "std::process::Child::wait",
        "process",
        Mut,
        CHILD,
        "start it with `tokio::process::Command` and write `wait().await`",
    ),
    method(
        "std::process::Child::wait_with_output",
        "process",
        Value,
        CHILD,
        "start it with `tokio::process::Command` and write `wait_with_output().await`",
    ),
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
        "channel",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_timeout",
        "channel",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_timeout_while",
        "channel",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Condvar::wait_while",
        "channel",
        Shared,
        &[("", "::std::sync::Condvar")],
        "wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::Barrier::wait",
        "channel",
        Shared,
        &[("", "::std::sync::Barrier")],
        "use `tokio::sync::Barrier`, whose `wait` is awaited",
    ),
    method(
        "std::sync::Once::wait",
        "lock",
        Shared,
        &[("", "::std::sync::Once")],
        "use `tokio::sync::OnceCell`, or wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::OnceLock::wait",
        "lock",
        Shared,
        &[("<T>", "::std::sync::OnceLock<T>")],
        "use `tokio::sync::OnceCell`, or wait on a `tokio::sync::Notify`",
    ),
    method(
        "std::sync::mpsc::Receiver::into_iter",
        "channel",
        Value,
        RECEIVER,
        "use `tokio::sync::mpsc`, and `while let Some(..) = recv().await`",
    ),
    method(
        "std::sync::mpsc::Receiver::iter",
        "channel",
        Shared,
        RECEIVER,
        "use `tokio::sync::mpsc`, and `while let Some(..) = recv().await`",
    ),
];
