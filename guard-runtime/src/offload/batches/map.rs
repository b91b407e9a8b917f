//! Fan-out: one closure for many items, with their values in order.

use super::call_site::CallSite;
use super::error::OffloadError;
use super::fan::Fan;
use super::pool::Pool;
use futures_core::Stream;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What [`Pool::map`] gives: a stream of values, or all of them when it is awaited.
///
/// Each item gives exactly one result, in the order of the items. Dropping it takes back what has not begun.
#[must_use = "nothing is run unless it is polled or awaited"]
pub struct Map<I: Iterator, F, T> {
    fan: Fan<I, F, T>,
}

/// What [`Pool::settle`] gives: every outcome, when it is awaited.
#[must_use = "nothing is run unless it is awaited"]
pub struct Settle<I: Iterator, F, T> {
    fan: Fan<I, F, T>,
    outcomes: Vec<Result<T, OffloadError>>,
}

/// What [`Pool::try_map`] gives: a stream of values that ends with the first error, or all values when it is awaited.
#[must_use = "nothing is run unless it is polled or awaited"]
pub struct TryMap<I: Iterator, F, T, E> {
    fan: Fan<Numbered<I>, Attempt<F>, Option<Result<T, E>>>,
    over: bool,
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
        Map { fan: Fan::new(self, items.into_iter(), f, call, CallSite::of::<F>()) }
    }

    /// [`Pool::map`] that keeps every outcome: awaiting it gives one `Result` for each item, in their order.
    ///
    /// As a stream, `map` does the same.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::Pool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pool = Pool::builder("import").build();
    /// let outcomes = pool.settle(["1", "two", "3"], |text| text.parse::<u32>().expect("a number")).await;
    /// assert_eq!(outcomes.len(), 3);
    /// assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
    /// # }
    /// ```
    #[track_caller]
    pub fn settle<I, F, T>(&self, items: I, f: F) -> Settle<I::IntoIter, F, T>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
        T: Send + 'static,
    {
        let call = |(f, item): (Arc<F>, I::Item), (): &mut ()| f(item);
        Settle { fan: Fan::new(self, items.into_iter(), f, call, CallSite::of::<F>()), outcomes: Vec::new() }
    }

    /// [`Pool::map`] for closures that may fail: the first error is the result, and cancels the rest.
    ///
    /// "First" is by the order of the items, so that the same input fails in the same way. As soon as an item has
    /// failed, later ones do not begin any more; earlier ones are awaited. A panic, or a pool that is shut down,
    /// counts as an error; `E` is made of it by `From<OffloadError>`.
    ///
    /// # Example
    ///
    /// ```
    /// # use guard_runtime::Pool;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let pool = Pool::builder("import").build();
    /// type Error = Box<dyn std::error::Error + Send + Sync>;
    ///
    /// let numbers = pool.try_map(["1", "2"], |text| Ok::<u32, Error>(text.parse()?)).await;
    /// assert_eq!(numbers.unwrap(), [1, 2]);
    ///
    /// let numbers = pool.try_map(["1", "two", "three"], |text| Ok::<u32, Error>(text.parse()?)).await;
    /// assert_eq!(numbers.unwrap_err().to_string(), "invalid digit found in string");
    /// # }
    /// ```
    #[track_caller]
    pub fn try_map<I, F, T, E>(&self, items: I, f: F) -> TryMap<I::IntoIter, F, T, E>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<OffloadError> + Send + 'static,
    {
        let attempt = Attempt { f, failed: AtomicUsize::new(usize::MAX) };
        let numbered = Numbered { items: items.into_iter(), next: 0 };
        let fan = Fan::new(self, numbered, attempt, attempt_one::<I::Item, F, T, E>, CallSite::of::<F>());
        TryMap { fan, over: false }
    }
}

/// Items with their numbers.
struct Numbered<I> {
    items: I,
    next: usize,
}

impl<I: Iterator> Iterator for Numbered<I> {
    type Item = (usize, I::Item);

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.items.next()?;
        let number = self.next;
        self.next += 1;
        Some((number, item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

struct Attempt<F> {
    f: F,
    /// The least number of an item that failed.
    failed: AtomicUsize,
}

/// None: it was not tried, because an earlier one has failed.
fn attempt_one<N, F: Fn(N) -> Result<T, E>, T, E>(
    (attempt, (number, item)): (Arc<Attempt<F>>, (usize, N)),
    (): &mut (),
) -> Option<Result<T, E>> {
    /// Fails by unwinding too.
    struct Fails<'a>(&'a AtomicUsize, usize);
    impl Drop for Fails<'_> {
        fn drop(&mut self) {
            self.0.fetch_min(self.1, Ordering::Relaxed);
        }
    }
    if attempt.failed.load(Ordering::Relaxed) < number {
        return None;
    }
    let fails = Fails(&attempt.failed, number);
    let result = (attempt.f)(item);
    if result.is_ok() {
        std::mem::forget(fails);
    }
    Some(result)
}

/// What a fan-out may be told before it is awaited.
macro_rules! settings {
    ($($fan:ident<$($parameter:ident),*>),*) => {$(
        impl<I: Iterator, $($parameter),*> $fan<I, $($parameter),*> {
            /// How many items are on their way at a time; at least one.
            pub fn in_flight(mut self, items: usize) -> Self {
                self.fan.limit = items.max(1);
                self
            }

            /// The time for each item, from when it is handed over: the error is
            /// [`DeadlineInQueue`](OffloadError::DeadlineInQueue) or
            /// [`DeadlineRunning`](OffloadError::DeadlineRunning), as in
            /// [`Pool::run_with_deadline`].
            ///
            /// It is looked at when the item's turn has come: one that took longer, but ended before that, gives its
            /// value. Items on their way keep what they had. For all items together there is
            /// [`timeout`](tokio::time::timeout).
            ///
            /// # Panics
            ///
            /// Polling does, if the runtime was built without time.
            pub fn with_deadline(mut self, within: Duration) -> Self {
                self.fan.within = Some(within);
                self
            }

            /// A token for all items, of which the closure may keep a clone.
            ///
            /// When it is cancelled, what has not begun gives [`Cancelled`](OffloadError::Cancelled), and what has begun
            /// decides for itself. It is cancelled also when this is dropped or ends by an error with items on their
            /// way, and when the pool's shutdown runs out of time: give it a
            /// [`child_token`](CancellationToken::child_token) of one that is others' as well. The deadline of one item
            /// does not cancel it. Items on their way stay without.
            pub fn with_token(mut self, token: CancellationToken) -> Self {
                self.fan.token = Some(token);
                self
            }
        }
    )*};
}

settings!(Map<F, T>, Settle<F, T>, TryMap<F, T, E>);

// Nothing in them is pinned.
impl<I: Iterator, F, T> Unpin for Map<I, F, T> {}
impl<I: Iterator, F, T> Unpin for Settle<I, F, T> {}
impl<I: Iterator, F, T, E> Unpin for TryMap<I, F, T, E> {}

impl<I, F, T> Stream for Map<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    type Item = Result<T, OffloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.fan.poll_first(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.fan.size_hint()
    }
}

impl<I, F, T> Future for Settle<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = Vec<Result<T, OffloadError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(outcome) = ready!(self.fan.poll_first(cx)) {
            self.outcomes.push(outcome);
        }
        Poll::Ready(std::mem::take(&mut self.outcomes))
    }
}

impl<I, F, T, E> Stream for TryMap<I, F, T, E>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
    E: From<OffloadError> + Send + 'static,
{
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let result = match ready!(self.fan.poll_first(cx)) {
            None => return Poll::Ready(None),
            Some(Ok(Some(result))) => result,
            Some(Ok(None)) => unreachable!("an item is left out only behind one that failed"),
            Some(Err(error)) => Err(error.into()),
        };
        if result.is_err() {
            self.over = true;
            self.fan.give_up();
        }
        Poll::Ready(Some(result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.over { (0, Some(0)) } else { (0, self.fan.size_hint().1) }
    }
}

/// All items of a stream: what awaiting a [`Map`] or [`TryMap`] is.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct All<S, V> {
    /// Dropped by the first error, which takes back what has not begun however long this is kept.
    stream: Option<S>,
    values: Vec<V>,
}

impl<S, V> All<S, V> {
    fn new(stream: S) -> All<S, V> {
        All { stream: Some(stream), values: Vec::new() }
    }
}

impl<S, V> Unpin for All<S, V> {}

impl<S: Stream<Item = Result<V, E>> + Unpin, V, E> Future for All<S, V> {
    type Output = Result<Vec<V>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let All { stream, values } = &mut *self;
        let Some(items) = stream else { panic!("the future of a fan-out was polled after completion") };
        while let Some(result) = ready!(Pin::new(&mut *items).poll_next(cx)) {
            match result {
                Ok(value) => values.push(value),
                Err(error) => {
                    *stream = None;
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(std::mem::take(values)))
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

impl<I, F, T, E> TryMap<I, F, T, E>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
    E: From<OffloadError> + Send + 'static,
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

impl<I, F, T, E> IntoFuture for TryMap<I, F, T, E>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
    E: From<OffloadError> + Send + 'static,
{
    type Output = Result<Vec<T>, E>;
    type IntoFuture = All<Self, T>;

    fn into_future(self) -> Self::IntoFuture {
        All::new(self)
    }
}

impl<I: Iterator, F, T> fmt::Debug for Map<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fan.debug("Map", f)
    }
}

impl<I: Iterator, F, T> fmt::Debug for Settle<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fan.debug("Settle", f)
    }
}

impl<I: Iterator, F, T, E> fmt::Debug for TryMap<I, F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fan.debug("TryMap", f)
    }
}
