//! Streams: what a thread of a pool makes one after the other, for a consumer that awaits it.

mod buffer;
mod from_closure;
mod from_iterator;

pub use from_closure::{Sent, Sink, Unwanted};
pub use from_iterator::Items;
