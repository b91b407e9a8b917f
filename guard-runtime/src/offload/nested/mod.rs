//! Closures that wait for other closures: which pool's closure a thread runs, who waits for whom, who looks after them.

mod current;
mod wait;
mod watcher;

pub(crate) use current::{PoolId, pool_name};
pub(crate) use wait::{InPool, LentSlot, NestedWait, WaitGuard, is_awaited_by, run_awaited_by};
pub(crate) use watcher::{Watched, look_again, watch};
