//! Futures that are handed to a new task, guarded there as well: where what spawns them is tokio's, by its type.

use super::Silent;
use crate::guarded::{Guarded, guarded_unasked};
use crate::model::Site;

/// The tag that asks a receiver whether its `spawn` makes a task of any future.
#[derive(Clone, Copy, Debug)]
pub struct Spawns;

/// The verdict on one that does.
#[derive(Clone, Copy, Debug)]
pub struct MakesTasks;

#[cfg(feature = "tokio")]
mod of_tokio {
    use super::super::Receiver;
    use super::{MakesTasks, Spawns};

    impl<T> Receiver<Spawns> for tokio::task::JoinSet<T> {
        type Row = MakesTasks;
    }

    impl Receiver<Spawns> for tokio::task::LocalSet {
        type Row = MakesTasks;
    }

    impl Receiver<Spawns> for tokio::runtime::Handle {
        type Row = MakesTasks;
    }

    impl Receiver<Spawns> for tokio::runtime::Runtime {
        type Row = MakesTasks;
    }
}

/// What becomes of an argument of `spawn`.
pub trait Spawner {
    /// What is handed over in its place.
    type Given<F>;

    /// Makes it.
    fn given<F>(future: F, site: &'static Site) -> Self::Given<F>;
}

impl Spawner for MakesTasks {
    type Given<F> = Guarded<F>;

    fn given<F>(future: F, site: &'static Site) -> Guarded<F> {
        guarded_unasked(future, site)
    }
}

/// A `spawn` of anybody else's takes what it takes.
impl Spawner for Silent {
    type Given<F> = F;

    fn given<F>(argument: F, _: &'static Site) -> F {
        argument
    }
}

/// Gives a variable the type of a verdict; never runs.
pub fn fill_spawner<S: Spawner>(_: &mut Option<S>, _: S) {}

/// An argument of `spawn`, guarded where the verdict says that it is a task's future.
pub fn spawned<S: Spawner, F>(_: Option<S>, future: F, site: &'static Site) -> S::Given<F> {
    S::given(future, site)
}

/// The same where the callee's path says it.
pub fn spawned_by_tokio<F>(future: F, site: &'static Site) -> Guarded<F> {
    guarded_unasked(future, site)
}
