//! DATA ONLY: what blocks of std's threads and file system.
//!
//! Where std has an item only since a later version than the MSRV, a function gets no row; a method may.

use super::row::Receiver::{Mut, Shared, Value};
use super::row::{Row, Types, function, method};

pub(super) const FILE: Types = &[("", "::std::fs::File")];
const PATH: Types = &[("", "::std::path::Path")];
const DIR_ENTRY: Types = &[("", "::std::fs::DirEntry")];
pub(super) const WAIT_FOR_FILE_LOCK: &str = "wait for the file lock inside `guard_runtime::offload(..)`";
const USE_TOKIO_FILE: &str =
    "open it with `tokio::fs`, or move the whole use of the file into `guard_runtime::offload(..)`";

pub(super) const ROWS: &[Row] = &[
    // thread
    function("std::thread::sleep", "sleep", "", "write `tokio::time::sleep(..).await`"),
    function("std::thread::park", "channel", "", "wait on a `tokio::sync::Notify`"),
    function(
        "std::thread::park_timeout",
        "channel",
        "",
        "wait on a `tokio::sync::Notify` within `tokio::time::timeout`",
    ),
    method(
        "std::thread::JoinHandle::join",
        "thread_join",
        Value,
        &[
            ("<T>", "::std::thread::JoinHandle<T>"),
            ("<'scope, T>", "::std::thread::ScopedJoinHandle<'scope, T>"),
        ],
        "start the work with `guard_runtime::offload(..)` and await that",
    ),
    function(
        "std::thread::scope",
        "thread_join",
        "(|_: &::std::thread::Scope<'_, '_>| ())",
        "start the work with `guard_runtime::offload(..)` and await that",
    ),
    // fs: functions
    function("std::fs::canonicalize", "fs", "<&str>", "write `tokio::fs::canonicalize(..).await`"),
    function("std::fs::copy", "fs", "<&str, &str>", "write `tokio::fs::copy(..).await`"),
    function("std::fs::create_dir", "fs", "<&str>", "write `tokio::fs::create_dir(..).await`"),
    function("std::fs::create_dir_all", "fs", "<&str>", "write `tokio::fs::create_dir_all(..).await`"),
    function("std::fs::exists", "fs", "<&str>", "write `tokio::fs::try_exists(..).await`"),
    function("std::fs::hard_link", "fs", "<&str, &str>", "write `tokio::fs::hard_link(..).await`"),
    function("std::fs::metadata", "fs", "<&str>", "write `tokio::fs::metadata(..).await`"),
    function("std::fs::read", "fs", "<&str>", "write `tokio::fs::read(..).await`"),
    function("std::fs::read_dir", "fs", "<&str>", "write `tokio::fs::read_dir(..).await`"),
    function("std::fs::read_link", "fs", "<&str>", "write `tokio::fs::read_link(..).await`"),
    function("std::fs::read_to_string", "fs", "<&str>", "write `tokio::fs::read_to_string(..).await`"),
    function("std::fs::remove_dir", "fs", "<&str>", "write `tokio::fs::remove_dir(..).await`"),
    function("std::fs::remove_dir_all", "fs", "<&str>", "write `tokio::fs::remove_dir_all(..).await`"),
    function("std::fs::remove_file", "fs", "<&str>", "write `tokio::fs::remove_file(..).await`"),
    function("std::fs::rename", "fs", "<&str, &str>", "write `tokio::fs::rename(..).await`"),
    function("std::fs::set_permissions", "fs", "<&str>", "write `tokio::fs::set_permissions(..).await`"),
    function("std::fs::symlink_metadata", "fs", "<&str>", "write `tokio::fs::symlink_metadata(..).await`"),
    function("std::fs::write", "fs", "<&str, &str>", "write `tokio::fs::write(..).await`"),
    function("std::os::unix::fs::symlink", "fs", "<&str, &str>", "write `tokio::fs::symlink(..).await`"),
    // fs: files
    function("std::fs::File::open", "fs", "<&str>", "write `tokio::fs::File::open(..).await`"),
    function("std::fs::File::create", "fs", "<&str>", "write `tokio::fs::File::create(..).await`"),
    function("std::fs::File::create_new", "fs", "<&str>", "write `tokio::fs::File::create_new(..).await`"),
    method("std::fs::File::sync_all", "fs", Shared, FILE, "write `sync_all().await` on a `tokio::fs::File`"),
    method(
        "std::fs::File::sync_data",
        "fs",
        Shared,
        FILE,
        "write `sync_data().await` on a `tokio::fs::File`",
    ),
    method("std::fs::File::set_len", "fs", Shared, FILE, "write `set_len(..).await` on a `tokio::fs::File`"),
    method("std::fs::File::metadata", "fs", Shared, FILE, "write `metadata().await` on a `tokio::fs::File`"),
    method(
        "std::fs::File::set_permissions",
        "fs",
        Shared,
        FILE,
        "write `set_permissions(..).await` on a `tokio::fs::File`",
    ),
    method("std::fs::File::set_times", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::set_modified", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::os::unix::fs::FileExt::read_at", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::os::unix::fs::FileExt::read_exact_at", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::os::unix::fs::FileExt::write_at", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::os::unix::fs::FileExt::write_all_at", "fs", Shared, FILE, USE_TOKIO_FILE),
    method("std::fs::File::lock", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method("std::fs::File::lock_shared", "lock", Shared, FILE, WAIT_FOR_FILE_LOCK),
    method(
        "std::fs::OpenOptions::open",
        "fs",
        Shared,
        &[("", "::std::fs::OpenOptions")],
        "write `tokio::fs::OpenOptions::new()..open(..).await`",
    ),
    method(
        "std::fs::DirBuilder::create",
        "fs",
        Shared,
        &[("", "::std::fs::DirBuilder")],
        "write `tokio::fs::DirBuilder::new()..create(..).await`",
    ),
    method(
        "std::fs::DirEntry::metadata",
        "fs",
        Shared,
        DIR_ENTRY,
        "list the directory with `tokio::fs::read_dir` and write `metadata().await`",
    ),
    method(
        "std::fs::DirEntry::file_type",
        "fs",
        Shared,
        DIR_ENTRY,
        "list the directory with `tokio::fs::read_dir` and write `file_type().await`",
    ),
    method(
        "std::fs::ReadDir::next",
        "fs",
        Mut,
        &[("", "::std::fs::ReadDir")],
        "write `next_entry().await` on a `tokio::fs::ReadDir`",
    ),
    method(
        "std::fs::ReadDir::into_iter",
        "fs",
        Value,
        &[("", "::std::fs::ReadDir")],
        "write `while let Some(..) = next_entry().await` on a `tokio::fs::ReadDir`",
    ),
    // fs: paths
    method("std::path::Path::exists", "fs", Shared, PATH, "write `tokio::fs::try_exists(..).await`"),
    method("std::path::Path::try_exists", "fs", Shared, PATH, "write `tokio::fs::try_exists(..).await`"),
    method(
        "std::path::Path::is_file",
        "fs",
        Shared,
        PATH,
        "ask what `tokio::fs::metadata(..).await` returns",
    ),
    method("std::path::Path::is_dir", "fs", Shared, PATH, "ask what `tokio::fs::metadata(..).await` returns"),
    method(
        "std::path::Path::is_symlink",
        "fs",
        Shared,
        PATH,
        "ask what `tokio::fs::symlink_metadata(..).await` returns",
    ),
    method("std::path::Path::metadata", "fs", Shared, PATH, "write `tokio::fs::metadata(..).await`"),
    method(
        "std::path::Path::symlink_metadata",
        "fs",
        Shared,
        PATH,
        "write `tokio::fs::symlink_metadata(..).await`",
    ),
    method("std::path::Path::canonicalize", "fs", Shared, PATH, "write `tokio::fs::canonicalize(..).await`"),
    method("std::path::Path::read_link", "fs", Shared, PATH, "write `tokio::fs::read_link(..).await`"),
    method("std::path::Path::read_dir", "fs", Shared, PATH, "write `tokio::fs::read_dir(..).await`"),
];
