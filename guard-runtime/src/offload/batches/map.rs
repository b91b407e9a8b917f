//! `Pool::map`: one closure for many items, with their values in order.

use super::all::All;
use super::in_flight::InFlight;
use super::settings::settings;
use crate::offload::handles::Pool;
use crate::offload::jobs::CallSite;
use crate::offload::outcomes::OffloadError;
use futures_core::Stream;
use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What [`Pool::map`] gives: a stream of values, or all of them when it is awaited.
///
/// Each item gives exactly one result, in the order of the items. Dropping it takes back what has not begun.
#[must_use = "nothing is run unless it is polled or awaited"]
pub struct Map<I: Iterator, F, T> {
    items: InFlight<I, F, T>,
}

impl Pool {
    /// Runs `f` on each item, and gives the values in the order of the items.
    ///
    /// `.await` collects them into a `Vec`; the first error ends that, and takes back what has not begun. Polled as a
    /// [`Stream`] it gives them one by one, as they come to their turn, and goes on after errors.
    ///
    /// No more than two items for each thread (at most 64) are on their way at a time, finished ones whose turn has not
    /// come included: so a slow consumer is not flooded, and the items are asked for one by one. It never refuses: it
    /// waits where the pool's queue is full. [`in_flight`](Map::in_flight) takes another number; each item may have a
    /// [deadline](Map::with_deadline), and all of them a [token](Map::with_token).
    ///
    /// # Cost
    ///
    /// That of [`Pool::run`] for each item: about a microsecond. Hand over chunks where an item takes less than that. The
    /// iterator is asked on the executor's thread, so it must not block: for one that does see [`Pool::stream`].
    ///
    /// # Errors
    ///
    /// For each item those of [`Pool::run`], but for `QueueFull`.
    ///
    /// # Example
    ///
    /// ```
    /// use futures::StreamExt;
    /// # use guard_runtime::{Pool, offload::OffloadError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), OffloadError> {
    /// let pool = Pool::builder("thumbnails").threads(4).build();
    /// let sizes = pool.map(["a", "bb", "ccc"], |name| name.len()).await?;
    /// assert_eq!(sizes, [1, 2, 3]);
    ///
    /// let mut sizes = pool.map(0..1_000_u64, |n| n * n);
    /// while let Some(square) = sizes.next().await {
    ///     if square? > 100 {
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn map<I, F, T>(&self, items: I, f: F) -> Map<I::IntoIter, F, T>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
        T: Send + 'static,
    {
        let call = |(f, item): (Arc<F>, I::Item), (): &mut ()| f(item);
        Map { items: InFlight::new(self, items.into_iter(), f, call, CallSite::of::<F>()) }
    }
}

settings!(Map<F, T>);

// Nothing in it is pinned.
impl<I: Iterator, F, T> Unpin for Map<I, F, T> {}

impl<I, F, T> Stream for Map<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    type Item = Result<T, OffloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.poll_first(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

// Of its own: `StreamExt` of the crate `futures` has one too, and a method of the type goes before those of traits.
impl<I, F, T> Map<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    /// What `.await` makes of it: the future of all values, for `timeout`, `join!` and their like.
    pub fn into_future(self) -> All<Self, T> {
        All::new(self)
    }
}

impl<I, F, T> IntoFuture for Map<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = Result<Vec<T>, OffloadError>;
    type IntoFuture = All<Self, T>;

    fn into_future(self) -> Self::IntoFuture {
        All::new(self)
    }
}

impl<I: Iterator, F, T> fmt::Debug for Map<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.debug("Map", f)
    }
}
