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

mod actor;
mod admission;
mod bare;
mod blocking;
mod books;
mod builder;
mod call_site;
#[cfg(feature = "rayon")]
mod cpu;
mod error;
mod fan;
mod feed;
mod in_place;
mod inside;
mod job;
mod map;
mod names;
mod own_thread;
mod pool;
mod post;
mod queue;
mod relief;
mod resting;
mod run;
mod runner;
mod saturation;
mod shared;
mod shutdown;
mod sink;
mod stats;
mod stream;
mod sync;
mod task;
mod times;

pub use actor::{Actor, ActorBuilder};
pub use bare::{Offload, default_pool, offload, set_default_pool};
pub use builder::PoolBuilder;
pub use error::{OffloadError, Panic};
pub use in_place::{in_place_times, offload_in_place};
pub(crate) use inside::pool_name;
pub use map::{All, Map, Settle, TryMap};
pub use pool::Pool;
pub use run::Run;
pub use shutdown::{Leftover, Running};
pub use sink::{Sent, Sink, Unwanted};
pub use stats::{PoolStats, SiteStats};
pub use stream::Items;
pub use times::Times;
