//! What the hooks forward to in a dynamically linked glibc: the next definition of each symbol.

use super::symbol::Symbol;
use super::{files, locks, paths, sockets, streams, waits};
use crate::site::Kind;

static TABLES: &[&[&Symbol]] = &[
    paths::SYMBOLS,
    files::SYMBOLS,
    streams::SYMBOLS,
    sockets::SYMBOLS,
    locks::SYMBOLS,
    waits::SYMBOLS,
    #[cfg(target_arch = "x86_64")]
    super::loading::SYMBOLS,
];

/// Every symbol of every table.
pub(super) fn symbols() -> impl Iterator<Item = &'static Symbol> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}

/// Finds libc's functions, so that no hook has to look for its own in the middle of something.
pub(super) fn prepare() {
    for symbol in symbols() {
        symbol.get();
    }
}

/// The hooks whose function this libc lacks: they are out of force.
pub(super) fn unresolved() -> Vec<&'static str> {
    symbols().filter(|symbol| symbol.get().is_none()).map(Symbol::name).collect()
}

/// Whether every blocking call of this kind that libc makes is one of a hook's.
pub(super) fn has(_kind: Kind) -> bool {
    true
}
