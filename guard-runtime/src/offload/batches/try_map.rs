//! `Pool::try_map`: as `map`, for closures that may fail; the first failure takes the rest back.

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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// What [`Pool::try_map`] gives: a stream of values that ends with the first error, or all values when it is awaited.
#[must_use = "nothing is run unless it is polled or awaited"]
pub struct TryMap<I: Iterator, F, T, E> {
    items: InFlight<Numbered<I>, Attempt<F>, Option<Result<T, E>>>,
    over: bool,
}

impl Pool {
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
        let items =
            InFlight::new(self, numbered, attempt, attempt_one::<I::Item, F, T, E>, CallSite::of::<F>());
        TryMap { items, over: false }
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

settings!(TryMap<F, T, E>);

// Nothing in it is pinned.
impl<I: Iterator, F, T, E> Unpin for TryMap<I, F, T, E> {}

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
        let result = match ready!(self.items.poll_first(cx)) {
            None => return Poll::Ready(None),
            Some(Ok(Some(result))) => result,
            Some(Ok(None)) => unreachable!("an item is left out only behind one that failed"),
            Some(Err(error)) => Err(error.into()),
        };
        if result.is_err() {
            self.over = true;
            self.items.give_up();
        }
        Poll::Ready(Some(result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.over { (0, Some(0)) } else { (0, self.items.size_hint().1) }
    }
}

// Of its own: `StreamExt` of the crate `futures` has one too, and a method of the type goes before those of traits.
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

impl<I: Iterator, F, T, E> fmt::Debug for TryMap<I, F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.debug("TryMap", f)
    }
}
