//! What to do about a call: chosen by what was called and how it blocks, by where the primitive lies, and by the executor.

mod table;

use crate::model::{APIS, Api, Kind, PAGE_READS, Record, Role, UNSEEN_SLEEP};
use table::{BY_KIND, RULES};

/// Where the primitive lies, seen from the user's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The user's own line calls it.
    Here,
    /// In a dependency's function, which the user's line calls.
    Dependency,
    /// In a dependency's own async code, which the user awaits.
    Awaited,
    /// In C code, with no dependency's function between.
    C,
    /// In what runs when a value is dropped, whoever's that is.
    Drop,
}

/// What polls the future: advice has to fit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Executor {
    Tokio,
    Smol,
    AsyncStd,
    /// One that brings nothing but itself: `futures`, pollster.
    Bare,
}

/// One piece of advice, in the words of each executor.
struct Advice {
    tokio: &'static str,
    smol: &'static str,
    async_std: &'static str,
    bare: &'static str,
}

impl Advice {
    fn on(&self, executor: Executor) -> &'static str {
        match executor {
            Executor::Tokio => self.tokio,
            Executor::Smol => self.smol,
            Executor::AsyncStd => self.async_std,
            Executor::Bare => self.bare,
        }
    }
}

/// What a rule goes by.
struct Rule {
    apis: Apis,
    /// Empty: every kind.
    kinds: &'static [Kind],
    /// Empty: every place.
    places: &'static [Place],
    advice: Advice,
}

enum Apis {
    Any,
    /// These items, and what lies in them.
    In(&'static [&'static str]),
    /// Functions of these names.
    Named(&'static [&'static str]),
    /// These symbols, whatever the API is.
    Symbols(&'static [&'static str]),
}

/// The remedy for what a record was found to be.
pub(super) fn remedy(
    record: &Record,
    api: &str,
    kind: Kind,
    place: Place,
    executor: Executor,
) -> &'static str {
    match record.call {
        // What the project says of its own.
        Some(call) if call.role == Role::Marked || !is_of_catalogue(call.api) => call.api.remedy,
        Some(call) if executor == Executor::Tokio && call.api.path == api => call.api.remedy,
        _ => choose(api, record.symbol, kind, place, executor),
    }
}

fn is_of_catalogue(api: &Api) -> bool {
    APIS.iter().any(|known| known.path == api.path && known.remedy == api.remedy)
}

fn choose(api: &str, symbol: &str, kind: Kind, place: Place, executor: Executor) -> &'static str {
    if api == PAGE_READS {
        return table::READ_FIRST.on(executor);
    }
    if api == UNSEEN_SLEEP {
        return table::FIND_IT.on(executor);
    }
    let applies = |rule: &&Rule| {
        let is_in = |item: &&str| {
            api.strip_prefix(*item).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let name = api.rsplit("::").next().unwrap_or(api);
        (rule.kinds.is_empty() || rule.kinds.contains(&kind))
            && (rule.places.is_empty() || rule.places.contains(&place))
            && match rule.apis {
                Apis::Any => true,
                Apis::In(items) => items.iter().any(is_in),
                Apis::Named(names) => names.contains(&name),
                Apis::Symbols(symbols) => symbols.contains(&symbol),
            }
    };
    // The catalogue's rows speak of tokio, and of what can be awaited.
    let row = || match (place, executor) {
        (Place::Drop | Place::Awaited, _) => None,
        (_, Executor::Tokio) => row(api, kind),
        _ => None,
    };
    let rules = |first: bool| RULES.iter().filter(move |rule| rule.is_first() == first).find(applies);
    let by_rule = |rule: &Rule| rule.advice.on(executor);
    let by_kind = || BY_KIND.iter().find(|(of, _)| *of == kind).map(|(_, advice)| advice.on(executor));
    rules(true)
        .map(by_rule)
        .or_else(row)
        .or_else(|| rules(false).map(by_rule))
        .or_else(by_kind)
        .unwrap_or_default()
}

impl Rule {
    /// Whether it knows better than the catalogue's row of the same API.
    fn is_first(&self) -> bool {
        matches!(self.apis, Apis::In(_) | Apis::Symbols(_))
            || self.places.contains(&Place::Drop)
            || self.places.contains(&Place::Awaited)
    }
}

/// The row of an API. One name may stand for several: `read` of a file, of a socket, of a child's pipe. What another
/// crate's does is known from its name alone.
fn row(api: &str, kind: Kind) -> Option<&'static str> {
    let mut rows = APIS.iter().filter(|row| row.path == api);
    let same = rows.clone().find(|row| row.kind == kind);
    let is_std = api.starts_with("std::");
    same.or_else(|| rows.next().filter(|_| !is_std)).map(|row| row.remedy)
}

#[cfg(test)]
mod tests {
    use super::Executor::{AsyncStd, Bare, Smol, Tokio};
    use super::Place::{Awaited, C, Dependency, Drop, Here};
    use super::*;

    /// What the advice for a situation must say, and what it must not.
    type Case = (&'static str, &'static str, Kind, Place, Executor, &'static str, &'static str);

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        // The user's own line: the catalogue's row, by the kind that was found.
        ("std::fs::read_to_string", "open", Kind::Fs, Here, Tokio, "tokio::fs::read_to_string", "sockets"),
        ("std::io::BufRead::read_line", "recv", Kind::Net, Here, Tokio, "a socket of `tokio::net`", "tokio::fs"),
        ("std::io::BufRead::read_line", "read", Kind::Fs, Here, Tokio, "tokio::fs", "tokio::net"),
        ("std::io::BufRead::read_line", "read", Kind::Other, Here, Tokio, "offload", "tokio::fs"),
        ("std::sync::Condvar::wait", "syscall", Kind::Channel, Here, Tokio, "tokio::sync::Notify", "lock"),
        ("std::fs::read", "open", Kind::Init, Here, Tokio, "before the runtime starts", "tokio::fs"),
        ("openat", "openat", Kind::Fs, Here, Tokio, "tokio::fs", "this call"),
        ("sem_timedwait", "sem_timedwait", Kind::Lock, Here, Tokio, "tokio::sync::Semaphore", "hold the lock"),
        // Inside a dependency: about the call that the user wrote.
        ("notify::INotifyWatcher::watch", "syscall", Kind::Channel, Dependency, Tokio, "move this call into `guard_runtime::offload", "tokio::sync"),
        ("native_tls::TlsConnector::new", "open", Kind::Fs, Dependency, Tokio, "make it once", "tokio::fs"),
        ("git2::Repository::open", "open", Kind::Fs, Dependency, Tokio, "offload", "tokio::fs"),
        ("some::client::get", "poll", Kind::Net, Dependency, Tokio, "move this call", "tokio's sockets"),
        ("some::pool::get", "syscall", Kind::Lock, Dependency, Tokio, "move this call", "hold the lock"),
        ("some::client::get", "syscall", Kind::BlockOn, Dependency, Tokio, "async", "instead of blocking"),
        ("some::config::get", "open", Kind::Init, Dependency, Tokio, "once", "OnceCell"),
        ("tracing::event!", "write", Kind::Stdio, Dependency, Tokio, "non-blocking writer", "tokio::io"),
        ("tracing::info!", "write", Kind::Fs, Dependency, Tokio, "non-blocking writer", "tokio::fs"),
        ("log::log!", "syscall", Kind::Lock, Dependency, Bare, "non-blocking writer", "tokio"),
        ("ureq::Request::call", "recv", Kind::Net, Dependency, Tokio, "an asynchronous client", "sockets"),
        ("some::fetch", "sleep", Kind::Sleep, Awaited, Tokio, "authors", "use `tokio::time::sleep"),
        // Nothing is awaited in a drop.
        ("tempfile::TempDir::drop", "unlinkat", Kind::Fs, Drop, Tokio, "drop it on a blocking thread", "tokio::fs"),
        ("std::thread::JoinHandle::join", "pthread_join", Kind::ThreadJoin, Drop, Tokio, "drop it on a blocking thread", "await that"),
        ("std::sync::Mutex::lock", "syscall", Kind::Lock, Drop, Tokio, "shorter", "tokio::sync::Mutex"),
        ("tracing::span::Span::drop", "write", Kind::Stdio, Drop, Tokio, "non-blocking writer", "await"),
        // C.
        ("msg_client_receive", "pthread_cond_timedwait", Kind::Channel, C, Tokio, "offload", "hold the lock"),
        ("msg_client_receive", "sem_timedwait", Kind::Lock, C, Tokio, "offload", "hold the lock"),
        ("c_reads", "read", Kind::Fs, C, Tokio, "C function", "tokio::fs"),
        // Other executors have nothing of tokio's.
        ("std::thread::sleep", "nanosleep", Kind::Sleep, Here, Smol, "smol::Timer", "tokio"),
        ("std::thread::sleep", "nanosleep", Kind::Sleep, Here, AsyncStd, "async_std::task::sleep", "tokio"),
        ("std::thread::sleep", "nanosleep", Kind::Sleep, Here, Bare, "timer", "tokio"),
        ("std::fs::read", "open", Kind::Fs, Here, Smol, "smol::fs", "guard_runtime"),
        ("some::client::get", "poll", Kind::Net, Dependency, AsyncStd, "async_std::task::spawn_blocking", "tokio"),
        ("tempfile::TempDir::drop", "unlinkat", Kind::Fs, Drop, Bare, "thread of its own", "tokio"),
    ];

    #[test]
    fn each_situation_gets_the_advice_that_fits_it() {
        for (api, symbol, kind, place, executor, must, must_not) in CASES {
            let said = choose(api, symbol, *kind, *place, *executor);
            let case = format!("{api} ({symbol}, {kind}), {place:?}, {executor:?}: {said}");
            assert!(said.contains(must), "{case}\n  lacks {must}");
            assert!(!said.contains(must_not), "{case}\n  must not say {must_not}");
        }
    }

    #[test]
    fn there_is_advice_for_everything_and_no_tokio_elsewhere() {
        for place in [Here, Dependency, Awaited, C, Drop] {
            for executor in [Tokio, Smol, AsyncStd, Bare] {
                for kind in Kind::ALL {
                    let said = choose("some::thing", "call", *kind, place, executor);
                    assert!(!said.is_empty(), "{kind}, {place:?}, {executor:?}");
                    assert!(
                        executor == Tokio || !said.contains("tokio"),
                        "{kind}, {place:?}, {executor:?}: {said}"
                    );
                    assert!(
                        executor == Tokio || !said.contains("guard_runtime"),
                        "{kind}, {executor:?}: {said}"
                    );
                }
            }
        }
    }
}
