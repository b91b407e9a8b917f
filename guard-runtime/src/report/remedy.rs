//! DATA ONLY: what to do about each kind of blocking, for calls that have no row in the catalogue.

use crate::site::{Api, Kind};

/// The remedy of a known API, else that of its kind.
pub(super) fn remedy(api: Option<&'static Api>, kind: Kind) -> &'static str {
    match api {
        Some(api) => api.remedy,
        None => by_kind(kind),
    }
}

fn by_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Sleep => "use `tokio::time::sleep(..).await`",
        Kind::Fs => "move the whole file work into `guard_runtime::offload(|| ..).await`, or use `tokio::fs`",
        Kind::Net => "use tokio's sockets, or move the call into `guard_runtime::offload(|| ..).await`",
        Kind::Dns => "use `tokio::net::lookup_host(..).await`, or connect by name with tokio's sockets",
        Kind::Process => "use `tokio::process::Command`",
        Kind::Lock => {
            "hold the lock for a shorter time and never over slow work; to hold it across an await, use `tokio::sync::Mutex`"
        }
        Kind::Channel => "use `tokio::sync::mpsc`, whose receiver and sender are awaited",
        Kind::ThreadJoin => {
            "send the result over a `tokio::sync::oneshot`, or join inside `guard_runtime::offload(|| ..).await`"
        }
        Kind::BlockOn => "await the future instead of blocking on it",
        Kind::Stdio => "use `tokio::io::{stdin, stdout}`, or read on a thread of its own",
        Kind::Db => "run the query inside `guard_runtime::offload(|| ..).await`, or use an async driver",
        Kind::Crypto | Kind::Compression | Kind::Cpu => {
            "compute inside `guard_runtime::offload(|| ..).await`"
        }
        Kind::Init => "initialise before the runtime starts, or use `tokio::sync::OnceCell`",
        Kind::Pool => "make the pool larger, or wait for a place with an await",
        Kind::Other => "move the call into `guard_runtime::offload(|| ..).await`",
    }
}
