//! DATA ONLY: what takes a closure off the executor, and what makes a task of a future.

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
