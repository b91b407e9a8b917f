//! What is a pool's to drop, and may come to be dropped elsewhere.

use super::inside::pool_name;
use super::job::drop_caught;
use crate::region;
use std::mem::needs_drop;
use tokio::runtime::Handle;

/// Dropped on an executor's thread, the value goes to a thread of tokio's blocking pool, because its drop may block.
pub(super) struct Resting<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Resting<T> {
    pub(super) fn new(value: T) -> Resting<T> {
        Resting(Some(value))
    }

    pub(super) fn wake(mut self) -> T {
        self.0.take().expect("it is there until it wakes")
    }
}

impl<T: Send + 'static> Drop for Resting<T> {
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
