//! What a raw stack means: names, rules, place, chain and owner, told once per distinct stack, outside the region.

mod unwind;

pub(crate) use unwind::capture;

use crate::detect::Record;
use crate::detect::verdict::Judged;
use std::sync::Arc;

/// The verdict on a record.
pub(crate) fn judge(record: &Record) -> Arc<Judged> {
    Arc::new(Judged::without_stack(record))
}
