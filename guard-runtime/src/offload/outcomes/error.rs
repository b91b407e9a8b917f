//! Why an offloaded closure gave no value.

use std::any::Any;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

/// Why a closure handed to a [`Pool`](crate::Pool) gave no value.
///
/// `Display` is one line without the pool's name, which the caller knows.
///
/// # Example
///
/// ```
/// use guard_runtime::Pool;
/// use guard_runtime::offload::OffloadError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let pool = Pool::builder("io").build();
/// # let expensive = || 7;
/// let status = match pool.run(expensive).await {
///     Ok(value) => { assert_eq!(value, 7); 200 }
///     // The client may try again later, or at another instance.
///     Err(OffloadError::QueueFull | OffloadError::Closed) => 503,
///     Err(OffloadError::DeadlineInQueue | OffloadError::DeadlineRunning) => 504,
///     Err(error) => { eprintln!("{error}"); 500 }
/// };
/// # assert_eq!(status, 200);
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum OffloadError {
    /// Every thread is busy and the queue is full. The closure was not run, and is dropped.
    QueueFull,
    /// The deadline passed while the closure waited for a thread. It was not run, and never will be.
    DeadlineInQueue,
    /// The deadline passed while the closure ran. It runs on and keeps its thread until it ends; what it gives is
    /// dropped there.
    DeadlineRunning,
    /// Cancelled before it began, by its token or by the pool's shutdown. It was not run.
    Cancelled,
    /// It panicked.
    Panicked(Panic),
    /// An earlier closure of the [`Actor`](crate::offload::Actor) panicked, and may have left its state half changed.
    Poisoned,
    /// It waits for the [`Actor`](crate::offload::Actor) inside of a closure of the same actor, and so for itself.
    Deadlock,
    /// The pool or its runtime was shut down before the closure was accepted or begun.
    Closed,
}

impl OffloadError {
    /// Whether the closure was not run, so that trying again does nothing twice.
    pub fn is_unrun(&self) -> bool {
        match self {
            OffloadError::DeadlineRunning | OffloadError::Panicked(_) => false,
            OffloadError::QueueFull
            | OffloadError::DeadlineInQueue
            | OffloadError::Cancelled
            | OffloadError::Poisoned
            | OffloadError::Deadlock
            | OffloadError::Closed => true,
        }
    }
}

impl fmt::Display for OffloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OffloadError::QueueFull => f.write_str("every thread is busy and the queue is full"),
            OffloadError::DeadlineInQueue => f.write_str("the deadline passed in the queue"),
            OffloadError::DeadlineRunning => {
                f.write_str("the deadline passed while the closure ran, and it was abandoned")
            }
            OffloadError::Cancelled => f.write_str("cancelled before it began"),
            OffloadError::Panicked(panic) => panic.fmt(f),
            OffloadError::Poisoned => f.write_str(
                "an earlier closure of this actor panicked, and may have left its state half changed",
            ),
            OffloadError::Deadlock => f.write_str("it would wait for itself"),
            OffloadError::Closed => f.write_str("the pool was shut down"),
        }
    }
}

impl std::error::Error for OffloadError {}

/// The payload of a panic in an offloaded closure.
pub struct Panic(Box<Caught>); // Small, because every outcome of a closure has room for it.

struct Caught {
    message: Option<Box<str>>,
    // The lock is never contended: it makes `Sync` of what is only `Send`, as `?` into a boxed error needs it.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Panic {
        let text = match payload.downcast_ref::<&str>() {
            Some(text) => Some(*text),
            None => payload.downcast_ref::<String>().map(String::as_str),
        };
        Panic(Box::new(Caught { message: text.map(Into::into), payload: Mutex::new(payload) }))
    }

    /// The text it panicked with, if that was a text.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The payload, as [`catch_unwind`](std::panic::catch_unwind) gives it.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on panicking on this thread, as if the closure had been called here.
    pub fn resume(self) -> ! {
        resume_unwind(self.into_payload())
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => write!(f, "panicked: {message}"),
            None => f.write_str("panicked"),
        }
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic").field("message", &self.message()).finish_non_exhaustive()
    }
}
