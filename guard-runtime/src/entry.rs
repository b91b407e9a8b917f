//! What the attributes `main` and `test` run: an armed runtime, a guarded body, and an end that fails by what tasks did.

use crate::arm::{self, When};
use crate::guarded::guarded;
use crate::judge::{self, project};
use crate::model::{ON, Site};
use crate::region;
use crate::report::{self, Violation};
use std::fmt::Write;
use std::future::Future;
use std::process::Termination;
use tokio::runtime::{Handle, LocalRuntime, Runtime};

/// The runtimes that a builder makes.
pub trait Drive {
    #[doc(hidden)]
    fn own_handle(&self) -> &Handle;

    #[doc(hidden)]
    fn drive<F: Future>(&self, body: F) -> F::Output;
}

impl Drive for Runtime {
    fn own_handle(&self) -> &Handle {
        self.handle()
    }

    fn drive<F: Future>(&self, body: F) -> F::Output {
        self.block_on(body)
    }
}

impl Drive for LocalRuntime {
    fn own_handle(&self) -> &Handle {
        self.handle()
    }

    fn drive<F: Future>(&self, body: F) -> F::Output {
        self.block_on(body)
    }
}

/// Runs the body of a function that is not the program's `main`.
#[track_caller]
pub fn block_on<R: Drive, F: Future>(runtime: R, body: F, site: &'static Site) -> F::Output {
    let (output, failures) = run(runtime, body, site);
    if !failures.is_empty() {
        fail(&failures);
    }
    output
}

/// Runs the body of `main` or of a test, whose own error is shown too, if it ends with one.
#[track_caller]
pub fn block_on_to_end<R: Drive, F: Future>(runtime: R, body: F, site: &'static Site) -> F::Output
where
    F::Output: Termination,
{
    let (output, failures) = run(runtime, body, site);
    if !failures.is_empty() {
        // Shows an error and makes a status of it; ours takes its place.
        let _ = output.report();
        fail(&failures);
    }
    output
}

fn run<R: Drive, F: Future>(runtime: R, body: F, site: &'static Site) -> (F::Output, Vec<Violation>) {
    if !ON {
        return (runtime.drive(body), Vec::new());
    }
    // Where nothing of ours runs before `main`; elsewhere this is done.
    report::at_exit(arm::at_end);
    // Declared before the runtime, so that it also ends after it when the body panics.
    let mut armed = Armed(None);
    let runtime = runtime;
    {
        let _quiet = region::quiet();
        judge::meet(site);
        project::put_in_force(site.rules);
        armed.0 = arm::arm(runtime.own_handle(), true);
    }
    let output = runtime.drive(guarded(body, site));
    // The workers end here, and whatever their tasks do when they are dropped is done.
    drop(runtime);
    (output, armed.end())
}

/// A runtime that is armed until its end. With its number.
struct Armed(Option<u64>);

impl Armed {
    fn end(&mut self) -> Vec<Violation> {
        let Some(runtime) = self.0.take() else { return Vec::new() };
        arm::hand_over(When::Settled);
        let _quiet = region::quiet();
        arm::disarm(runtime)
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        self.end();
    }
}

#[cold]
#[track_caller]
fn fail(failures: &[Violation]) -> ! {
    // Each place once, in the order in which they were found.
    let mut places: Vec<(String, u32)> = Vec::new();
    for failure in failures {
        let at = failure.location().unwrap_or("an unknown place");
        let place = format!("{} ({}) at {at}", failure.api(), failure.kind());
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, times)) => *times += failure.times(),
            None => places.push((place, failure.times())),
        }
    }
    let mut text = String::from("tasks of this runtime have blocked its workers (see the reports above):");
    for (place, times) in places {
        // Writing into a String cannot fail.
        let _ = write!(text, "\n  {place}");
        if times > 1 {
            let _ = write!(text, ", {times} times");
        }
    }
    std::panic::panic_any(text)
}
