//! `Pool::settle`: as `map`, with every outcome kept.

use super::in_flight::InFlight;
use super::settings::settings;
use crate::offload::handles::Pool;
use crate::offload::jobs::CallSite;
use crate::offload::outcomes::OffloadError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What [`Pool::settle`] gives: every outcome, when it is awaited.
#[must_use = "nothing is run unless it is awaited"]
pub struct Settle<I: Iterator, F, T> {
    items: InFlight<I, F, T>,
    outcomes: Vec<Result<T, OffloadError>>,
}

impl Pool {
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
        Settle {
            items: InFlight::new(self, items.into_iter(), f, call, CallSite::of::<F>()),
            outcomes: Vec::new(),
        }
    }
}

settings!(Settle<F, T>);

// Nothing in it is pinned.
impl<I: Iterator, F, T> Unpin for Settle<I, F, T> {}

impl<I, F, T> Future for Settle<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = Vec<Result<T, OffloadError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(outcome) = ready!(self.items.poll_first(cx)) {
            self.outcomes.push(outcome);
        }
        Poll::Ready(std::mem::take(&mut self.outcomes))
    }
}

impl<I: Iterator, F, T> fmt::Debug for Settle<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.debug("Settle", f)
    }
}
