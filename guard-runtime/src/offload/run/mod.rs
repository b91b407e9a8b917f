//! The future of one closure: hands it over to a pool, waits for its outcome, gives up on it.

mod blocking_drop;
mod future;
mod limits;
mod nested_wait;
mod submission;

pub(crate) use blocking_drop::BlockingDrop;
pub use future::Run;
pub(crate) use submission::Order;
