//! The room for what rustc was told: which crates there are, where guard-runtime is among them, which lints it forbids.

mod arguments;
mod externs;
mod forbids;
mod runtime;

pub(crate) use arguments::is_plain_rustc;
pub(crate) use externs::{Lookup, lookup};
pub(crate) use forbids::forbids_lints;
pub(crate) use runtime::{is_absolute, private};
