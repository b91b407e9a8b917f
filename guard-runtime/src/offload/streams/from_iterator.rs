//! Streams from iterators that block: directories, lines.

use super::buffer::{AHEAD, Buffer, Found, Pushed};
use crate::offload::handles::Pool;
use crate::offload::jobs::CallSite;
use crate::offload::outcomes::OffloadError;
use crate::offload::run::{BlockingDrop, Order, Run};
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A blocking iterator as a stream. Made by [`Pool::stream`].
///
/// It gives an error once, if the iterator panics or the pool is shut down, and then ends.
#[must_use = "nothing is run unless it is polled"]
pub struct Items<M, I>
where
    M: Send + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
    pool: Pool,
    site: CallSite,
    buffer: Arc<Buffer<I::Item, Producer<M, I>>>,
    run: Option<Run<Filling<M, I>, ()>>,
    /// Whether the iterator was asked for.
    begun: bool,
    ended: bool,
}

enum Producer<M, I: Send + 'static> {
    /// What makes the iterator.
    New(M),
    /// Nobody asks it for items. Its drop may block, because it closes files.
    Iterator(BlockingDrop<I>),
}

type Filling<M, I> = (Producer<M, I>, Arc<Buffer<<I as Iterator>::Item, Producer<M, I>>>);

impl Pool {
    /// Runs an iterator that blocks, and gives its items as a [`Stream`].
    ///
    /// `make` is called on the pool too: it may open the file or the directory that the items come from. The iterator
    /// runs until some items are made ahead (64, or [`Items::ahead`]), and **gives its thread back** while the consumer
    /// is slower, so that a consumer may use the same pool for each item. It therefore has to be `Send`; for one that
    /// borrows or is bound to its thread see [`Pool::stream_with`].
    ///
    /// Dropping the stream stops the iterator before its next item. Items that have been made are dropped with the stream,
    /// the iterator on the pool. Where the pool is shut down, another of the runtime's threads for blocking drops it; where
    /// there is no runtime either, or none although the pool needs one, whoever drops the stream.
    ///
    /// # Cost
    ///
    /// About 0.1 µs for each item, and a hand-over for each half of the items made ahead.
    ///
    /// # Example
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// # use guard_runtime::{Pool, offload::OffloadError};
    /// use std::io::BufRead;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let files = Pool::builder("files").threads(2).build();
    /// let mut lines = files.stream(|| {
    ///     let file = std::fs::File::open("Cargo.toml").expect("it is there");
    ///     std::io::BufReader::new(file).lines()
    /// });
    /// while let Some(line) = lines.try_next().await? {
    ///     if line?.starts_with("name") {
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn stream<M, I>(&self, make: M) -> Items<M, I::IntoIter>
    where
        M: FnOnce() -> I + Send + 'static,
        I: IntoIterator<IntoIter: Send + 'static, Item: Send + 'static>,
    {
        Items {
            pool: self.clone(),
            site: CallSite::of::<M>(),
            buffer: Arc::new(Buffer::new(AHEAD, Some(Producer::New(make)))),
            run: None,
            begun: false,
            ended: false,
        }
    }
}

impl<M, I> Items<M, I>
where
    M: Send + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
    /// How many items are made ahead of the consumer; at least one. Of no effect once it has been polled.
    pub fn ahead(mut self, items: usize) -> Self {
        if !self.begun {
            self.buffer = Arc::new(Buffer::new(items, self.buffer.unpark()));
        }
        self
    }

    /// Has more items made, if nobody is at it.
    fn refill<N>(&mut self) -> Result<(), OffloadError>
    where
        M: FnOnce() -> N,
        N: IntoIterator<IntoIter = I>,
    {
        let Some(producer) = self.buffer.unpark() else { return Ok(()) };
        self.begun = true;
        let mut run = Run::new(Order {
            shared: self.pool.shared(),
            f: (producer, Arc::clone(&self.buffer)),
            call: fill::<M, I, N>,
            site: self.site,
            patient: true,
        });
        run.submit(None, true)?;
        // The one before has left its iterator behind, and is about to end.
        self.run.replace(run).into_iter().for_each(Run::detach);
        Ok(())
    }
}

/// Makes items until the buffer is full, there are no more, or nobody wants them.
fn fill<M, I, N>((producer, buffer): Filling<M, I>, (): &mut ())
where
    M: FnOnce() -> N,
    N: IntoIterator<IntoIter = I>,
    I: Iterator + Send + 'static,
{
    if buffer.is_unwanted() {
        return;
    }
    let mut items = match producer {
        Producer::New(make) => make().into_iter(),
        Producer::Iterator(iterator) => iterator.into_inner(),
    };
    while let Some(item) = items.next() {
        match buffer.push(item) {
            Pushed::GoOn => {}
            Pushed::Stop => return,
            Pushed::Full => match buffer.park(Producer::Iterator(BlockingDrop::new(items))) {
                Some(Producer::Iterator(back)) => items = back.into_inner(),
                _ => return,
            },
        }
    }
    // The iterator's drop belongs to this thread, and comes before anyone can know of the end.
    drop(items);
    buffer.end();
}

impl<M, I> Unpin for Items<M, I>
where
    M: Send + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
}

impl<M, I, N> Stream for Items<M, I>
where
    M: FnOnce() -> N + Send + 'static,
    N: IntoIterator<IntoIter = I>,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
    type Item = Result<I::Item, OffloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            match self.buffer.poll(cx) {
                Poll::Ready(Found::Item { item, low }) => {
                    if low {
                        // Refused now, it is so again when all items are taken.
                        let _ = self.refill();
                    }
                    return Poll::Ready(Some(Ok(item)));
                }
                Poll::Ready(Found::Ended) => self.ended = true,
                Poll::Pending => {
                    let refilled = self.refill();
                    let ended = match (refilled, &mut self.run) {
                        (Err(error), _) => Err(error),
                        (Ok(()), Some(run)) => ready!(Pin::new(run).poll(cx)),
                        // Nothing is left that could make items: it was refused.
                        (Ok(()), None) => Err(OffloadError::Closed),
                    };
                    self.run = None;
                    if let Err(error) = ended {
                        self.ended = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                    // It has left items, or the end.
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<M, I> Drop for Items<M, I>
where
    M: Send + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
    fn drop(&mut self) {
        let parked = self.buffer.leave();
        // The closure finds that nobody wants it.
        if self.begun {
            self.run.take().into_iter().for_each(Run::detach);
        }
        let Some(Producer::Iterator(iterator)) = parked else { return };
        let shared = self.pool.shared();
        if !shared.threads.are_within_reach() {
            return;
        }
        let mut run = Run::new(Order {
            shared,
            f: iterator,
            call: |iterator, ()| drop(iterator.into_inner()),
            site: self.site,
            patient: true,
        });
        if run.submit(None, false).is_ok() {
            run.detach();
        }
    }
}

impl<M, I> fmt::Debug for Items<M, I>
where
    M: Send + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pool", &self.pool.name()).finish_non_exhaustive()
    }
}
