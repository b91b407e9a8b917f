//! What the hooks forward to in a dynamically linked glibc: the next definition of each symbol.

use super::{files, locks, paths, sockets, streams, waits};
use crate::engines::hooks::symbol::Symbol;
use crate::model::Kind;

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
pub(in crate::engines::hooks) fn symbols() -> impl Iterator<Item = &'static Symbol> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}

/// Finds libc's functions, so that no hook has to look for its own in the middle of something.
pub(in crate::engines::hooks) fn prepare() {
    for symbol in symbols() {
        symbol.get();
    }
}

/// The hooks whose function this libc lacks: they are out of force.
pub(in crate::engines::hooks) fn unresolved() -> Vec<&'static str> {
    symbols().filter(|symbol| symbol.get().is_none()).map(Symbol::name).collect()
}

/// Whether every blocking call of this kind that libc makes is one of a hook's.
pub(in crate::engines::hooks) fn has(_kind: Kind) -> bool {
    true
}
