//! DATA ONLY: other crates' executors, locks and channels, each by what the crate's versions have in common.
//!
//! Left out: what its name and type do not tell (`Sender::send` of an unbounded channel), and types whose number of
//! parameters changed between versions. The run time sees those.

use super::row::Receiver::{Mut, Shared, Value};
use super::row::{Row, Types, function, method};
use super::std_fs::{FILE, WAIT_FOR_FILE_LOCK};

const AWAIT_ITEMS: &str = "write `while let Some(..) = stream.next().await`";
const AWAIT_IT: &str = "`.await` the future: this code already runs inside a runtime";
const LOCAL_POOL: Types = &[("", "futures::executor::LocalPool")];
const SHORT_LOCK: &str = "keep the section short and without `.await`, or use `tokio::sync::Mutex`";
const SHORT_RW_LOCK: &str = "keep the section short and without `.await`, or use `tokio::sync::RwLock`";
const DASHMAP: Types = &[("<K, V, S>", "dashmap::DashMap<K, V, S>")];
const DASHSET: Types = &[("<K, S>", "dashmap::DashSet<K, S>")];
const SHORT_SHARD: &str = "drop the reference before the next `.await` and keep the section short";
const WAIT_BY_TIMEOUT: &str = "await a lock of `tokio::sync` within `tokio::time::timeout`";
const PARKING_MUTEX: Types = &[
    ("<T: ?Sized>", "parking_lot::Mutex<T>"),
    ("<T: ?Sized>", "parking_lot::FairMutex<T>"),
    ("<T: ?Sized>", "parking_lot::ReentrantMutex<T>"),
];
const PARKING_RW_LOCK: Types = &[("<T: ?Sized>", "parking_lot::RwLock<T>")];
const CROSSBEAM: Types = &[("<T>", "crossbeam_channel::Receiver<T>")];
const CROSSBEAM_SENDER: Types = &[("<T>", "crossbeam_channel::Sender<T>")];
const CROSSBEAM_SELECT: Types = &[("<'a>", "crossbeam_channel::Select<'a>")];
const FLUME: Types = &[("<T>", "flume::Receiver<T>")];
const LISTENER: Types = &[("", "event_listener::EventListener")];
const USE_NOTIFY: &str = "wait on a `tokio::sync::Notify`";
const USE_BOUNDED: &str = "use a bounded `tokio::sync::mpsc::channel`, whose `send` is awaited";
const USE_SELECT: &str = "use `tokio::select!` on channels of `tokio::sync`";
const USE_TOKIO_MPSC: &str = "use `tokio::sync::mpsc`, whose `recv` is awaited";

/// Modules that re-export a crate whole: where the crate itself is no dependency, its rows go by these.
pub(super) const FACADES: &[(&str, &str)] =
    &[("crossbeam_channel", "crossbeam::channel"), ("async_io", "smol")];

/// Types that rows name as arguments, for the stubs.
pub(super) const STUB_TYPES: &[&str] = &["futures::stream::Empty<T>", "nix::unistd::Pid", "postgres::NoTls"];

pub(super) const ROWS: &[Row] = &[
    // tokio: event loops inside an event loop, and what panics there
    method(
        "tokio::runtime::Handle::block_on",
        "block_on",
        Shared,
        &[("", "::tokio::runtime::Handle")],
        AWAIT_IT,
    ),
    method(
        "tokio::runtime::Runtime::block_on",
        "block_on",
        Shared,
        &[("", "::tokio::runtime::Runtime")],
        AWAIT_IT,
    ),
    method(
        "tokio::task::LocalSet::block_on",
        "block_on",
        Shared,
        &[("", "::tokio::task::LocalSet")],
        AWAIT_IT,
    ),
    method(
        "tokio::sync::Mutex::blocking_lock",
        "block_on",
        Shared,
        &[("<T: ?Sized>", "::tokio::sync::Mutex<T>")],
        "write `lock().await`",
    ),
    method(
        "tokio::sync::Mutex::blocking_lock_owned",
        "block_on",
        Value,
        &[("<T: ?Sized>", "::tokio::sync::Mutex<T>")],
        "write `lock_owned().await`",
    ),
    method(
        "tokio::sync::RwLock::blocking_read",
        "block_on",
        Shared,
        &[("<T: ?Sized>", "::tokio::sync::RwLock<T>")],
        "write `read().await`",
    ),
    method(
        "tokio::sync::RwLock::blocking_write",
        "block_on",
        Shared,
        &[("<T: ?Sized>", "::tokio::sync::RwLock<T>")],
        "write `write().await`",
    ),
    method(
        "tokio::sync::mpsc::Sender::blocking_send",
        "block_on",
        Shared,
        &[("<T>", "::tokio::sync::mpsc::Sender<T>")],
        "write `send(..).await`",
    ),
    method(
        "tokio::sync::mpsc::Receiver::blocking_recv",
        "block_on",
        Mut,
        &[("<T>", "::tokio::sync::mpsc::Receiver<T>"), ("<T>", "::tokio::sync::mpsc::UnboundedReceiver<T>")],
        "write `recv().await`",
    ),
    method(
        "tokio::sync::broadcast::Receiver::blocking_recv",
        "block_on",
        Mut,
        &[("<T>", "::tokio::sync::broadcast::Receiver<T>")],
        "write `recv().await`",
    ),
    method(
        "tokio::sync::oneshot::Receiver::blocking_recv",
        "block_on",
        Value,
        &[("<T>", "::tokio::sync::oneshot::Receiver<T>")],
        "`.await` the receiver itself",
    ),
    method(
        "tokio::sync::mpsc::Receiver::blocking_recv_many",
        "block_on",
        Mut,
        &[("<T>", "::tokio::sync::mpsc::Receiver<T>"), ("<T>", "::tokio::sync::mpsc::UnboundedReceiver<T>")],
        "write `recv_many(..).await`",
    ),
    method(
        "tokio::runtime::Runtime::shutdown_timeout",
        "block_on",
        Value,
        &[("", "::tokio::runtime::Runtime")],
        "write `shutdown_background()`, which does not wait",
    ),
    // other executors
    method("futures::executor::LocalPool::run", "block_on", Mut, LOCAL_POOL, AWAIT_IT),
    method("futures::executor::LocalPool::run_until", "block_on", Mut, LOCAL_POOL, AWAIT_IT),
    function("futures::executor::block_on", "block_on", "<::core::future::Ready<()>>", AWAIT_IT),
    function("futures::executor::block_on_stream", "block_on", "<stream::Empty<()>>", AWAIT_ITEMS),
    function("futures_lite::future::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("pollster::block_on", "block_on", "<::core::future::Ready<()>>", AWAIT_IT),
    function("smol::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("async_io::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("async_std::task::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    // locks
    method("parking_lot::Mutex::lock", "lock", Shared, PARKING_MUTEX, SHORT_LOCK),
    method("parking_lot::RwLock::read", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::RwLock::write", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::RwLock::upgradable_read", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::Mutex::lock_arc", "lock", Shared, PARKING_MUTEX, SHORT_LOCK),
    method("parking_lot::Mutex::try_lock_for", "lock", Shared, PARKING_MUTEX, WAIT_BY_TIMEOUT),
    method("parking_lot::Mutex::try_lock_until", "lock", Shared, PARKING_MUTEX, WAIT_BY_TIMEOUT),
    method("parking_lot::RwLock::read_arc", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::RwLock::read_recursive", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::RwLock::write_arc", "lock", Shared, PARKING_RW_LOCK, SHORT_RW_LOCK),
    method("parking_lot::RwLock::try_read_for", "lock", Shared, PARKING_RW_LOCK, WAIT_BY_TIMEOUT),
    method("parking_lot::RwLock::try_write_for", "lock", Shared, PARKING_RW_LOCK, WAIT_BY_TIMEOUT),
    method("parking_lot::Condvar::wait", "channel", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method("parking_lot::Condvar::wait_for", "channel", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method(
        "parking_lot::Condvar::wait_until",
        "channel",
        Shared,
        &[("", "parking_lot::Condvar")],
        USE_NOTIFY,
    ),
    method(
        "parking_lot::Condvar::wait_while_for",
        "channel",
        Shared,
        &[("", "parking_lot::Condvar")],
        USE_NOTIFY,
    ),
    method(
        "parking_lot::Condvar::wait_while_until",
        "channel",
        Shared,
        &[("", "parking_lot::Condvar")],
        USE_NOTIFY,
    ),
    method(
        "parking_lot::Condvar::wait_while",
        "channel",
        Shared,
        &[("", "parking_lot::Condvar")],
        USE_NOTIFY,
    ),
    method("dashmap::DashMap::alter", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::alter_all", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::clear", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::contains_key", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::entry", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::get", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::get_mut", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::insert", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::is_empty", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::iter", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::iter_mut", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::len", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::remove", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::remove_if", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::retain", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashMap::view", "lock", Shared, DASHMAP, SHORT_SHARD),
    method("dashmap::DashSet::clear", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::contains", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::get", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::insert", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::is_empty", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::iter", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::len", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::remove", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::remove_if", "lock", Shared, DASHSET, SHORT_SHARD),
    method("dashmap::DashSet::retain", "lock", Shared, DASHSET, SHORT_SHARD),
    method("event_listener::Listener::wait", "lock", Value, LISTENER, "`.await` the listener"),
    method(
        "event_listener::Listener::wait_timeout",
        "lock",
        Value,
        LISTENER,
        "await the listener within `tokio::time::timeout`",
    ),
    method(
        "event_listener::Listener::wait_deadline",
        "lock",
        Value,
        LISTENER,
        "await the listener within `tokio::time::timeout_at`",
    ),
    method("fs2::FileExt::lock_exclusive", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method("fs2::FileExt::lock_shared", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method("fs4::FileExt::lock_exclusive", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method("fs4::FileExt::lock_shared", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    // channels
    method("crossbeam_channel::Receiver::recv", "channel", Shared, CROSSBEAM, USE_TOKIO_MPSC),
    method("crossbeam_channel::Receiver::recv_timeout", "channel", Shared, CROSSBEAM, USE_TOKIO_MPSC),
    method("crossbeam_channel::Receiver::recv_deadline", "channel", Shared, CROSSBEAM, USE_TOKIO_MPSC),
    method("crossbeam_channel::Receiver::iter", "channel", Shared, CROSSBEAM, USE_TOKIO_MPSC),
    method("crossbeam_channel::Receiver::into_iter", "channel", Value, CROSSBEAM, USE_TOKIO_MPSC),
    method("crossbeam_channel::Sender::send_timeout", "channel", Shared, CROSSBEAM_SENDER, USE_BOUNDED),
    method("crossbeam_channel::Sender::send_deadline", "channel", Shared, CROSSBEAM_SENDER, USE_BOUNDED),
    method("crossbeam_channel::Select::select", "channel", Mut, CROSSBEAM_SELECT, USE_SELECT),
    method("crossbeam_channel::Select::ready", "channel", Mut, CROSSBEAM_SELECT, USE_SELECT),
    method("flume::Receiver::iter", "channel", Shared, FLUME, "write `recv_async().await` in a loop"),
    method("flume::Receiver::into_iter", "channel", Value, FLUME, "write `recv_async().await` in a loop"),
    method("flume::Receiver::recv", "channel", Shared, FLUME, "use `recv_async().await`"),
    method("flume::Receiver::recv_timeout", "channel", Shared, FLUME, USE_TOKIO_MPSC),
    method("flume::Receiver::recv_deadline", "channel", Shared, FLUME, USE_TOKIO_MPSC),
];
