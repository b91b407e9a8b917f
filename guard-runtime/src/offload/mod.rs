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

#[path = "handles/actor.rs"]
mod actor;
#[path = "slots/admission.rs"]
mod admission;
#[path = "handles/default_pool.rs"]
mod bare;
#[path = "threads/blocking.rs"]
mod blocking;
#[path = "outcomes/counters.rs"]
mod books;
#[path = "handles/builder.rs"]
mod builder;
#[path = "jobs/call_site.rs"]
mod call_site;
#[cfg(feature = "rayon")]
#[path = "threads/computing.rs"]
mod cpu;
#[path = "outcomes/error.rs"]
mod error;
#[path = "batches/in_flight.rs"]
mod fan;
#[path = "streams/buffer.rs"]
mod feed;
#[path = "handles/in_place.rs"]
mod in_place;
#[path = "nested/wait.rs"]
mod inside;
#[path = "jobs/job.rs"]
mod job;
#[path = "batches/map.rs"]
mod map;
#[path = "jobs/pool_names.rs"]
mod names;
#[path = "threads/actor.rs"]
mod own_thread;
#[path = "handles/pool.rs"]
mod pool;
#[path = "threads/handoff.rs"]
mod post;
#[path = "slots/queue.rs"]
mod queue;
#[path = "run/nested_wait.rs"]
mod relief;
#[path = "run/blocking_drop.rs"]
mod resting;
#[path = "run/future.rs"]
mod run;
#[path = "jobs/worker.rs"]
mod runner;
#[path = "jobs/saturation.rs"]
mod saturation;
#[path = "jobs/shared.rs"]
mod shared;
#[path = "handles/shutdown.rs"]
mod shutdown;
#[path = "streams/from_closure.rs"]
mod sink;
#[path = "handles/stats.rs"]
mod stats;
#[path = "streams/from_iterator.rs"]
mod stream;
#[path = "sync/latch.rs"]
mod sync;
#[path = "jobs/task.rs"]
mod task;
#[path = "outcomes/times.rs"]
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
