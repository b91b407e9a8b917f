//! On what a piece of code runs: a worker, the blocking pool, or a thread of its own.

use crate::detect::{executor, frames};
use crate::region;
use std::fmt;

/// On what code runs, as [`here`] tells it and as every report names it.
///
/// Blocking stalls other tasks on a `Worker`, always, and on `BlockOn` whatever else that thread drives. On `Blocking`,
/// `Pool` and `InPlace` it is what the thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Here {
    /// On a worker of a tokio runtime, with its index. A current-thread runtime has one: whoever is in its `block_on`.
    Worker(usize),
    /// On the blocking pool: in `spawn_blocking`, in `tokio::fs`.
    Blocking,
    /// In a closure of the [`Pool`](crate::offload::Pool) or [`Actor`](crate::offload::Actor) of this name; those of
    /// [`offload`](crate::offload()) run in the one that is named `default`.
    #[cfg(feature = "tokio")]
    Pool(&'static str),
    /// In `block_in_place`, on a thread that has handed its worker over to another one.
    InPlace,
    /// On a thread that waits in `block_on` for one future and is no worker: the body of a multi-thread runtime's
    /// `main`, and `Handle::block_on`.
    BlockOn,
    /// On a thread that no runtime knows.
    Plain,
}

impl Here {
    /// What tokio's answers alone say.
    pub(crate) fn by_answers(worker: Option<usize>, in_task: bool) -> Here {
        match (worker, in_task) {
            (Some(worker), _) => Here::Worker(worker),
            (None, true) => Here::Blocking,
            (None, false) => Here::Plain,
        }
    }
}

impl fmt::Display for Here {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Here::Worker(worker) => write!(f, "worker {worker}"),
            Here::Blocking => f.write_str("the blocking pool"),
            #[cfg(feature = "tokio")]
            Here::Pool(name) => write!(f, "the pool {name}"),
            Here::InPlace => f.write_str("a thread in block_in_place"),
            Here::BlockOn => f.write_str("a thread in block_on"),
            Here::Plain => f.write_str("a thread outside of any runtime"),
        }
    }
}

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
    match frames::here(executor::worker(), executor::task().is_some()) {
        #[cfg(feature = "tokio")]
        here @ (Here::Blocking | Here::Plain) => crate::offload::pool_name().map_or(here, Here::Pool),
        here => here,
    }
}
