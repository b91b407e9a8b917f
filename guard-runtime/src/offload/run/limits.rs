//! What ends a wait early: a deadline, a token.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

#[derive(Default)]
pub(super) struct Limits {
    pub(super) deadline: Option<Deadline>,
    pub(super) token: Option<Token>,
}

pub(super) struct Deadline {
    pub(super) within: Duration,
    /// Where that is not counted from the poll that makes the timer.
    pub(super) end: Option<Instant>,
    /// Made by the first poll that has to wait.
    pub(super) timer: Option<Pin<Box<Sleep>>>,
}

pub(super) struct Token {
    pub(super) token: CancellationToken,
    /// Whether it is for this closure alone, and tells that nobody waits any more.
    pub(super) own: bool,
    /// Made by the first poll that has to wait.
    pub(super) cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Deadline {
    pub(super) fn has_passed(&mut self, cx: &mut Context<'_>) -> bool {
        let timer = self.timer.get_or_insert_with(|| {
            let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
            Box::pin(tokio::time::sleep(left.unwrap_or(self.within)))
        });
        timer.as_mut().poll(cx).is_ready()
    }
}

impl Token {
    pub(super) fn is_cancelled(&mut self, cx: &mut Context<'_>) -> bool {
        let token = &self.token;
        let cancelled = self.cancelled.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
        cancelled.as_mut().poll(cx).is_ready()
    }
}
