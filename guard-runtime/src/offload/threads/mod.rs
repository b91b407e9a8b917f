//! Where closures run: on tokio's threads for blocking, on rayon's for computing, on an actor's own.

mod actor;
mod blocking;
#[cfg(feature = "rayon")]
mod computing;
mod handoff;

pub(crate) use actor::{ActorThread, Inbox, NotMade};
pub(crate) use blocking::BlockingThreads;
#[cfg(feature = "rayon")]
pub(crate) use computing::ComputingThreads;
