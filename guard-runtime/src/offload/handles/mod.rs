//! What users hold: pools, actors, the short form `offload`, and what these tell of themselves.

mod actor;
mod builder;
mod default_pool;
mod in_place;
mod pool;
mod shutdown;
mod stats;

pub use actor::{Actor, ActorBuilder};
pub use builder::PoolBuilder;
pub use default_pool::{Offload, default_pool, offload, set_default_pool};
pub use in_place::{in_place_times, offload_in_place};
pub use pool::Pool;
pub use shutdown::{Leftover, Running};
pub use stats::{PoolStats, SiteStats};
