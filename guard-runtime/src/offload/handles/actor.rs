//! `Actor`: an owner for what must stay on one thread.

use super::shutdown::{Leftover, shutdown};
use super::stats::PoolStats;
use crate::offload::jobs::{CallSite, Shared};
use crate::offload::run::{Order, Run};
use crate::offload::slots::Admission;
use crate::offload::threads::{ActorThread, Inbox, NotMade};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// A state that lives on a thread of its own, and closures that are run on it, one after the other.
///
/// For what must stay on one thread or must not be used by two: a SQLite connection, a handle of a C library, a device.
/// The state need not be `Send`: it is made on the thread, used there and dropped there, when the last handle is
/// gone. Cloning gives another handle. The mailbox is limited; what does not fit is refused.
///
/// A closure that panics poisons the actor: its caller gets the panic, everyone after that
/// [`Poisoned`](crate::offload::OffloadError::Poisoned), because the state may be half changed. Spawn a new one.
///
/// # Cost
///
/// One thread; a change of thread there and back for each closure, some microseconds; half of one when many are waiting.
///
/// # Example
///
/// ```
/// use guard_runtime::offload::Actor;
/// use rusqlite::Connection;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Actor::spawn(Connection::open_in_memory).await?;
/// db.with(|connection| connection.execute_batch("CREATE TABLE people (name TEXT)")).await??;
///
/// let name = "Ada".to_owned();
/// let added = db.with(move |connection| connection.execute("INSERT INTO people VALUES (?1)", [name])).await??;
/// assert_eq!(added, 1);
/// # Ok(())
/// # }
/// ```
pub struct Actor<S: 'static> {
    shared: Arc<Shared<S>>,
    inbox: Arc<Inbox<S>>,
}

/// Sets up an [`Actor`]. Made by [`Actor::builder`].
#[derive(Clone, Debug)]
#[must_use = "it has to be spawned"]
pub struct ActorBuilder {
    name: String,
    mailbox: usize,
    wait_limit: Option<Duration>,
}

/// How many closures wait for an actor unless told otherwise.
const MAILBOX: usize = 1_000;

impl Actor<()> {
    /// An actor with a name, for its thread, statistics and reports. Each different name is kept for ever.
    pub fn builder(name: impl Into<String>) -> ActorBuilder {
        ActorBuilder { name: name.into(), mailbox: MAILBOX, wait_limit: None }
    }
}

impl<S: 'static> Actor<S> {
    /// Starts a thread, makes the state on it by `make`, and gives the actor when that is done.
    ///
    /// It is named after the type of the state; see [`Actor::builder`] for another name and a smaller mailbox.
    ///
    /// # Errors
    ///
    /// That of `make`.
    ///
    /// # Panics
    ///
    /// If `make` does, with its payload, and if the operating system starts no thread.
    pub async fn spawn<E: Send + 'static>(
        make: impl FnOnce() -> Result<S, E> + Send + 'static,
    ) -> Result<Actor<S>, E> {
        let path = std::any::type_name::<S>();
        let end = path.find('<').unwrap_or(path.len());
        Actor::builder(path[..end].rsplit("::").next().unwrap_or(path)).spawn(make).await
    }

    /// The name of its thread.
    pub fn name(&self) -> &'static str {
        self.shared.name
    }

    /// Runs `f` on the state; awaiting gives its value. First come, first served.
    ///
    /// # Cancellation
    ///
    /// See [`Run`]: dropped in time, `f` never runs. [`Run::with_deadline`] limits the time, and by [`Run::with_token`] it
    /// is told that nobody waits any more. For many rows see [`Actor::stream_with`].
    ///
    /// # Errors
    ///
    /// [`QueueFull`](crate::offload::OffloadError::QueueFull), [`Panicked`](crate::offload::OffloadError::Panicked),
    /// [`Poisoned`](crate::offload::OffloadError::Poisoned), [`Closed`](crate::offload::OffloadError::Closed), and
    /// [`Deadlock`](crate::offload::OffloadError::Deadlock) where a closure of the actor waits for the actor.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::offload::{Actor, OffloadError};
    /// # use std::convert::Infallible;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), OffloadError> {
    /// let counter = Actor::spawn(|| Ok::<_, Infallible>(0_u32)).await.unwrap();
    /// assert_eq!(counter.with(|count| { *count += 1; *count }).await?, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn with<F, T>(&self, f: F) -> Run<F, T, S>
    where
        F: FnOnce(&mut S) -> T + Send + 'static,
        T: Send + 'static,
    {
        Run::new(Order {
            shared: self.shared(),
            f,
            call: |f, state| f(state),
            site: CallSite::of::<F>(),
            patient: false,
        })
    }

    pub(crate) fn shared(&self) -> Arc<Shared<S>> {
        Arc::clone(&self.shared)
    }

    /// Whether a closure has panicked, so that the actor refuses all others.
    pub fn is_poisoned(&self) -> bool {
        self.shared.threads.refusal().is_some()
    }

    /// What it does now, and has done so far: a pool with one thread. See [`PoolStats`].
    pub fn stats(&self) -> PoolStats {
        PoolStats::new(&self.shared)
    }

    /// Accepts nothing more, waits until all that was accepted has ended and the state is dropped, for `limit` at most.
    ///
    /// As [`Pool::shutdown`](crate::Pool::shutdown). Where time runs out, the state is dropped when the closure that
    /// runs has ended, and the last handle is gone. A drop of the state that takes longer than that goes on, and is told
    /// by [`Leftover::is_dropping`].
    ///
    /// # Panics
    ///
    /// If the runtime was built without time.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::offload::Actor;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Actor::spawn(rusqlite::Connection::open_in_memory).await?;
    /// let left = db.shutdown(Duration::from_secs(10)).await;
    /// assert!(left.is_empty(), "{left}"); // and the connection is closed
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown(&self, limit: Duration) -> Leftover {
        let start = Instant::now();
        let mut left = shutdown(&self.shared, limit).await;
        if left.is_empty() {
            self.inbox.close();
            let rest = limit.saturating_sub(start.elapsed());
            left.dropping = timeout(rest, self.inbox.ended.cancelled()).await.is_err();
        }
        left
    }
}

impl ActorBuilder {
    /// How many closures may wait; any further one is refused with
    /// [`QueueFull`](crate::offload::OffloadError::QueueFull). 1,000 by default.
    pub fn mailbox(mut self, closures: usize) -> ActorBuilder {
        self.mailbox = closures;
        self
    }

    /// From how long on a closure's wait is a violation: as
    /// [`PoolBuilder::wait_limit`](crate::offload::PoolBuilder::wait_limit).
    pub fn wait_limit(mut self, limit: Duration) -> ActorBuilder {
        self.wait_limit = Some(limit);
        self
    }

    /// As [`Actor::spawn`].
    ///
    /// # Errors
    ///
    /// That of `make`.
    ///
    /// # Panics
    ///
    /// If `make` does, with its payload, and if the operating system starts no thread.
    pub async fn spawn<S: 'static, E: Send + 'static>(
        self,
        make: impl FnOnce() -> Result<S, E> + Send + 'static,
    ) -> Result<Actor<S>, E> {
        let inbox = Inbox::new();
        // Its drop ends the thread, also where nobody waits for the state any more when it is made.
        let threads = Box::new(ActorThread::new(Arc::clone(&inbox)));
        match inbox.start(&self.name, make).await {
            Ok(Ok(())) => {}
            Ok(Err(NotMade::Error(error))) => return Err(error),
            Ok(Err(NotMade::Panic(panic))) => panic.resume(),
            Err(_) => unreachable!("the thread says how it went, whatever happens"),
        }
        let admission = Admission::new(1, self.mailbox);
        let shared = Shared::new("actor", &self.name, admission, self.wait_limit, threads);
        Ok(Actor { shared: Arc::new(shared), inbox })
    }
}

impl<S> Clone for Actor<S> {
    fn clone(&self) -> Actor<S> {
        Actor { shared: Arc::clone(&self.shared), inbox: Arc::clone(&self.inbox) }
    }
}

impl<S> fmt::Debug for Actor<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actor").field("name", &self.shared.name).finish_non_exhaustive()
    }
}
