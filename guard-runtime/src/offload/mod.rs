//! The fix: moves blocking work off the executor's threads.

mod admission;
mod bare;
mod blocking;
mod books;
mod call_site;
mod error;
mod in_place;
mod inside;
mod job;
mod names;
mod pool;
mod queue;
mod run;
mod runner;
mod saturation;
mod shared;
mod shutdown;
mod stats;
mod sync;
mod task;
mod times;

pub use bare::{Offload, default_pool, offload, set_default_pool};
pub use error::{OffloadError, Panic};
pub use in_place::offload_in_place;
pub(crate) use inside::pool_name;
pub use pool::{Pool, PoolBuilder};
pub use run::Run;
pub use shutdown::{Leftover, Running};
pub use stats::{PoolStats, SiteStats};
pub use times::Times;
