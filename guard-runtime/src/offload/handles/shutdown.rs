//! The shutdown of a pool or an actor: nothing more is accepted, what was accepted is awaited for a limited time.

use crate::offload::jobs::{AnyJob, CallSite, Progress, Shared};
use crate::offload::outcomes::{OffloadError, Shown};
use crate::region;
use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// What a pool's shutdown left behind when its time had run out. Made by [`Pool::shutdown`](crate::Pool::shutdown).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "what was left undone is worth a line in the log"]
pub struct Leftover {
    cancelled: usize,
    running: Vec<Running>,
    pub(crate) dropping: bool,
}

/// A closure that still ran. Part of [`Leftover`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    function: String,
    location: String,
    since: Duration,
    abandoned: bool,
}

impl Leftover {
    /// Whether everything had ended in time.
    pub fn is_empty(&self) -> bool {
        self.cancelled == 0 && self.running.is_empty() && !self.dropping
    }

    /// How many waited for a thread, and were cancelled.
    pub fn cancelled(&self) -> usize {
        self.cancelled
    }

    /// What runs on, the longest first.
    pub fn running(&self) -> &[Running] {
        &self.running
    }

    /// Whether an actor's state was still being dropped, with nothing else left.
    pub fn is_dropping(&self) -> bool {
        self.dropping
    }
}

impl Running {
    /// The function that the closure is written in.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// `file:line:column` of where it was handed over.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// How long it had run.
    pub fn since(&self) -> Duration {
        self.since
    }

    /// Whether nobody waited for it any more.
    pub fn is_abandoned(&self) -> bool {
        self.abandoned
    }
}

/// One line.
impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing left");
        }
        if self.dropping {
            return f.write_str("the state is still being dropped");
        }
        write!(f, "{} cancelled in the queue, {} still running", self.cancelled, self.running.len())?;
        for (at, running) in self.running.iter().enumerate() {
            let lead = if at == 0 { ": " } else { ", " };
            let since = Shown(running.since);
            write!(f, "{lead}`{}` at {} for {since}", running.function, running.location)?;
            if running.abandoned {
                f.write_str(" (abandoned)")?;
            }
        }
        Ok(())
    }
}

pub(crate) async fn shutdown<S: 'static>(shared: &Shared<S>, limit: Duration) -> Leftover {
    shared.admission.close();
    // Made before the question, so that no answer is missed in between.
    let mut over = pin!(shared.over.notified());
    over.as_mut().enable();
    if shared.admission.is_over() || timeout(limit, over).await.is_ok() {
        return Leftover::default();
    }
    let _allowed = region::allow("what a pool drops");
    let waiting = shared.admission.take_queue();
    let refused = |job: &AnyJob<S>| job.refuse(OffloadError::Cancelled, shared);
    let mut cancelled = waiting.iter().filter(|job| refused(job)).count();
    drop(waiting);
    let mut running = Vec::new();
    for job in shared.admission.snapshot().slots {
        cancelled += usize::from(refused(&job));
        match job.progress() {
            Progress::Running { since } => running.push(Running::new(job.site(), since, false)),
            Progress::Abandoned { since } => running.push(Running::new(job.site(), since, true)),
            Progress::Waiting | Progress::Over => {}
        }
        job.cancel();
    }
    if shared.admission.is_over() {
        shared.over.notify_waiters();
    }
    running.sort_by_key(|running| std::cmp::Reverse(running.since));
    Leftover { cancelled, running, dropping: false }
}

impl Running {
    fn new(site: CallSite, since: Instant, abandoned: bool) -> Running {
        Running {
            function: site.function(),
            location: site.at.to_string(),
            since: since.elapsed(),
            abandoned,
        }
    }
}
