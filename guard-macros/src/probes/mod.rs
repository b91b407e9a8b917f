//! The room for probes: what replaces a candidate, so that rustc asks its types whether it is a row of the catalogue.
//!
//! Every generated token carries the span of a token of the user's: so the edition, the lints' levels and the lints'
//! own idea of what was written by hand stay as they were. Parentheses around the call take the span of its first
//! token, `.1` that of its last one, and everything that a warning points to that of the name.

mod arguments;
mod body;
mod call_guard;
mod function;
mod levels;
mod method;
mod places;
mod probed;
mod result;
mod tags;
mod verdict;
mod wrappers;

pub(crate) use body::Probes;
pub(crate) use levels::Levels;
pub(crate) use places::{Binding, Place, Root};
pub(crate) use probed::Probed;
