//! What awaiting a batch is: all values, or the first error.

use futures_core::Stream;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// All items of a stream: what awaiting a [`Map`](crate::offload::Map) or [`TryMap`](crate::offload::TryMap) is.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct All<S, V> {
    /// Dropped by the first error, which takes back what has not begun however long this is kept.
    stream: Option<S>,
    values: Vec<V>,
}

impl<S, V> All<S, V> {
    pub(super) fn new(stream: S) -> All<S, V> {
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
