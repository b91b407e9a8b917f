//! The items of a batch that are in flight: as many at a time as are allowed, with their results in order.

use crate::offload::handles::Pool;
use crate::offload::jobs::CallSite;
use crate::offload::outcomes::OffloadError;
use crate::offload::run::{Order, Run};
use std::collections::VecDeque;
use std::fmt;
use std::iter::Fuse;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How the closure is called with an item.
pub(super) type Call<F, N, T> = fn((Arc<F>, N), &mut ()) -> T;
/// An item handed over, or why the pool did not accept it.
type Submission<F, N, T> = Result<Run<(Arc<F>, N), T>, OffloadError>;

/// The items on their way.
pub(super) struct InFlight<I: Iterator, F, T> {
    pool: Pool,
    items: Fuse<I>,
    f: Arc<F>,
    call: Call<F, I::Item, T>,
    site: CallSite,
    pub(super) limit: usize,
    /// For each item.
    pub(super) within: Option<Duration>,
    /// For all of them.
    pub(super) token: Option<CancellationToken>,
    /// In the order of the items; an error where the pool did not accept one.
    running: VecDeque<Submission<F, I::Item, T>>,
}

impl<I, F, T> InFlight<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: Send + Sync + 'static,
    T: Send + 'static,
{
    pub(super) fn new(
        pool: &Pool,
        items: I,
        f: F,
        call: Call<F, I::Item, T>,
        site: CallSite,
    ) -> InFlight<I, F, T> {
        InFlight {
            pool: pool.clone(),
            items: items.fuse(),
            f: Arc::new(f),
            call,
            site,
            limit: default_limit(pool.threads()),
            within: None,
            token: None,
            running: VecDeque::new(),
        }
    }

    /// Hands over as many as may be on their way, and gives the first one's result.
    pub(super) fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, OffloadError>>> {
        while self.running.len() < self.limit {
            let Some(item) = self.items.next() else { break };
            let f = (Arc::clone(&self.f), item);
            let mut run = Run::new(Order {
                shared: self.pool.shared(),
                f,
                call: self.call,
                site: self.site,
                patient: true,
            });
            if let Some(within) = self.within {
                run = run.with_deadline(within);
            }
            if let Some(token) = &self.token {
                run = run.set_token(token.clone(), false);
            }
            let submitted = run.submit(None, true).map(|()| run);
            self.running.push_back(submitted);
        }
        if self.token.as_ref().is_some_and(CancellationToken::is_cancelled) {
            // Not only the first, which may run on for long: they take places in the queue.
            self.running.iter().flatten().for_each(Run::take_back);
        }
        let result = match self.running.front_mut() {
            Some(Ok(run)) => Some(ready!(Pin::new(run).poll(cx))),
            // Taken out below.
            Some(Err(_)) | None => None,
        };
        Poll::Ready(match (self.running.pop_front(), result) {
            (Some(Err(error)), _) => Some(Err(error)),
            (_, result) => result,
        })
    }

    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items.size_hint();
        let running = self.running.len();
        (least.saturating_add(running), most.and_then(|most| most.checked_add(running)))
    }
}

/// Two for each thread: so that none has to wait for the stream to be polled.
fn default_limit(threads: usize) -> usize {
    const MOST: usize = 64;
    threads.saturating_mul(2).min(MOST)
}

impl<I: Iterator, F, T> InFlight<I, F, T> {
    /// Takes back all that has not begun, and tells the rest.
    pub(super) fn give_up(&mut self) {
        if !self.running.is_empty() {
            self.token.iter().for_each(CancellationToken::cancel);
        }
        self.running.clear();
    }

    pub(super) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pool, running) = (self.pool.name(), self.running.len());
        f.debug_struct(name).field("pool", &pool).field("on_their_way", &running).finish_non_exhaustive()
    }
}

impl<I: Iterator, F, T> Drop for InFlight<I, F, T> {
    fn drop(&mut self) {
        self.give_up();
    }
}
