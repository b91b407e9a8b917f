//! Violations as test results: collected for one future instead of acted on.
//!
//! Only what the polls of that future call is collected, so tests that run in parallel never see each other's. Tasks
//! that the future spawns are polled elsewhere and have the configured action; on an armed runtime they fail its end.

use crate::model::{Guarding, ON, Place};
use crate::region;
use crate::report::{self, Violation};
use crate::{arm, config};
use pin_project_lite::pin_project;
use std::any::type_name;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Polls `future` as a guarded one and gives what it did wrong, whatever the action is. Its output is dropped.
///
/// Violations collected here are not counted, not written, not given to the handler and do not panic. Where
/// [`status`](crate::status) says that no engine is armed, there is nothing to collect.
///
/// # Panics
///
/// Only if the future does; what was collected is then lost.
///
/// # Example
///
/// ```
/// use guard_runtime::{Kind, testing};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let violations = testing::capture(async {
///     std::thread::sleep(Duration::from_millis(1));
/// })
/// .await;
/// # if guard_runtime::status().engines().all(|engine| engine.is_armed()) {
/// assert_eq!(violations.len(), 1);
/// assert_eq!(violations[0].kind(), Kind::Sleep);
/// # }
/// # }
/// ```
#[track_caller]
pub fn capture<F: Future>(future: F) -> impl Future<Output = Vec<Violation>> {
    let collected = collect(future);
    async move { collected.await.1 }
}

/// Polls `future` as a guarded one, gives its value, and panics with every report if it blocked.
///
/// Kinds judged by a clock (`lock`, `cpu`, `pool`) and calls awaited by a dependency's code are listed but do not fail
/// by themselves, unless the configuration gives their kind the action panic.
///
/// # Panics
///
/// When the future is done and has blocked.
///
/// # Example
///
/// ```
/// use guard_runtime::testing::assert_no_block;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = assert_no_block(async { tokio::task::yield_now().await; 42 }).await;
/// assert_eq!(answer, 42);
/// # }
/// ```
#[track_caller]
pub fn assert_no_block<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let at = Location::caller();
    let collected = collect(future);
    async move {
        let (output, violations) = collected.await;
        let settings = config::settings();
        if violations.iter().any(|found| settings.fails_a_test(found.kind(), found.may_fail())) {
            let reports = report::message(&violations, 0);
            panic!("the future asserted at {at} blocked\n{reports}");
        }
        output
    }
}

#[track_caller]
fn collect<F: Future>(future: F) -> Collect<F> {
    Collect { inner: Some(future), place: Place::Call(Location::caller()), violations: Vec::new() }
}

pin_project! {
    struct Collect<F> {
        // None once it is done.
        #[pin]
        inner: Option<F>,
        place: Place,
        violations: Vec<Violation>,
    }
}

impl<F: Future> Future for Collect<F> {
    type Output = (F::Output, Vec<Violation>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            panic!("a future was polled after it had completed");
        };
        let guarding = Guarding { place: *this.place, type_name: type_name::<F> };
        let collecting = (ON && !config::is_off()).then(|| region::Collecting::enter(guarding));
        let polled = inner.poll(cx);
        if polled.is_ready() {
            // What the future does when it is dropped is part of the test.
            this.inner.set(None);
        }
        if let Some(drained) = collecting.and_then(region::Collecting::leave) {
            this.violations.extend(report::collect(&drained.records));
        }
        let output = ready!(polled);
        // What tasks of an armed runtime did meanwhile has been told when this is over.
        arm::hand_over(arm::When::Settled);
        Poll::Ready((output, std::mem::take(this.violations)))
    }
}
