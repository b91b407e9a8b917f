//! Collects what the guard reports, and compares it with the mistakes that are there.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use guard_runtime::{Kind, Violation};

use crate::routes::Route;

/// One place that blocks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The annotated function that was polled: `service::mistakes::spent`.
    pub(crate) guarded: String,
    pub(crate) kind: Kind,
    pub(crate) api: String,
    /// `file:line:column` in this program.
    pub(crate) location: String,
}

/// How often the place blocked, and for how long at most.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) times: u64,
    pub(crate) longest: Duration,
}

pub(crate) type Findings = BTreeMap<Place, Seen>;

static FOUND: Mutex<Findings> = Mutex::new(BTreeMap::new());

/// The guard's handler.
pub(crate) fn collect(violation: &Violation) {
    let place = Place {
        guarded: violation.guarded().to_owned(),
        kind: violation.kind(),
        api: violation.api().to_owned(),
        location: violation.location().unwrap_or_default().to_owned(),
    };
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = found.entry(place).or_default();
    seen.times += 1;
    seen.longest = seen.longest.max(violation.elapsed());
}

/// What was found since the last call.
pub(crate) fn take() -> Findings {
    std::mem::take(&mut *FOUND.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The findings below one handler.
pub(crate) fn below<'f>(
    findings: &'f Findings,
    route: &Route,
) -> impl Iterator<Item = (&'f Place, &'f Seen)> {
    findings.iter().filter(|(place, _)| place.guarded.ends_with(&format!("::{}", route.handler)))
}

/// Whether the guard found the handler's mistake, or had no way to.
pub(crate) fn is_found(findings: &Findings, route: &Route) -> bool {
    route.kind.is_none_or(|kind| below(findings, route).any(|(place, _)| place.kind == kind))
}
