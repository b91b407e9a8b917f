//! What to do about a call: the catalogue's remedy, else that of its kind.

use crate::model::{APIS, Kind, PAGE_READS, Record, UNSEEN_SLEEP};

/// The remedy for what a record was found to be: the typed call's own, else that of the API, else that of the kind.
pub(super) fn remedy(record: &Record, api: &str, kind: Kind) -> &'static str {
    record.call.map_or_else(|| by_api(api, kind), |call| call.api.remedy)
}

fn by_api(api: &str, kind: Kind) -> &'static str {
    if api == UNSEEN_SLEEP {
        return "a system call made inline (as by rustix), or a lock inside libc: find it with `strace -f -k`, and \
                move it into `guard_runtime::offload(|| ..).await`";
    }
    if api == PAGE_READS {
        return "read the file into memory, or touch the mapping first, inside `guard_runtime::offload(|| ..).await`";
    }
    APIS.iter().find(|known| known.path == api).map_or_else(|| by_kind(kind), |known| known.remedy)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_api_has_a_remedy_of_its_own_also_where_only_a_hook_saw_it() {
        assert!(by_api("std::fs::read_to_string", Kind::Fs).contains("tokio::fs::read_to_string"));
        assert_eq!(by_api("openat", Kind::Fs), by_kind(Kind::Fs));
    }
}
