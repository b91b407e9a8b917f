//! DATA ONLY: the kinds of blocking, the known blocking APIs, and what takes a closure off the executor.
//!
//! This is the one list of blocking APIs. `#[no_block]` looks candidates up here by name, and `__catalog!` makes the
//! types out of it by which the compiler tells a real hit from a look-alike. To add an API, add a row.

mod crates;
mod fine;
mod io;
mod services;
mod standard;
mod storage;
mod wrappers;

use std::collections::HashMap;
use std::sync::OnceLock;
pub(crate) use wrappers::{WRAPPERS, Wrapper};

/// What the attribute does with a call unless its options say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Allow,
    Warn,
    Deny,
}

/// One kind of blocking: its name in options and reports, its variant in `guard_runtime::Kind`, its default level, its reason.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) level: Level,
    /// Why such a call blocks, as it goes after a colon.
    pub(crate) why: &'static str,
}

/// Why a call blocks that waits for something else than its kind does; by the beginning of its path.
pub(crate) const OTHER_REASONS: &[(&str, &str)] = &[
    ("std::process::Command::spawn", "it waits until the system has started the process"),
    ("std::thread::park", "it waits for another thread's `unpark`"),
];

const fn kind(name: &'static str, variant: &'static str, level: Level, why: &'static str) -> Kind {
    Kind { name, variant, level, why }
}

/// In the order of the documentation; `guard_runtime::Kind::ALL` has the same (checked by `tests/tidy.rs`).
pub(crate) const KINDS: &[Kind] = &[
    kind("sleep", "Sleep", Level::Warn, "it waits for time to pass"),
    kind("fs", "Fs", Level::Warn, "it waits for the file system"),
    kind("net", "Net", Level::Warn, "it waits for the network"),
    kind("dns", "Dns", Level::Warn, "it waits for a name server"),
    kind("process", "Process", Level::Warn, "it waits for another process"),
    kind("lock", "Lock", Level::Allow, "it waits for whoever holds the lock"),
    kind("channel", "Channel", Level::Warn, "it waits for the other end of the channel"),
    kind("thread_join", "ThreadJoin", Level::Warn, "it waits for another thread"),
    kind("block_on", "BlockOn", Level::Warn, "it waits for a future without yielding"),
    kind("stdio", "Stdio", Level::Allow, "it waits for the terminal, or whatever the stream leads to"),
    kind("db", "Db", Level::Warn, "it waits for the database"),
    kind("crypto", "Crypto", Level::Warn, "it computes for long, on purpose"),
    kind("compression", "Compression", Level::Allow, "it computes for as long as the data is large"),
    kind("cpu", "Cpu", Level::Allow, "it computes for long"),
    kind("init", "Init", Level::Warn, "it waits for something to be set up"),
    kind("pool", "Pool", Level::Warn, "it waits for a free worker"),
    kind("other", "Other", Level::Warn, "it does not yield"),
];

/// How a method takes its receiver. A `&mut self` method is not probed on a variable that a closure captures by
/// reference: the probe would capture the variable itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    Shared,
    Mut,
    Value,
}

/// Receiver types, each with the generics of its impl.
type Types = &'static [(&'static str, &'static str)];

/// What the compiler has to compare.
pub(crate) enum Shape {
    /// A free or associated function, with what makes it concrete: type arguments (`<&str>`), those of a call where a
    /// parameter is an `impl Trait` (`("")`), `::` where the call itself gives all of them, nothing where it is not generic.
    Function { arguments: &'static str },
    /// A function to which one of these types is given; for `arguments` see there.
    FunctionTaking { arguments: &'static str, types: Types },
    /// A method, of whatever type, to which one of these types is given.
    MethodTaking { types: Types },
    /// A method, of whatever type, that gives what implements this trait.
    Yields { implementing: &'static str },
    /// A method on any of these types, each with the generics of its impl.
    Method { receiver: Receiver, types: Types },
}

/// A known blocking API.
pub(crate) struct Row {
    /// As a user knows it; the last segment is the name that candidates are found by.
    pub(crate) path: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) shape: Shape,
    /// Whether it comes from the project's own file rather than from these tables.
    pub(crate) own: bool,
    /// What to write instead, as it goes into a sentence: "instead, …".
    pub(crate) remedy: &'static str,
}

impl Row {
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit("::").next().unwrap_or(self.path)
    }

    /// Whether guard-runtime knows the types: std's, and tokio's where the feature is on. Those of other crates are
    /// named in the user's crate.
    pub(crate) fn is_built_in(&self) -> bool {
        !self.own && matches!(self.krate(), "std" | "tokio")
    }

    /// Whether it is a method of std's I/O traits and buffers, whose kind depends on the receiver.
    pub(crate) fn is_io(&self) -> bool {
        [
            "std::io::Read::",
            "std::io::Write::",
            "std::io::BufRead::",
            "std::io::Seek::",
            "std::io::BufWriter::",
        ]
        .iter()
        .any(|path| self.path.starts_with(path))
            || matches!(self.shape, Shape::FunctionTaking { .. })
    }

    /// The types that answer for it; none for a function.
    pub(crate) fn types(&self) -> Types {
        match self.shape {
            Shape::Function { .. } | Shape::Yields { .. } => &[],
            Shape::Method { types, .. }
            | Shape::FunctionTaking { types, .. }
            | Shape::MethodTaking { types } => types,
        }
    }

    /// What the types are asked for: a function and a method of one name are two things.
    pub(crate) fn asked_as(&self) -> String {
        match self.shape {
            Shape::FunctionTaking { .. } => format!("given_to_{}", self.name()),
            _ => self.name().to_owned(),
        }
    }

    /// Whether it is a method that is known by its path as well.
    pub(crate) fn is_by_path(&self) -> bool {
        self.is_built_in() && standard::BY_PATH.contains(&self.path)
    }

    /// Whether its path alone says on which type it is called: `Path::exists(path)`, as opposed to `Read::read(x, ..)`.
    pub(crate) fn is_of_one_type(&self) -> bool {
        let bare = |ty: &'static str| ty.split('<').next().unwrap_or(ty);
        self.types().first().is_some_and(|(_, ty)| bare(ty).rsplit("::").next() == Some(self.owner()))
    }

    /// Whether it takes a time-out or flags, which may say that it does not wait. What the project's own take, nobody
    /// knows.
    pub(crate) fn may_return_at_once(&self) -> bool {
        let name = self.name();
        let takes = name.contains("timeout") || name.ends_with("_for");
        self.own || takes || matches!(name, "poll" | "sleep" | "waitpid")
    }

    /// The last segment but one: the type, the trait or the module.
    pub(crate) fn owner(&self) -> &'static str {
        self.path.rsplit("::").nth(1).unwrap_or_default()
    }

    /// When the call is no defect.
    pub(crate) fn fine_when(&self) -> &'static str {
        let by_path = fine::BY_PATH.iter().filter(|(path, _)| self.path.starts_with(path));
        let mut by_kind = fine::BY_KIND.iter().filter(|(kind, _)| *kind == self.kind);
        by_path.max_by_key(|(path, _)| path.len()).or(by_kind.next()).map_or("", |(_, when)| when)
    }

    /// The crate that the API belongs to.
    pub(crate) fn krate(&self) -> &'static str {
        self.path.split("::").next().unwrap_or(self.path)
    }
}

const fn function(
    path: &'static str,
    kind: &'static str,
    arguments: &'static str,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Function { arguments }, own: false, remedy }
}

const fn method(
    path: &'static str,
    kind: &'static str,
    receiver: Receiver,
    types: Types,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Method { receiver, types }, own: false, remedy }
}

/// A function whose argument's type decides.
const fn taking(
    path: &'static str,
    kind: &'static str,
    arguments: &'static str,
    types: Types,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::FunctionTaking { arguments, types }, own: false, remedy }
}

/// A method whose argument's type decides.
const fn method_taking(path: &'static str, kind: &'static str, types: Types, remedy: &'static str) -> Row {
    Row { path, kind, shape: Shape::MethodTaking { types }, own: false, remedy }
}

/// A method whose result's trait decides.
const fn yields(
    path: &'static str,
    kind: &'static str,
    implementing: &'static str,
    remedy: &'static str,
) -> Row {
    Row { path, kind, shape: Shape::Yields { implementing }, own: false, remedy }
}

/// Types that rows name as arguments and a crate may lack.
pub(crate) fn stub_types() -> impl Iterator<Item = &'static str> {
    crates::STUB_TYPES.iter().copied()
}

/// Where else a crate's items may be found: a crate and a module of it.
pub(crate) fn facades(krate: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let facades = crates::FACADES.iter().filter(move |(of, _)| *of == krate);
    facades.filter_map(|(_, path)| path.split_once("::").or(Some((path, ""))))
}

/// Everything that a row may say of when it is no defect.
#[cfg(test)]
pub(crate) fn fine_texts() -> impl Iterator<Item = &'static str> {
    fine::BY_PATH.iter().chain(fine::BY_KIND).map(|(_, when)| *when)
}

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    let tables = [
        standard::ROWS,
        io::ON_EACH_KIND,
        io::FLUSH,
        io::ELSEWHERE,
        io::ROWS,
        crates::ROWS,
        services::ROWS,
        storage::ROWS,
    ];
    tables.into_iter().flatten()
}

/// The rows of a name: an expansion asks for them at every call, and there are hundreds.
pub(crate) fn rows_named(name: &str) -> &'static [&'static Row] {
    static BY_NAME: OnceLock<HashMap<&'static str, Vec<&'static Row>>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        rows().for_each(|row| by_name.entry(row.name()).or_default().push(row));
        by_name
    });
    by_name.get(name).map_or(&[], |rows| rows)
}

/// Functions, methods and macros that run a closure off the executor, once in a program's life, or allow it: what is
/// handed to them is not scanned; nor what tokio runs on a socket that does not block (`try_io`). A name that begins with `spawn_blocking` counts as well.
pub(crate) const OFFLOADERS: &[&str] = &[
    "allow_blocking",
    "async_io",
    "asyncify",
    "block_in_place",
    "broadcast",
    "call_once",
    "call_once_force",
    "get_or_init",
    "get_or_try_init",
    "install",
    "offload",
    "offload_in_place",
    "scope",
    "scope_fifo",
    "spawn",
    "spawn_blocking",
    "spawn_broadcast",
    "spawn_fifo",
    "spawn_scoped",
    "try_io",
    "unblock",
];

/// Functions and methods that make a task of a future. An `async` block written as their argument is guarded by itself.
pub(crate) const SPAWNERS: &[&str] = &["spawn", "spawn_local", "spawn_local_on", "spawn_on"];

/// A method of guard-runtime's own pools and actors that takes a closure as its last argument and runs it there.
pub(crate) struct PoolMethod {
    pub(crate) name: &'static str,
    /// How many arguments it has: this tells `pool.map(items, f)` from an iterator's `map`.
    pub(crate) arguments: usize,
    /// How many parameters its closure has.
    pub(crate) parameters: usize,
    /// Whether thread-locals have the like: those are written in capitals.
    pub(crate) not_on_a_static: bool,
}

const fn pool_method(name: &'static str, arguments: usize, parameters: usize) -> PoolMethod {
    PoolMethod { name, arguments, parameters, not_on_a_static: false }
}

/// Names too common to be offloaders by themselves: what else has them runs its closure at once.
pub(crate) const POOL_METHODS: &[PoolMethod] = &[
    pool_method("run", 1, 0),
    pool_method("try_run", 1, 0),
    pool_method("run_with_deadline", 2, 0),
    pool_method("run_with_token", 2, 1),
    pool_method("map", 2, 1),
    pool_method("try_map", 2, 1),
    pool_method("settle", 2, 1),
    pool_method("stream", 1, 0),
    pool_method("stream_with", 1, 1),
    pool_method("stream_with", 1, 2),
    PoolMethod { name: "with", arguments: 1, parameters: 1, not_on_a_static: true },
];

/// The types that have these methods, as a path names them (`Pool::run(&pool, ..)`).
pub(crate) const POOL_TYPES: &[&str] = &["Pool", "Actor"];
