//! The room for what all readers of a user's input share, attributes and project file: errors, suggestions, times.

pub(crate) mod duration;
mod errors;
mod unknown;

pub(crate) use errors::{Errors, or_item};
pub(crate) use unknown::unknown;
