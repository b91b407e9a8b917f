//! `here()`: on what the calling code runs.

use crate::judge;
use crate::model::Here;
use crate::region;
use crate::thread::executor;

/// On what the caller runs.
///
/// By tokio's own answers, and where these leave it open by the functions on the stack. Without the hooks (see
/// [`status`](crate::status)) there are the answers alone: then a task without a worker counts as `Blocking`, and what
/// is neither a worker nor a task as `Plain`. Without the feature `workers` there is no worker either.
///
/// # Cost
///
/// Some microseconds a stack frame, and the program's symbol table at the first call: for logs and tests, not for each
/// request.
///
/// # Example
///
/// ```
/// use guard_runtime::{Here, here};
///
/// # #[cfg(feature = "workers")] {
/// let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// runtime.block_on(async {
///     assert_eq!(here(), Here::Worker(0));
///     assert_eq!(tokio::task::spawn_blocking(here).await.unwrap(), Here::Blocking);
/// });
/// # }
/// assert_eq!(here(), Here::Plain);
/// ```
pub fn here() -> Here {
    let _quiet = region::quiet();
    match judge::here(executor::worker(), executor::task().is_some()) {
        #[cfg(feature = "tokio")]
        here @ (Here::Blocking | Here::Plain) => crate::offload::pool_name().map_or(here, Here::Pool),
        here => here,
    }
}
