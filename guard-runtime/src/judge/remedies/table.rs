//! DATA ONLY: what to write instead, for what no row of the catalogue speaks of.

use super::Place::{Awaited, C, Dependency, Drop};
use super::{Advice, Apis, Rule};
use crate::model::Kind;

/// One sentence, with the way off the executor in it.
macro_rules! off_the_executor {
    ($before:literal, $closure:literal, $after:literal) => {
        Advice {
            tokio: concat!($before, "`guard_runtime::offload(", $closure, ").await`", $after),
            smol: concat!($before, "`smol::unblock(", $closure, ").await`", $after),
            async_std: concat!($before, "`async_std::task::spawn_blocking(", $closure, ").await`", $after),
            bare: concat!($before, "a thread of its own, whose answer is awaited", $after),
        }
    };
}

/// The same sentence everywhere.
macro_rules! everywhere {
    ($said:literal) => {
        Advice { tokio: $said, smol: $said, async_std: $said, bare: $said }
    };
}

pub(super) const READ_FIRST: Advice =
    off_the_executor!("read the file into memory, or touch the mapping first, inside ", "|| ..", "");

pub(super) const FIND_IT: Advice = off_the_executor!(
    "a system call made inline (as by rustix), or a lock inside libc: find it with `strace -f -k`, and move it into ",
    "|| ..",
    ""
);

/// Everything that is there to write lines of a log.
const LOGGING: &[&str] = &[
    "log",
    "tracing",
    "tracing_core",
    "tracing_subscriber",
    "slog",
    "slog_term",
    "env_logger",
    "fern",
    "simplelog",
    "flexi_logger",
    "log4rs",
];

/// What makes a thing that is then kept.
const MAKING: &[&str] =
    &["new", "build", "default", "init", "from_env", "with_config", "try_new", "try_default"];

/// The first that applies counts. Those that name APIs, drops or awaited code come before the catalogue's rows.
pub(super) const RULES: &[Rule] = &[
    Rule {
        apis: Apis::In(LOGGING),
        kinds: &[],
        places: &[],
        advice: everywhere!(
            "log through a non-blocking writer (as `tracing_appender::non_blocking` makes one), so that a thread of its own \
             writes"
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[Kind::Lock],
        places: &[Drop],
        advice: everywhere!(
            "hold the lock for a shorter time, on every thread that takes it: a drop can only wait for it"
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[],
        places: &[Drop],
        advice: off_the_executor!(
            "a drop can only wait: drop it on a blocking thread, by ",
            "move || drop(..)",
            ", or end it before by a call of its own"
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[],
        places: &[Awaited],
        advice: Advice {
            tokio: "the dependency's own async code blocks: tell its authors, and meanwhile drive its future by `block_on` of a \
                    `tokio::runtime::Handle` inside `guard_runtime::offload(|| ..).await`",
            smol: "the dependency's own async code blocks: tell its authors, and meanwhile drive its future by \
                   `smol::block_on` inside `smol::unblock(|| ..).await`",
            async_std: "the dependency's own async code blocks: tell its authors, and meanwhile drive its future by \
                        `async_std::task::block_on` inside `async_std::task::spawn_blocking(|| ..).await`",
            bare: "the dependency's own async code blocks: tell its authors, and meanwhile drive its future on a thread of \
                   its own",
        },
    },
    Rule {
        apis: Apis::Symbols(&["sem_wait", "sem_timedwait", "sem_clockwait", "semop", "semtimedop"]),
        kinds: &[Kind::Lock],
        places: &[super::Place::Here],
        advice: Advice {
            tokio: "use a `tokio::sync::Semaphore`, or wait for it inside `guard_runtime::offload(|| ..).await`",
            smol: "use an `async_lock::Semaphore`, or wait for it inside `smol::unblock(|| ..).await`",
            async_std: "use an `async_lock::Semaphore`, or wait for it inside `async_std::task::spawn_blocking(|| ..).await`",
            bare: "use an `async_lock::Semaphore`, or wait for it on a thread of its own",
        },
    },
    Rule {
        apis: Apis::Named(MAKING),
        kinds: &[Kind::Fs, Kind::Dns, Kind::Init, Kind::Other],
        places: &[Dependency],
        advice: off_the_executor!(
            "make it once, before the runtime starts, and keep it; or make it inside ",
            "|| ..",
            ""
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[],
        places: &[C],
        advice: off_the_executor!("move this call of a C function into ", "|| ..", ""),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[Kind::Init],
        places: &[Dependency],
        advice: off_the_executor!(
            "make this call once before the runtime starts, or move it into ",
            "|| ..",
            ": its first use sets something up"
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[Kind::BlockOn],
        places: &[Dependency],
        advice: off_the_executor!(
            "this call waits for a future by itself: await its async counterpart, or move it into ",
            "|| ..",
            ""
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[Kind::Stdio],
        places: &[Dependency],
        advice: off_the_executor!(
            "have it write on a thread of its own, or move this call into ",
            "|| ..",
            ""
        ),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[Kind::Db],
        places: &[Dependency],
        advice: off_the_executor!("move this call into ", "|| ..", ", or use an async driver"),
    },
    Rule {
        apis: Apis::Any,
        kinds: &[],
        places: &[Dependency],
        advice: off_the_executor!("move this call into ", "|| ..", ""),
    },
];

/// What the user's own line calls, where no row knows better.
pub(super) const BY_KIND: &[(Kind, Advice)] = &[
    (
        Kind::Sleep,
        Advice {
            tokio: "use `tokio::time::sleep(..).await`",
            smol: "use `smol::Timer::after(..).await`",
            async_std: "use `async_std::task::sleep(..).await`",
            bare: "await a timer (as `async_io::Timer` or `futures_timer::Delay`)",
        },
    ),
    (
        Kind::Fs,
        Advice {
            tokio: "move the whole file work into `guard_runtime::offload(|| ..).await`, or use `tokio::fs`",
            smol: "move the whole file work into `smol::unblock(|| ..).await`, or use `smol::fs`",
            async_std: "move the whole file work into `async_std::task::spawn_blocking(|| ..).await`, or use `async_std::fs`",
            bare: "move the whole file work to a thread of its own, whose answer is awaited, or use `async_fs`",
        },
    ),
    (
        Kind::Net,
        Advice {
            tokio: "use tokio's sockets, or move the call into `guard_runtime::offload(|| ..).await`",
            smol: "use sockets of `smol::net`, or move the call into `smol::unblock(|| ..).await`",
            async_std: "use sockets of `async_std::net`, or move the call into `async_std::task::spawn_blocking(|| ..).await`",
            bare: "use sockets of `async_net`, or move the call to a thread of its own, whose answer is awaited",
        },
    ),
    (
        Kind::Dns,
        Advice {
            tokio: "use `tokio::net::lookup_host(..).await`, or connect by name with tokio's sockets",
            smol: "use `smol::net::resolve(..).await`",
            async_std: "use `to_socket_addrs(..).await` of `async_std::net::ToSocketAddrs`",
            bare: "use `async_net::resolve(..).await`, or resolve on a thread of its own, whose answer is awaited",
        },
    ),
    (
        Kind::Process,
        Advice {
            tokio: "use `tokio::process::Command`",
            smol: "use `smol::process::Command`",
            async_std: "use `async_process::Command`",
            bare: "use `async_process::Command`",
        },
    ),
    (
        Kind::Lock,
        Advice {
            tokio: "hold the lock for a shorter time and never over slow work; to hold it across an await, use \
                    `tokio::sync::Mutex`",
            smol: "hold the lock for a shorter time and never over slow work; to hold it across an await, use \
                   `smol::lock::Mutex`",
            async_std: "hold the lock for a shorter time and never over slow work; to hold it across an await, use \
                        `async_std::sync::Mutex`",
            bare: "hold the lock for a shorter time and never over slow work; to hold it across an await, use \
                   `futures::lock::Mutex`",
        },
    ),
    (
        Kind::Channel,
        Advice {
            tokio: "use `tokio::sync::mpsc`, whose receiver and sender are awaited, or a `tokio::sync::Notify`",
            smol: "use `smol::channel`, whose receiver and sender are awaited",
            async_std: "use `async_std::channel`, whose receiver and sender are awaited",
            bare: "use `futures::channel::mpsc`, whose receiver and sender are awaited",
        },
    ),
    (
        Kind::ThreadJoin,
        Advice {
            tokio: "send the result over a `tokio::sync::oneshot`, or join inside `guard_runtime::offload(|| ..).await`",
            smol: "send the result over a `smol::channel`, or join inside `smol::unblock(|| ..).await`",
            async_std: "send the result over an `async_std::channel`, or join inside \
                        `async_std::task::spawn_blocking(|| ..).await`",
            bare: "send the result over a `futures::channel::oneshot`",
        },
    ),
    (Kind::BlockOn, everywhere!("await the future instead of blocking on it")),
    (
        Kind::Stdio,
        Advice {
            tokio: "use `tokio::io::{stdin, stdout}`, or give the standard streams a thread of their own",
            smol: "use `smol::Unblock` around the stream, or give the standard streams a thread of their own",
            async_std: "use `async_std::io::{stdin, stdout}`, or give the standard streams a thread of their own",
            bare: "give the standard streams a thread of their own",
        },
    ),
    (Kind::Db, off_the_executor!("run the query inside ", "|| ..", ", or use an async driver")),
    (Kind::Crypto, off_the_executor!("compute inside ", "|| ..", "")),
    (Kind::Compression, off_the_executor!("compute inside ", "|| ..", "")),
    (Kind::Cpu, off_the_executor!("compute inside ", "|| ..", "")),
    (
        Kind::Init,
        Advice {
            tokio: "initialise before the runtime starts, or use `tokio::sync::OnceCell`",
            smol: "initialise before the executor starts, or use `smol::lock::OnceCell`",
            async_std: "initialise before the executor starts, or use `async_lock::OnceCell`",
            bare: "initialise before the executor starts, or use `async_lock::OnceCell`",
        },
    ),
    (Kind::Pool, everywhere!("make the pool larger, or wait for a place with an await")),
    (Kind::Other, off_the_executor!("move the call into ", "|| ..", "")),
];
