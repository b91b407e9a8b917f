//! What becomes of closures: errors, counts and times.

mod counters;
mod error;
mod times;

pub(crate) use counters::{Counters, Outcome, Sample, SiteTotals, Totals};
pub use error::{OffloadError, Panic};
pub use times::Times;
pub(crate) use times::{Shown, Sum, nanos};
