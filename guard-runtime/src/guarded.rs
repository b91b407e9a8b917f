//! Futures that enter the region whenever they are polled or dropped, and report what was seen there.

use crate::model::{Guarding, ON, Place, Site};
use crate::region::{self, Drained, Entered};
use crate::report::{self, Boundary, Message};
use crate::thread::executor;
use crate::{arm, config};
use pin_project_lite::pin_project;
use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

pin_project! {
    /// A future whose polls are watched for blocking calls. Made by [`guard`], [`NoBlock::no_block`] and the
    /// expansion of `#[no_block]`.
    ///
    /// # Panics
    ///
    /// Polling panics after the inner poll has returned, if that poll blocked and the action is
    /// [`Action::Panic`](crate::Action::Panic). The inner future and its value are dropped first; polling again
    /// panics with "polled after panic".
    #[must_use = "futures do nothing unless polled"]
    pub struct Guarded<F> {
        // None once a violation has made the future panic, or while it is being dropped.
        #[pin]
        inner: Option<F>,
        place: Place,
    }

    impl<F> PinnedDrop for Guarded<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_none() {
                return;
            }
            let _dropping = Dropping::enter(guarding::<F>(*this.place));
            this.inner.set(None);
        }
    }
}

fn guarding<F>(place: Place) -> Guarding {
    Guarding { place, type_name: type_name::<F> }
}

/// What the expansion of `#[no_block]` wraps an async body in.
#[inline]
pub fn guarded<F: Future>(future: F, site: &'static Site) -> Guarded<F> {
    guarded_unasked(future, site)
}

/// The same of what is asked elsewhere whether it is a future.
pub(crate) fn guarded_unasked<F>(future: F, site: &'static Site) -> Guarded<F> {
    Guarded { inner: Some(future), place: Place::Site(site) }
}

/// Watches a future that no attribute reaches: a boxed one, a hand-written one, a dependency's.
///
/// Everything that its polls call is covered, as with `#[no_block]` on an async fn. See [`NoBlock::no_block`] for the
/// same as a method.
///
/// # Cost
///
/// A few nanoseconds a poll in debug builds; in release builds without the feature `always` the future is polled as
/// it is.
///
/// # Panics
///
/// Creating it never panics; see [`Guarded`] for polling.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = guard_runtime::guard(async { 6 * 7 }).await;
/// assert_eq!(answer, 42);
/// # }
/// ```
#[inline]
#[track_caller]
pub fn guard<F: Future>(future: F) -> Guarded<F> {
    Guarded { inner: Some(future), place: Place::Call(Location::caller()) }
}

impl<F: Future> Future for Guarded<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { polled_after_panic() };
        if !ON || config::is_off() {
            return inner.poll(cx);
        }
        let polling = Polling(region::enter(guarding::<F>(*this.place)));
        let polled = inner.poll(cx);
        if let Some(message) = polling.leave() {
            let unsaid = Unsaid(message);
            drop(polled);
            {
                let _dropping = Dropping::enter(guarding::<F>(*this.place));
                this.inner.set(None);
            }
            unsaid.panic();
        }
        polled
    }
}

#[cold]
#[inline(never)]
fn polled_after_panic() -> ! {
    panic!("a guarded future was polled after panic: it had made a blocking call")
}

/// The message to panic with. Should a drop panic before, it is logged instead: it must not be lost.
struct Unsaid(Message);

impl Unsaid {
    #[cold]
    #[inline(never)]
    fn panic(mut self) -> ! {
        let text = std::mem::take(&mut self.0.text);
        if !(self.0.again && wants_backtraces()) {
            std::panic::panic_any(text);
        }
        // The hook would write some hundred lines of a backtrace that it has written before.
        {
            let _quiet = region::quiet();
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("<unnamed>");
            // As the hook writes: a test's output is captured.
            eprintln!("\nthread '{name}' panicked again (the backtrace is at the first time):\n{text}");
        }
        std::panic::resume_unwind(Box::new(text))
    }
}

impl Drop for Unsaid {
    fn drop(&mut self) {
        if !self.0.text.is_empty() {
            report::say(&self.0.text);
        }
    }
}

/// Whether std's panic hook writes a backtrace.
fn wants_backtraces() -> bool {
    static WANTED: OnceLock<bool> = OnceLock::new();
    *WANTED.get_or_init(|| std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0"))
}

impl<F> fmt::Debug for Guarded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.place.at();
        f.debug_struct("Guarded")
            .field("future", &guarding::<F>(self.place).function())
            .field("at", &format_args!("{file}:{line}:{column}"))
            .finish_non_exhaustive()
    }
}

/// `Some`: the message to panic with.
#[cold]
fn act(drained: &Drained, boundary: Boundary) -> Option<Message> {
    let act = || report::act(&drained.records, drained.lost, boundary, arm::fail_its_end);
    config::contain("a report", act).flatten()
}

/// One poll. Left by [`Polling::leave`], or by the unwinding of the user's code: then violations are only logged.
struct Polling(Entered);

impl Polling {
    /// The message to panic with, if this was the outermost guarded poll and it blocked.
    #[inline]
    fn leave(self) -> Option<Message> {
        let drained = self.0.leave();
        std::mem::forget(self);
        act(&drained?, Boundary::Poll)
    }
}

impl Drop for Polling {
    #[cold]
    fn drop(&mut self) {
        if let Some(drained) = self.0.leave() {
            act(&drained, Boundary::Unwinding);
        }
    }
}

/// One drop of a guarded future. Armed in a guarded poll and on executor threads; never panics.
struct Dropping(Option<Entered>);

impl Dropping {
    fn enter(guarding: Guarding) -> Dropping {
        // Outside of any poll, as when main drops the runtime, only a worker's thread is known to be an executor's.
        let armed = ON && !config::is_off() && (region::in_poll() || is_worker());
        Dropping(armed.then(|| region::enter(guarding)))
    }
}

impl Drop for Dropping {
    fn drop(&mut self) {
        if let Some(drained) = self.0.as_ref().and_then(Entered::leave) {
            act(&drained, Boundary::Drop);
        }
    }
}

fn is_worker() -> bool {
    let _quiet = region::quiet();
    executor::worker().is_some()
}

/// Guarding and excusing for every future, as methods.
pub trait NoBlock: Future + Sized {
    /// [`guard`] as a method.
    ///
    /// ```
    /// use guard_runtime::NoBlock;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let boxed: std::pin::Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { 7 });
    /// assert_eq!(boxed.no_block().await, 7);
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    fn no_block(self) -> Guarded<Self> {
        guard(self)
    }

    /// Nothing that this future's polls call counts as a violation, even below an armed poll.
    ///
    /// For futures that run where blocking harms nobody (a thread of its own with `block_on`), and for known debts.
    /// The allow region is entered in each poll, so other tasks on the same thread stay watched.
    ///
    /// ```
    /// use guard_runtime::{NoBlock, guard};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let read = async { std::fs::read("Cargo.toml").is_ok() };
    /// assert!(guard(read.allow_blocking("once, at start")).await);
    /// # }
    /// ```
    #[inline]
    fn allow_blocking(self, reason: &'static str) -> Allowed<Self> {
        Allowed { inner: Some(self), reason }
    }
}

impl<F: Future> NoBlock for F {}

pin_project! {
    /// A future that may block. Made by [`NoBlock::allow_blocking`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Allowed<F> {
        // None while it is being dropped.
        #[pin]
        inner: Option<F>,
        reason: &'static str,
    }

    impl<F> PinnedDrop for Allowed<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _allowed = region::allow(this.reason);
            this.inner.set(None);
        }
    }
}

impl<F: Future> Future for Allowed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _allowed = region::allow(this.reason);
        let inner = this.inner.as_pin_mut().expect("only dropping takes the future out");
        inner.poll(cx)
    }
}

impl<F> fmt::Debug for Allowed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowed").field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// Runs `f`; nothing that it calls on this thread counts as a violation.
///
/// For what is known to be quick, or happens once. At compile time the calls inside still warn: the macro
/// `allow_blocking!` silences both, and allows `?` and `return`.
///
/// # Cost
///
/// About a nanosecond.
///
/// # Panics
///
/// Only if `f` does; the region ends all the same.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let there = guard_runtime::guard(async {
///     guard_runtime::allow_blocking("read once, at start", || std::fs::read("Cargo.toml").is_ok())
/// });
/// assert!(there.await);
/// # }
/// ```
#[inline]
pub fn allow_blocking<T>(reason: &'static str, f: impl FnOnce() -> T) -> T {
    let _allowed = region::allow(reason);
    f()
}
