//! DATA ONLY: what is said of single calls beside their kind: when one is no defect, and why one blocks.

/// When a call is no defect, by the longest beginning of its path.
pub(super) const BY_PATH: &[(&str, &str)] = &[
    ("argon2::", "the parameters are those of a test"),
    ("camino::", "the path lies on a memory file system, at start"),
    ("crossbeam_channel::Receiver::iter", "`try_iter` is meant: it takes what is there"),
    ("crossterm::event::poll", "the time-out is zero: not warned about"),
    ("crossterm::event::read", "`poll` has just said that there is an event"),
    ("dashmap::", "no reference into the map lives long, on any thread"),
    ("event_listener::", "the event is known to have come"),
    ("flate2::", "what is compressed is known to be small"),
    ("fs2::FileExt::lock", "nobody else ever locks the file"),
    ("fs4::FileExt::lock", "nobody else ever locks the file"),
    ("git2::", "the repository is small and local, at start"),
    ("libc::system", "the command is known to be instant, at start"),
    ("nix::sys::wait::waitpid", "the flags hold `WNOHANG`: not warned about"),
    ("parking_lot::", "the section is a few instructions, on every thread that takes the lock"),
    ("r2d2::", "the pool never runs dry, and does not test its connections"),
    ("rayon::", "the work is known to be small"),
    ("redb::Database::begin_read", "a reader waits for nobody: only the pages are read"),
    ("reqwest::blocking::Client::new", "never: it panics inside of a runtime"),
    ("reqwest::blocking::ClientBuilder::build", "never: it panics inside of a runtime"),
    ("rusqlite::", "the database lies in memory, and the query is small"),
    ("rustls_native_certs::", "once, before the service serves"),
    ("serde_json::", "the file is known to be small, at start"),
    ("std::fs::File::lock", "nobody else ever locks the file"),
    (
        "std::io::Seek::",
        "the file is opened to be read in blocks elsewhere: the call itself is one short system call",
    ),
    ("std::net::TcpStream::connect", "the address is known to be local"),
    ("std::net::ToSocketAddrs::", "the text is an address in digits: nothing is looked up then"),
    ("std::net::UdpSocket::send", "the socket's buffer has room, as it nearly always has"),
    ("std::path::Path::", "a file system in memory, or the service is only starting"),
    ("std::process::Child::wait", "`try_wait` has just said that the child has ended"),
    ("std::sync::Barrier::", "never on the last thread but for itself: the others wait"),
    ("std::sync::Condvar::", "never: it waits for another thread"),
    ("std::sync::Once::", "it has been completed before any task runs"),
    ("std::sync::OnceLock::", "it has been completed before any task runs"),
    ("std::sync::mpsc::Receiver::", "a message is known to be there: `try_recv` says so without waiting"),
    (
        "std::sync::mpsc::SyncSender::",
        "the channel is known to have room: `try_send` says so without waiting",
    ),
    ("std::thread::JoinHandle::join", "`is_finished` has just said that the thread has ended"),
    ("std::thread::scope", "its threads do next to nothing"),
    (
        "tokio::runtime::Handle::block_on",
        "inside of `block_in_place` or `spawn_blocking`: not warned about there",
    ),
    ("tokio::runtime::Runtime::block_on", "never: it panics inside of a runtime"),
    ("tokio::sync::", "never: it panics inside of a runtime"),
    ("tokio::task::LocalSet::block_on", "never: it panics inside of a runtime"),
    ("walkdir::", "the tree is small and local, at start"),
];

/// The same by kind, where the path says nothing.
pub(super) const BY_KIND: &[(&str, &str)] = &[
    ("sleep", "the time is zero: not warned about"),
    ("fs", "the file is small, local and cached, or the service is only starting"),
    ("net", "the socket does not block (`set_nonblocking`)"),
    ("dns", "the name is an address in digits: nothing is looked up then"),
    ("process", "the service is only starting"),
    ("lock", "the section is a few instructions, on every thread that takes the lock"),
    ("channel", "a message, or room for one, is known to be there"),
    ("block_on", "the thread is no worker: inside of `spawn_blocking`, or a thread of one's own"),
    ("stdio", "a command line tool that has nothing else to do meanwhile"),
    ("db", "the database lies in memory, and the query is small"),
    ("crypto", "the parameters are those of a test"),
    ("compression", "what is compressed is known to be small"),
    ("cpu", "the work is known to be small"),
];

/// Why a call blocks that waits for something else than its kind does; by the beginning of its path.
pub(super) const OTHER_REASONS: &[(&str, &str)] = &[
    ("std::process::Command::spawn", "it waits until the system has started the process"),
    ("std::thread::park", "it waits for another thread's `unpark`"),
];
