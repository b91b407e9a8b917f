//! On what a piece of code runs: a worker, the blocking pool, or a thread of its own.

use std::fmt;

/// On what code runs, as [`here()`](crate::here()) tells it and as every report names it.
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
