//! DATA ONLY: the kinds of blocking, each with its default level and the reason why such a call blocks.

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

/// The kind of a name, as options, rows and the project's file give it.
pub(crate) fn kind_named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The names of all kinds.
pub(crate) fn kind_names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}
