//! DATA ONLY: other crates' blocking APIs, each by what the crate's versions have in common.
//!
//! Left out: what its name and type do not tell (`Sender::send` of an unbounded channel, an extension
//! trait on any type), and what cannot be named without a third crate (`pbkdf2_hmac`). The run time sees those.

use super::Receiver::{Mut, Shared, Value};
use super::{Row, Types, function, method};

const FLATE2_WRITE: Types = &[
    ("<W: ::std::io::Write>", "flate2::write::GzEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::GzDecoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::ZlibEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::ZlibDecoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::DeflateEncoder<W>"),
    ("<W: ::std::io::Write>", "flate2::write::DeflateDecoder<W>"),
];
const FLATE2_READ: Types = &[
    ("<R>", "flate2::read::GzEncoder<R>"),
    ("<R>", "flate2::read::GzDecoder<R>"),
    ("<R>", "flate2::read::ZlibEncoder<R>"),
    ("<R>", "flate2::read::ZlibDecoder<R>"),
    ("<R>", "flate2::read::DeflateEncoder<R>"),
    ("<R>", "flate2::read::DeflateDecoder<R>"),
];

const AWAIT_IT: &str = "`.await` the future: this code already runs inside a runtime";
const SHORT_LOCK: &str = "keep the section short and without `.await`, or use `tokio::sync::Mutex`";
const SHORT_RW_LOCK: &str = "keep the section short and without `.await`, or use `tokio::sync::RwLock`";
const SHORT_SHARD: &str = "drop the reference before the next `.await` and keep the section short";
const USE_NOTIFY: &str = "wait on a `tokio::sync::Notify`";
const USE_TOKIO_MPSC: &str = "use `tokio::sync::mpsc`, whose `recv` is awaited";
const USE_TOKIO_PROCESS: &str = "use `tokio::process::Child::wait`, which is awaited";
const USE_REQWEST: &str = "use `reqwest::Client`, whose methods are awaited";
const OFFLOAD_CPU: &str = "compute it inside `guard_runtime::offload(..)`";
const OFFLOAD_RAYON: &str =
    "start it inside `guard_runtime::offload(..)`, or hand the result back through a oneshot channel";

/// Modules that re-export a crate whole: where the crate itself is no dependency, its rows go by these.
pub(super) const FACADES: &[(&str, &str)] =
    &[("crossbeam_channel", "crossbeam::channel"), ("async_io", "smol")];

/// Types that rows name as arguments, for the stubs.
pub(super) const STUB_TYPES: &[&str] = &["nix::unistd::Pid", "postgres::NoTls"];

pub(super) const ROWS: &[Row] = &[
    // tokio: event loops inside an event loop, and what panics there
    method(
        "tokio::runtime::Handle::block_on",
        "block_on",
        Shared,
        &[("", "::tokio::runtime::Handle"), ("", "::tokio::runtime::Runtime")],
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
        &[
            ("<T>", "::tokio::sync::mpsc::Receiver<T>"),
            ("<T>", "::tokio::sync::mpsc::UnboundedReceiver<T>"),
            ("<T>", "::tokio::sync::broadcast::Receiver<T>"),
            ("<T>", "::tokio::sync::oneshot::Receiver<T>"),
        ],
        "await it: `recv().await`, or the oneshot receiver itself",
    ),
    // other executors
    function("futures::executor::block_on", "block_on", "<::core::future::Ready<()>>", AWAIT_IT),
    function("futures_lite::future::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("pollster::block_on", "block_on", "<::core::future::Ready<()>>", AWAIT_IT),
    function("smol::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("async_io::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    function("async_std::task::block_on", "block_on", "(::core::future::ready(()))", AWAIT_IT),
    // locks
    method(
        "parking_lot::Mutex::lock",
        "lock",
        Shared,
        &[
            ("<T: ?Sized>", "parking_lot::Mutex<T>"),
            ("<T: ?Sized>", "parking_lot::FairMutex<T>"),
            ("<T: ?Sized>", "parking_lot::ReentrantMutex<T>"),
        ],
        SHORT_LOCK,
    ),
    method(
        "parking_lot::RwLock::read",
        "lock",
        Shared,
        &[("<T: ?Sized>", "parking_lot::RwLock<T>")],
        SHORT_RW_LOCK,
    ),
    method(
        "parking_lot::RwLock::write",
        "lock",
        Shared,
        &[("<T: ?Sized>", "parking_lot::RwLock<T>")],
        SHORT_RW_LOCK,
    ),
    method(
        "parking_lot::RwLock::upgradable_read",
        "lock",
        Shared,
        &[("<T: ?Sized>", "parking_lot::RwLock<T>")],
        SHORT_RW_LOCK,
    ),
    method("parking_lot::Condvar::wait", "lock", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method("parking_lot::Condvar::wait_for", "lock", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method("parking_lot::Condvar::wait_until", "lock", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method("parking_lot::Condvar::wait_while", "lock", Shared, &[("", "parking_lot::Condvar")], USE_NOTIFY),
    method(
        "dashmap::DashMap::get",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::get_mut",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::entry",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::insert",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::remove",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::alter",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::iter",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::iter_mut",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "dashmap::DashMap::retain",
        "lock",
        Shared,
        &[("<K, V, S>", "dashmap::DashMap<K, V, S>")],
        SHORT_SHARD,
    ),
    method(
        "fs2::FileExt::lock_exclusive",
        "lock",
        Shared,
        &[("", "::std::fs::File")],
        "move waiting for the file lock into `guard_runtime::offload(..)`",
    ),
    method(
        "fs4::FileExt::lock_exclusive",
        "lock",
        Shared,
        &[("", "::std::fs::File")],
        "move waiting for the file lock into `guard_runtime::offload(..)`",
    ),
    // channels
    method(
        "crossbeam_channel::Receiver::recv",
        "channel",
        Shared,
        &[("<T>", "crossbeam_channel::Receiver<T>")],
        USE_TOKIO_MPSC,
    ),
    method(
        "crossbeam_channel::Receiver::recv_timeout",
        "channel",
        Shared,
        &[("<T>", "crossbeam_channel::Receiver<T>")],
        USE_TOKIO_MPSC,
    ),
    method(
        "crossbeam_channel::Receiver::recv_deadline",
        "channel",
        Shared,
        &[("<T>", "crossbeam_channel::Receiver<T>")],
        USE_TOKIO_MPSC,
    ),
    method(
        "flume::Receiver::recv",
        "channel",
        Shared,
        &[("<T>", "flume::Receiver<T>")],
        "use `recv_async().await`",
    ),
    method(
        "flume::Receiver::recv_timeout",
        "channel",
        Shared,
        &[("<T>", "flume::Receiver<T>")],
        USE_TOKIO_MPSC,
    ),
    method(
        "flume::Receiver::recv_deadline",
        "channel",
        Shared,
        &[("<T>", "flume::Receiver<T>")],
        USE_TOKIO_MPSC,
    ),
    // network
    function("reqwest::blocking::get", "net", "<&str>", "write `reqwest::get(..).await`"),
    method(
        "reqwest::blocking::ClientBuilder::build",
        "net",
        Value,
        &[("", "reqwest::blocking::ClientBuilder")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::RequestBuilder::send",
        "net",
        Value,
        &[("", "reqwest::blocking::RequestBuilder")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::Client::execute",
        "net",
        Shared,
        &[("", "reqwest::blocking::Client")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::Response::text",
        "net",
        Value,
        &[("", "reqwest::blocking::Response")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::Response::json",
        "net",
        Value,
        &[("", "reqwest::blocking::Response")],
        USE_REQWEST,
    ),
    method(
        "reqwest::blocking::Response::bytes",
        "net",
        Value,
        &[("", "reqwest::blocking::Response")],
        USE_REQWEST,
    ),
    method(
        "ureq::Request::call",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send_string",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send_json",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send_form",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send_bytes",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "ureq::Request::send_empty",
        "net",
        Value,
        &[("", "ureq::Request"), ("<B>", "ureq::RequestBuilder<B>")],
        "use an asynchronous client such as `reqwest`",
    ),
    method(
        "url::Url::socket_addrs",
        "dns",
        Shared,
        &[("", "url::Url")],
        "write `tokio::net::lookup_host(..).await` with its host and port",
    ),
    // processes and terminals
    function("nix::sys::wait::wait", "process", "", USE_TOKIO_PROCESS),
    function("nix::sys::wait::waitpid", "process", "<unistd::Pid>", USE_TOKIO_PROCESS),
    function("crossterm::event::read", "stdio", "", "use `crossterm::event::EventStream`"),
    function("crossterm::event::poll", "stdio", "", "use `crossterm::event::EventStream`"),
    // computation
    function("bcrypt::hash", "crypto", "<&str>", OFFLOAD_CPU),
    function("bcrypt::verify", "crypto", "<&str>", OFFLOAD_CPU),
    method("argon2::Argon2::hash_password", "crypto", Shared, &[("<'k>", "argon2::Argon2<'k>")], OFFLOAD_CPU),
    method(
        "argon2::Argon2::hash_password_into",
        "crypto",
        Shared,
        &[("<'k>", "argon2::Argon2<'k>")],
        OFFLOAD_CPU,
    ),
    method(
        "argon2::Argon2::verify_password",
        "crypto",
        Shared,
        &[("<'k>", "argon2::Argon2<'k>")],
        OFFLOAD_CPU,
    ),
    function("scrypt::scrypt", "crypto", "", OFFLOAD_CPU),
    function("zstd::encode_all", "compression", "<&[u8]>", OFFLOAD_CPU),
    function("zstd::decode_all", "compression", "<&[u8]>", OFFLOAD_CPU),
    method("flate2::write::GzEncoder::write_all", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::write", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::finish", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::write::GzEncoder::try_finish", "compression", Mut, FLATE2_WRITE, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_to_end", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_to_string", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    method("flate2::read::GzDecoder::read_exact", "compression", Mut, FLATE2_READ, OFFLOAD_CPU),
    function("rayon::join", "cpu", "<fn(), fn(), (), ()>", OFFLOAD_RAYON),
    method("rayon::ThreadPool::install", "cpu", Shared, &[("", "rayon::ThreadPool")], OFFLOAD_RAYON),
];
