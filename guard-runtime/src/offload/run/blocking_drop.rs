//! A value whose drop may block, and may come to happen on an executor's thread.

use crate::offload::jobs::drop_caught;
use crate::offload::nested::pool_name;
use crate::region;
use std::mem::needs_drop;
use tokio::runtime::Handle;

/// Dropped on an executor's thread, the value goes to a thread of tokio's blocking pool, because its drop may block.
pub(crate) struct BlockingDrop<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> BlockingDrop<T> {
    pub(crate) fn new(value: T) -> BlockingDrop<T> {
        BlockingDrop(Some(value))
    }

    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect("it is there until it is taken out")
    }
}

impl<T: Send + 'static> Drop for BlockingDrop<T> {
    fn drop(&mut self) {
        let Some(value) = self.0.take().filter(|_| needs_drop::<T>()) else { return };
        match Handle::try_current() {
            Ok(runtime) if pool_name().is_none() => {
                let _allowed = region::allow("handing over to tokio");
                runtime.spawn_blocking(move || drop(value));
            }
            // A thread of the pool, or no executor's.
            _ => drop_caught(value),
        }
    }
}
