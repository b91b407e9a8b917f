//! The functions that rules know by name: data. Each list is a bit of every name, told once, so that a rule looks at a
//! word where it would else compare texts, for each frame of each new stack.

/// Names the lists and what is in them; a path is an item, and all that lies in it.
macro_rules! items {
    ($($(#[$meta:meta])* $name:ident = [$($path:literal),* $(,)?];)*) => {
        /// A list of items.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Items {
            $($(#[$meta])* $name,)*
        }

        /// Each list with its items.
        const LISTS: &[(Items, &[&str])] = &[$((Items::$name, &[$($path),*]),)*];
    };
}

items! {
    /// This crate: its frames are nobody's business.
    Ours = ["guard_runtime"];
    /// Where its polls are.
    Guarded = ["guard_runtime::guarded", "guard_runtime::testing"];

    // Whose turn it is on a thread: `lanes.rs`.

    /// Where the polling of a task begins: what is further out is tokio's.
    Polls = ["tokio::runtime::task::core", "tokio::runtime::task::harness", "tokio::runtime::task::raw"];
    /// The same of a current-thread runtime's root.
    PollsRoot = [
        "tokio::runtime::scheduler::current_thread::CoreGuard",
        "tokio::runtime::scheduler::current_thread::Context",
        // Where they are inlined, and known by their file.
        "tokio::runtime::scheduler::current_thread::enter",
        "tokio::runtime::scheduler::current_thread::{{closure}}",
    ];
    /// Polling the tasks of a `LocalSet`.
    LocalSet = ["tokio::task::local::LocalSet", "tokio::task::local::tick"];
    /// A worker that waits for work is in one of these.
    Parked = [
        "tokio::runtime::driver::Driver",
        "tokio::runtime::io::driver::Driver",
        "tokio::runtime::time::Driver",
        "tokio::runtime::park",
        "tokio::runtime::scheduler::current_thread::Context::park",
        "tokio::runtime::scheduler::current_thread::Context::park_internal",
        "tokio::runtime::scheduler::current_thread::Context::park_yield",
        "tokio::runtime::scheduler::multi_thread::park",
        "tokio::runtime::scheduler::multi_thread::worker::Context::park",
        "tokio::runtime::scheduler::multi_thread::worker::Context::park_internal",
    ];
    /// The runtime itself, and what it is made of.
    Runtime = [
        "tokio", "mio", "signal_hook_registry", "socket2", "libc", "std", "core", "alloc", "parking_lot",
        "parking_lot_core", "lock_api", "guard_runtime",
    ];
    /// What is around every future of a task: no work of the runtime's by itself.
    Wrappers = [
        "std", "core", "alloc", "libc", "guard_runtime", "tokio::loom", "tokio::runtime::context", "tokio::runtime::coop",
        "tokio::runtime::task", "tokio::runtime::scheduler", "tokio::task", "tokio::future", "tokio::time::timeout",
        "tokio::macros", "tokio::util", "tokio::runtime::park", "tokio::runtime::runtime", "tokio::runtime::handle",
        "tokio::runtime::builder",
    ];
    /// A future is driven by a thread that waits for it alone.
    BlockOn = [
        "tokio::runtime::runtime::Runtime::block_on",
        "tokio::runtime::runtime::block_on",
        "tokio::runtime::handle::Handle::block_on",
        "tokio::runtime::handle::block_on",
        "futures_executor",
        "pollster",
        "futures_lite::future::block_on",
        "async_io::driver::block_on",
        "extreme",
    ];
    /// The thread has been taken off the executor below these.
    OffExecutor = [
        "tokio::task::blocking::block_in_place",
        "tokio::runtime::scheduler::block_in_place",
        "tokio::runtime::scheduler::multi_thread::worker::block_in_place",
        "tokio::runtime::context::runtime_mt::exit_runtime",
        "tokio::runtime::context::exit_runtime",
    ];
    /// The thread is one of the blocking pool's, unless it answers to be a worker: workers are started there too.
    BlockingPool = ["tokio::runtime::blocking"];
    /// Below these a thread is an executor's, whatever it was before.
    Executor = ["tokio::runtime::scheduler::multi_thread::worker", "tokio::runtime::scheduler::current_thread"];
    /// Where a thread begins, or close to it.
    Base = ["std::rt", "std::sys::backtrace::__rust_begin_short_backtrace"];

    // What is harmless: `rules.rs`.

    /// Frames that say nothing about who waits.
    LockPlumbing = ["std", "core", "alloc", "parking_lot", "parking_lot_core", "lock_api"];
    /// Their queues are locked for microseconds; a waiter was seen to be preempted for up to 6 ms.
    TokioLocks = ["tokio", "mio", "signal_hook", "signal_hook_registry"];
    Allocators = [
        "__rustc::__rust_alloc",
        "__rustc::__rust_alloc_zeroed",
        "__rustc::__rust_dealloc",
        "__rustc::__rust_realloc",
        "__rust_alloc",
        "__rust_alloc_zeroed",
        "__rust_dealloc",
        "__rust_realloc",
        "malloc",
        "calloc",
        "realloc",
        "free",
    ];
    TokioProcess = ["tokio::process"];
    TokioPipes = ["tokio::net::unix::pipe"];
    CountsProcessors = ["std::thread::available_parallelism", "num_cpus"];
    Backtraces = [
        "std::backtrace",
        "std::backtrace_rs",
        "std::sys::backtrace::BacktraceLock",
        "std::sys::backtrace::_print_fmt",
        "std::panicking::default_hook",
        "std::panicking::rust_panic_with_hook",
        "backtrace::backtrace",
        "backtrace::capture",
        "backtrace::symbolize",
    ];

    // What is waited for: `rules.rs`.

    /// One-time initialisation: whatever blocks below is `init`.
    Init = [
        "std::sync::once::Once",
        "std::sync::poison::once::Once",
        "std::sync::once_lock::OnceLock",
        "std::sync::lazy_lock::LazyLock",
        "std::sys::sync::once",
        "once_cell::imp",
        "once_cell::sync",
        "lazy_static::lazy",
        "spin::once",
        "parking_lot::once",
        "rayon_core::registry::global_registry",
        "rayon_core::registry::Registry::new",
    ];
    Channels = ["std::sync::mpsc", "std::sync::mpmc", "crossbeam_channel", "flume", "kanal", "async_channel"];
    Joins = [
        "std::thread::scoped",
        "std::thread::scope",
        "std::thread::join_handle",
        "std::thread::JoinHandle",
    ];
    WaitsForFuture = [
        "futures_executor",
        "pollster",
        "futures_lite::future::block_on",
        "async_io::driver::block_on",
        "extreme",
        "tokio::runtime::park",
        "tokio::runtime::runtime::Runtime::block_on",
        "tokio::runtime::handle::Handle::block_on",
    ];
    Rayon = ["rayon", "rayon_core"];
    HttpClients = ["reqwest::blocking", "ureq", "attohttpc", "minreq"];
    Terminals = ["crossterm", "rpassword", "dialoguer", "console"];
    Children = ["std::process", "duct", "shared_child"];
    Signals = ["signal_hook"];
    Databases = [
        "rusqlite", "sqlite3_", "sqlite", "diesel", "postgres", "mysql", "redis", "rocksdb", "redb", "sled", "heed",
        "libsql", "duckdb", "r2d2", "fjall", "lmdb",
    ];
    /// What is waited for below these is a mutex, also inside of a channel: sending into one takes its lock for a moment.
    Mutexes = [
        "std::sys::sync::mutex",
        "std::sync::poison::mutex::Mutex",
        "parking_lot::raw_mutex",
        "lock_api::mutex",
        "pthread_mutex_lock",
    ];
    /// Below these a thread sleeps until another one acts, rather than until a section ends. What uses them to wait in is
    /// known by a frame further out, and decides: rayon, `block_on`, channels, joins.
    Waits = [
        "std::sys::sync::condvar",
        "std::sync::condvar",
        "std::sync::poison::condvar",
        "std::sync::barrier",
        "std::sys::sync::thread_parking",
        "std::thread::park",
        "std::thread::park_timeout",
        "std::thread::functions::park",
        "std::thread::functions::park_timeout",
        "std::thread::Thread::park",
        "std::thread::thread::Thread::park",
        "parking_lot::condvar",
    ];
    /// By a trait: it runs when a value is dropped.
    Drops = ["core::ptr::drop_in_place", "core::ops::drop::Drop"];

    // What polls: `lanes.rs`.

    /// Not its timers and channels, which work anywhere.
    TokioPolls = [
        "tokio::runtime::scheduler",
        "tokio::runtime::task",
        "tokio::runtime::blocking",
        "tokio::runtime::runtime",
        "tokio::runtime::handle",
        "tokio::runtime::park",
        "tokio::task::local",
    ];
    AsyncStd = ["async_std"];
    Smol = ["smol", "async_executor", "async_global_executor", "async_io", "futures_lite"];
    BareExecutors = ["futures_executor", "pollster", "extreme"];

    /// What derives implement for data formats to call back: no place of the user's, whose line named the format.
    DataFormats = ["serde", "serde_core"];
}

/// The lists that a function is in, a bit for each, by whether it is an item, or lies in it; `implements`: of a trait that does.
pub(super) fn lists(lies_in: impl Fn(&str) -> bool, implements: impl Fn(&str) -> bool) -> u64 {
    const { assert!(LISTS.len() <= u64::BITS as usize) };
    let mut lists = 0;
    for (list, items) in LISTS {
        let by_trait = matches!(list, Items::DataFormats | Items::Drops);
        for item in *items {
            if lies_in(item) || by_trait && implements(item) {
                lists |= 1 << *list as u8;
                break;
            }
        }
    }
    lists
}
