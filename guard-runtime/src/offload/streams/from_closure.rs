//! Streams from closures that send one item after the other: rows, and what else cannot leave its thread.

use super::buffer::{AHEAD, Buffer, Found};
use crate::offload::handles::{Actor, Pool};
use crate::offload::jobs::{CallSite, Shared};
use crate::offload::outcomes::OffloadError;
use crate::offload::run::{Order, Run};
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A closure's items as a stream. Made by [`Pool::stream_with`] and [`Actor::stream_with`].
///
/// It gives an error once, if the closure does not run to its end: it panics, or the pool is shut down. Then it ends.
#[must_use = "nothing is run unless it is polled"]
pub struct Sent<F, T, S: 'static = ()> {
    buffer: Arc<Buffer<T, ()>>,
    /// None once it has ended.
    run: Option<Run<(F, Sink<T>), (), S>>,
    failed: Option<OffloadError>,
}

/// Where a closure puts its items. Given to it by [`Pool::stream_with`] and [`Actor::stream_with`].
pub struct Sink<T> {
    buffer: Arc<Buffer<T, ()>>,
}

/// The stream was dropped: the item comes back, and there is no use in making more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwanted<T>(pub T);

impl Pool {
    /// Runs a closure that puts items into a [`Sink`], and gives them as a [`Stream`].
    ///
    /// For what cannot leave its thread between two items, as the rows of a statement, which borrow from it. `send` waits
    /// while 64 items have not been taken; **the thread stays taken** meanwhile, so a consumer must not wait for the same
    /// pool if such streams may take all its threads. When the stream is dropped `send` gives an error, and the
    /// closure should end.
    ///
    /// # Example
    ///
    /// ```
    /// use futures::StreamExt;
    /// # use guard_runtime::Pool;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("db").threads(4).build();
    /// let rows = pool.stream_with(|sink| {
    ///     let table = vec!["Ada", "Grace"];
    ///     for row in table.iter().copied() {
    ///         if sink.send(row).is_err() {
    ///             return;
    ///         }
    ///     }
    /// });
    /// let rows: Vec<_> = rows.map(|row| row.unwrap()).collect().await;
    /// assert_eq!(rows, ["Ada", "Grace"]);
    /// # }
    /// ```
    #[track_caller]
    pub fn stream_with<F, T>(&self, f: F) -> Sent<F, T>
    where
        F: FnOnce(&Sink<T>) + Send + 'static,
        T: Send + 'static,
    {
        Sent::new(self.shared(), f, |(f, sink), ()| f(&sink), CallSite::of::<F>())
    }
}

impl<S: 'static> Actor<S> {
    /// [`Pool::stream_with`] for what the actor owns: the rows of its connection.
    ///
    /// Until the closure has ended, the actor does nothing else. A consumer that waits for the same actor between two
    /// items therefore waits for ever, once 64 more are made: collect them first. When the stream is dropped, `send`
    /// gives an error; a closure that then ends leaves the actor to others.
    ///
    /// # Example
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use guard_runtime::offload::{Actor, Sink};
    /// use rusqlite::Connection;
    ///
    /// fn squares(connection: &Connection, sink: &Sink<rusqlite::Result<i64>>) -> rusqlite::Result<()> {
    ///     let mut statement = connection.prepare("VALUES (1), (4), (9)")?;
    ///     for row in statement.query_map([], |row| row.get(0))? {
    ///         if sink.send(row).is_err() {
    ///             break; // nobody reads on
    ///         }
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Actor::spawn(Connection::open_in_memory).await?;
    /// let mut rows = db.stream_with(|connection, sink| {
    ///     if let Err(error) = squares(connection, sink) {
    ///         let _ = sink.send(Err(error));
    ///     }
    /// });
    /// let mut sum = 0;
    /// while let Some(square) = rows.try_next().await? {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 14);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn stream_with<F, T>(&self, f: F) -> Sent<F, T, S>
    where
        F: FnOnce(&mut S, &Sink<T>) + Send + 'static,
        T: Send + 'static,
    {
        Sent::new(self.shared(), f, |(f, sink), state| f(state, &sink), CallSite::of::<F>())
    }
}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Sent<F, T, S> {
    fn new(shared: Arc<Shared<S>>, f: F, call: fn((F, Sink<T>), &mut S), site: CallSite) -> Sent<F, T, S> {
        let buffer = Arc::new(Buffer::new(AHEAD, None));
        let sink = Sink { buffer: Arc::clone(&buffer) };
        // It waits where the queue is full: nobody can be told now.
        let run = Run::new(Order { shared, f: (f, sink), call, site, patient: true });
        Sent { buffer, run: Some(run), failed: None }
    }
}

impl<F, T, S> Unpin for Sent<F, T, S> {}

impl<F: Send + 'static, T: Send + 'static, S: 'static> Stream for Sent<F, T, S> {
    type Item = Result<T, OffloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Handed over by the first poll.
        if let Some(run) = &mut self.run {
            if let Poll::Ready(ended) = Pin::new(run).poll(cx) {
                self.run = None;
                self.failed = ended.err();
            }
        }
        match ready!(self.buffer.poll(cx)) {
            Found::Item { item, .. } => Poll::Ready(Some(Ok(item))),
            // How it ended is known when the closure has ended.
            Found::Ended if self.run.is_some() => Poll::Pending,
            Found::Ended => Poll::Ready(self.failed.take().map(Err)),
        }
    }
}

impl<F, T, S> Drop for Sent<F, T, S> {
    fn drop(&mut self) {
        self.buffer.leave();
    }
}

impl<T> Sink<T> {
    /// Puts an item into the stream, after waiting for room.
    ///
    /// # Errors
    ///
    /// The item, if the stream was dropped.
    pub fn send(&self, item: T) -> Result<(), Unwanted<T>> {
        self.buffer.push_wait(item).map_err(Unwanted)
    }

    /// Whether the stream was dropped. For closures that take long from one item to the next.
    pub fn is_unwanted(&self) -> bool {
        self.buffer.is_unwanted()
    }
}

// However the closure ends.
impl<T> Drop for Sink<T> {
    fn drop(&mut self) {
        self.buffer.end();
    }
}

impl<F, T, S> fmt::Debug for Sent<F, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("run", &self.run).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Sink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("is_unwanted", &self.is_unwanted()).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Unwanted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody takes any more items: the stream was dropped")
    }
}

impl<T: fmt::Debug> std::error::Error for Unwanted<T> {}
