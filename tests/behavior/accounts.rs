//! A hundred thousand closures with random panics, drops, deadlines and tokens, detached ones, streams and closures that wait
//! for others, on runtimes that stay and on such as come and go: each of them accounted for exactly once.

use futures::{Stream, StreamExt};
use guard_runtime::Pool;
use guard_runtime::offload::{OffloadError, Sink};
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

const JOBS: u64 = 100_000;
const TASKS: u64 = 20;
const LONG: Duration = Duration::from_secs(3_600);

/// What the callers saw: of each closure that was handed over, one of these.
#[derive(Default)]
struct Seen {
    values: AtomicU64,
    panics: AtomicU64,
    full: AtomicU64,
    late_in_queue: AtomicU64,
    late_running: AtomicU64,
    cancelled: AtomicU64,
    dropped: AtomicU64,
    detached: AtomicU64,
    /// These were not handed over.
    dropped_unsubmitted: AtomicU64,
    /// Counted by the closures themselves.
    ran: AtomicU64,
    /// Handed over by closures.
    nested: AtomicU64,
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Counts what a future comes to, its drop too.
struct Watched<F> {
    /// None once it is counted.
    future: Option<Pin<Box<F>>>,
    submitted: bool,
    seen: Arc<Seen>,
}

impl<F: Future<Output = Result<(), OffloadError>>> Watched<F> {
    fn new(future: F, submitted: bool, seen: &Arc<Seen>) -> Watched<F> {
        Watched { future: Some(Box::pin(future)), submitted, seen: Arc::clone(seen) }
    }
}

impl<F: Future<Output = Result<(), OffloadError>>> Future for Watched<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.submitted = true;
        let Some(future) = &mut self.future else { return Poll::Ready(()) };
        let outcome = ready!(future.as_mut().poll(cx));
        self.future = None;
        add(match outcome {
            Ok(()) => &self.seen.values,
            Err(OffloadError::Panicked(_)) => &self.seen.panics,
            Err(OffloadError::QueueFull) => &self.seen.full,
            Err(OffloadError::DeadlineInQueue) => &self.seen.late_in_queue,
            Err(OffloadError::DeadlineRunning) => &self.seen.late_running,
            Err(OffloadError::Cancelled | OffloadError::Closed) => &self.seen.cancelled,
            Err(other) => panic!("{other}"),
        });
        Poll::Ready(())
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        if self.future.is_some() {
            add(if self.submitted { &self.seen.dropped } else { &self.seen.dropped_unsubmitted });
        }
    }
}

/// Reads a stream to its end, or to its first error.
async fn drain(mut items: impl Stream<Item = Result<u64, OffloadError>> + Unpin) -> Result<(), OffloadError> {
    let mut next = 0;
    while let Some(item) = items.next().await {
        assert_eq!(item?, next, "each item once, in their order");
        next += 1;
    }
    Ok(())
}

/// Polled some times and dropped wherever it then is, or awaited; `midway`: what happens after some polls.
async fn poll_some<F>(mut run: Watched<F>, random: &mut Random, midway: impl FnOnce())
where
    F: Future<Output = Result<(), OffloadError>>,
{
    for _ in 0..random.below(4) {
        if futures::poll!(&mut run).is_ready() {
            return;
        }
        yield_now().await;
    }
    midway();
    if random.below(4) > 0 {
        run.await;
    }
}

type Kept = Mutex<Vec<Pin<Box<dyn Future<Output = ()> + Send>>>>;

/// What one caller does.
struct Caller {
    pool: Pool,
    random: Random,
    seen: Arc<Seen>,
    /// Where futures go that are to outlive their runtime.
    kept: Option<Arc<Kept>>,
}

impl Caller {
    /// Something that may take a while and may panic, and counts that it has run.
    fn work(&mut self) -> impl FnOnce() + Send + 'static + use<> {
        let (panics, spins) = (self.random.below(20) == 0, self.random.below(300));
        let counted = Arc::clone(&self.seen);
        move || {
            add(&counted.ran);
            (0..spins).for_each(|_| std::hint::spin_loop());
            if panics {
                std::panic::resume_unwind(Box::new("planned"));
            }
        }
    }

    /// Something that waits for closures of its own pool, gives up on some, and then works.
    fn nested(&mut self, work: impl FnOnce() + Send + 'static) -> impl FnOnce() + Send + 'static {
        let inner: Vec<_> = (0..=self.random.below(3)).map(|_| self.work()).collect();
        let gives_up = self.random.below(4) == 0;
        let deepest = (self.random.below(2) == 0).then(|| self.work());
        let (pool, seen) = (self.pool.clone(), Arc::clone(&self.seen));
        move || {
            let run = |work| {
                add(&seen.nested);
                Watched::new(pool.run(work), false, &seen)
            };
            let mut all: Vec<_> = inner.into_iter().map(run).collect();
            futures::executor::block_on(async {
                if gives_up {
                    let _ = futures::poll!(&mut all[0]);
                    all.remove(0);
                }
                if let Some(deepest) = deepest {
                    let (again, counted) = (pool.clone(), Arc::clone(&seen));
                    add(&seen.nested);
                    let between = pool.run(move || {
                        add(&counted.ran);
                        add(&counted.nested);
                        futures::executor::block_on(Watched::new(again.run(deepest), false, &counted));
                    });
                    Watched::new(between, false, &seen).await;
                }
                futures::future::join_all(all).await;
            });
            work();
        }
    }

    /// One closure, in one of the ways to hand one over.
    async fn one(&mut self) {
        let (pool, seen, work) = (self.pool.clone(), Arc::clone(&self.seen), self.work());
        let random = &mut self.random;
        match random.below(10) {
            0 | 1 => {
                let token = CancellationToken::new();
                let run = pool.run(work).with_token(token.clone());
                poll_some(Watched::new(run, false, &seen), random, || token.cancel()).await;
            }
            2 => match pool.try_run(work) {
                Ok(run) => {
                    run.detach();
                    add(&seen.detached);
                }
                Err(error) => Watched::new(async { Err(error) }, true, &seen).await,
            },
            3 => {
                let items = random.below(200);
                let sent = pool.stream_with(move |sink: &Sink<u64>| {
                    // Ends early where nobody reads on.
                    let _ = (0..items).try_for_each(|item| sink.send(item));
                    work();
                });
                poll_some(Watched::new(drain(sent), false, &seen), random, || {}).await;
            }
            4 => match (pool.try_run(work), &self.kept) {
                (Ok(run), Some(kept)) => kept.lock().unwrap().push(Box::pin(Watched::new(run, true, &seen))),
                (run, _) => Watched::new(async { run?.await }, true, &seen).await,
            },
            5 if random.below(20) == 0 => {
                // Runs until nobody waits any more.
                let (token, counted) = (CancellationToken::new(), Arc::clone(&seen));
                let (heard, within) = (token.clone(), Duration::from_micros(random.below(400)));
                let listens = move || {
                    add(&counted.ran);
                    while !heard.is_cancelled() {
                        std::thread::yield_now();
                    }
                };
                let run = pool.run(listens).with_token(token).with_deadline(within);
                poll_some(Watched::new(run, false, &seen), random, || {}).await;
            }
            6 if random.below(8) == 0 => {
                let nested = self.nested(work);
                poll_some(Watched::new(self.pool.run(nested), false, &seen), &mut self.random, || {}).await;
            }
            _ => {
                let deadline = match random.below(4) {
                    0 => Duration::from_micros(random.below(400)),
                    _ => LONG,
                };
                let run = pool.run_with_deadline(deadline, work);
                poll_some(Watched::new(run, false, &seen), random, || {}).await;
            }
        }
    }
}

/// The line that hands over what iterators do.
const STREAMS: u32 = line!() + 5;

/// An iterator on the pool, read to some item. It takes closures of its own, which cannot be counted from here.
async fn stream_some(pool: &Pool, random: &mut Random) {
    let (items, read) = (random.below(300), random.below(300) as usize);
    let items = pool.stream(move || 0..items).ahead(1 + random.below(20) as usize);
    drain(items.take(read)).await.expect("nothing panics, and the pool is open");
}

#[test]
fn every_closure_is_accounted_for_exactly_once() {
    in_time(on_one_runtime, Pool::builder("accounts").threads(4).queue(14).build());
}

#[test]
fn every_closure_of_a_computing_pool_is_accounted_for_exactly_once() {
    in_time(on_one_runtime, Pool::cpu("accounts of computing").threads(4).queue(14).build());
}

/// Fails instead of waiting for ever for what hangs.
fn in_time(test: fn(&Pool), pool: Pool) {
    let (ends, end) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        test(&pool);
        // Too late, nobody listens.
        let _ = ends.send(());
    });
    match end.recv_timeout(Duration::from_secs(300)) {
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(RecvTimeoutError::Disconnected) => resume_unwind(thread.join().expect_err("it has failed")),
        Ok(()) => {}
    }
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

fn on_one_runtime(pool: &Pool) {
    let (runtime, seen) = (multi_thread(), Arc::new(Seen::default()));
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            let random = Random(0x9e37_79b9_7f4a_7c15 + task);
            let mut caller = Caller { pool: pool.clone(), random, seen: Arc::clone(&seen), kept: None };
            tasks.spawn(async move {
                for job in 0..JOBS / TASKS {
                    caller.one().await;
                    if job % 50 == 0 {
                        stream_some(&caller.pool, &mut caller.random).await;
                    }
                }
            });
        }
        tasks.join_all().await;
    });
    audit(pool, &runtime, &seen, JOBS);
    let stats = pool.stats();
    for (count, what) in [
        (stats.cancelled(), "cancelled"),
        (stats.expired(), "expired"),
        (stats.abandoned(), "abandoned"),
        (stats.panicked(), "panicked"),
        (stats.rejected(), "rejected"),
        (stats.completed(), "completed"),
        (get(&seen.cancelled), "seen to be cancelled"),
        (get(&seen.nested), "handed over by another one"),
    ] {
        assert!(count > 0, "no job was {what}: the test does not test it; {stats}");
    }
}

#[test]
fn runtimes_that_come_and_go_leave_no_closure_unaccounted_for() {
    in_time(across_runtimes, Pool::builder("accounts of runtimes").threads(4).queue(14).build());
}

#[test]
fn runtimes_that_come_and_go_leave_no_closure_of_a_computing_pool_unaccounted_for() {
    in_time(across_runtimes, Pool::cpu("accounts of runtimes").threads(4).queue(14).build());
}

fn across_runtimes(pool: &Pool) {
    const RUNTIMES: u64 = 100;
    const CALLERS: u64 = 20;
    let (seen, kept) = (Arc::new(Seen::default()), Arc::new(Kept::default()));
    let begun = Arc::new(AtomicU64::new(0));
    for number in 0..RUNTIMES {
        let runtime = match number % 2 {
            0 => multi_thread(),
            _ => Builder::new_current_thread().enable_time().build().unwrap(),
        };
        for caller in 0..CALLERS {
            let random = Random(0x9e37_79b9_7f4a_7c15 + number * CALLERS + caller);
            let kept = Some(Arc::clone(&kept));
            let mut caller = Caller { pool: pool.clone(), random, seen: Arc::clone(&seen), kept };
            let begun = Arc::clone(&begun);
            runtime.spawn(async move {
                loop {
                    add(&begun);
                    caller.one().await;
                    yield_now().await;
                }
            });
        }
        // In the midst of it all.
        let enough = get(&begun) + 10 * CALLERS;
        runtime.block_on(async {
            while get(&begun) < enough {
                yield_now().await;
            }
        });
        if number % 3 == 0 { runtime.shutdown_background() } else { drop(runtime) }
    }
    let last = multi_thread();
    let left = std::mem::take(&mut *kept.lock().unwrap());
    assert!(!left.is_empty());
    last.block_on(futures::future::join_all(left));
    audit(pool, &last, &seen, get(&begun));
    assert!(get(&seen.dropped) > 0 && get(&seen.detached) > 0);
}

/// Waits for the end of what nobody waits for, and compares. `jobs`: how many callers began to hand over.
fn audit(pool: &Pool, runtime: &Runtime, seen: &Seen, jobs: u64) {
    let left = runtime.block_on(pool.shutdown(LONG));
    assert!(left.is_empty(), "{left}");

    let stats = pool.stats();
    let here = format!("{}:{STREAMS}:", file!());
    let of_streams = stats.sites().iter().find(|site| site.location().starts_with(&here));
    let of_streams = of_streams.map_or(0, |site| site.count());
    let settled = [
        stats.rejected(),
        stats.cancelled(),
        stats.expired(),
        stats.completed(),
        stats.panicked(),
        stats.abandoned(),
    ];
    assert_eq!(settled.iter().sum::<u64>(), stats.submitted(), "{stats}");
    let jobs = jobs + get(&seen.nested);
    assert_eq!(stats.submitted() - of_streams, jobs - get(&seen.dropped_unsubmitted), "{stats}");
    assert_eq!((stats.busy(), stats.queued(), stats.abandoned_running()), (0, 0, 0), "{stats}");
    assert_eq!(stats.ran().count() - of_streams, get(&seen.ran), "each one that ran has its times");
    assert_eq!(stats.waited().count() - of_streams, get(&seen.ran));

    let outcomes = [
        &seen.values,
        &seen.panics,
        &seen.full,
        &seen.late_in_queue,
        &seen.late_running,
        &seen.cancelled,
        &seen.dropped,
        &seen.detached,
    ];
    assert_eq!(outcomes.map(get).iter().sum::<u64>(), stats.submitted() - of_streams, "{stats}");
    assert_eq!(stats.rejected(), get(&seen.full));
    // What became of those that nobody waited for, nobody has seen; whoever waited to the end knows.
    let unseen = get(&seen.dropped) + get(&seen.detached);
    for (name, counted, seen, unseen) in [
        ("expired", stats.expired(), get(&seen.late_in_queue), get(&seen.dropped)),
        ("abandoned", stats.abandoned(), get(&seen.late_running), get(&seen.dropped)),
        ("cancelled", stats.cancelled(), get(&seen.cancelled), unseen),
        ("panicked", stats.panicked(), get(&seen.panics), unseen),
        ("completed", stats.completed() - of_streams, get(&seen.values), unseen),
    ] {
        assert!(counted >= seen && counted <= seen + unseen, "{name}: {counted}, {seen} seen; {stats}");
    }
}
