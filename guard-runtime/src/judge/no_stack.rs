//! Stands in for `stack` where there are no stacks: a record is judged by what its call site said.

use super::verdict::Verdict;
use crate::model::{Here, Record};
use std::sync::Arc;

/// There is nothing to be read.
pub(super) fn prepare() {}

/// The verdicts on records.
pub(super) fn judge(records: &[Record]) -> Vec<Arc<Verdict>> {
    records.iter().map(|record| Arc::new(Verdict::without_stack(record))).collect()
}

/// Places come from the call sites.
pub(super) fn why_no_places() -> Option<&'static str> {
    None
}

/// No worker is armed that they were wanted for.
pub(super) fn why_no_names() -> Option<&'static str> {
    None
}

/// Forgets all verdicts: there are none.
pub(super) fn forget() {}

/// Whether no thread is in the middle of something here.
pub(super) fn is_idle() -> bool {
    true
}

/// On what the current thread runs: what tokio says.
pub(super) fn here(worker: Option<usize>, in_task: bool) -> Here {
    Here::by_answers(worker, in_task)
}
