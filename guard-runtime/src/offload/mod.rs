//! The fix: moves blocking work off the executor's threads.
//!
//! | the work | the way |
//! |---|---|
//! | blocks now and then | [`offload()`] |
//! | blocks often, or may pile up | a [`Pool`] of its own |
//! | computes | `Pool::cpu` (feature `rayon`) |
//! | many items; a blocking iterator; rows | [`Pool::map`]; [`Pool::stream`]; [`Pool::stream_with`] |
//! | must stay on one thread; its rows | an [`Actor`]; [`Actor::stream_with`] |
//! | borrows | [`offload_in_place`] |
//!
//! [The guide](crate::book::offloading) goes through it question by question.

// From top to bottom: each room imports only those below it.
mod batches;
mod streams;

mod handles;

mod run;
mod threads;

mod jobs;

mod nested;

mod slots;

mod outcomes;
mod sync;

pub use batches::{All, Map, Settle, TryMap};
pub use handles::{
    Actor, ActorBuilder, Leftover, Offload, Pool, PoolBuilder, PoolStats, Running, SiteStats, default_pool,
    in_place_times, offload, offload_in_place, set_default_pool,
};
pub(crate) use nested::pool_name;
pub use outcomes::{OffloadError, Panic, Times};
pub use run::Run;
pub use streams::{Items, Sent, Sink, Unwanted};
