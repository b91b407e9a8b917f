//! The room for what rustc was told: which crates there are, where guard-runtime is among them, which lints
//! it forbids, which macros are its own.

mod arguments;
mod externs;
mod forbids;
mod own_macros;
mod runtime;
mod sources;

pub(crate) use arguments::is_plain_rustc;
pub(crate) use externs::{Lookup, lookup};
pub(crate) use forbids::forbids_lints;
pub(crate) use own_macros::{is_known_for_macros, is_own_macro};
pub(crate) use runtime::{is_absolute, private};
