//! Saturation: tells the guard of a pool whose closures wait too long, or for themselves.

use super::call_site::CallSite;
use super::shared::{AnyJob, Shared, Work};
use super::task::Progress;
use crate::arm;
use crate::config::{self, Limit};
use crate::engines::pool::{self, Trouble, note};
use crate::model::ON;
use crate::offload::outcomes::Shown;
use crate::offload::slots::{Predecessor, Snapshot};
use crate::offload::sync::lock;
use crate::region;
use crate::report::{self, Boundary};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Shorter waits are not looked at.
const FLOOR: Duration = Duration::from_millis(1);
/// More functions than these are not listed.
const FUNCTIONS: usize = 3;

/// Whether a wait is worth a look at its limit. To be asked first: the rest costs more.
#[inline]
pub(crate) fn is_long(waited: Duration) -> bool {
    ON && waited >= FLOOR
}

fn is_too_long<S>(shared: &Shared<S>, waited: Duration) -> bool {
    let settings = config::settings();
    let limit = match shared.wait_limit {
        Some(limit) if settings.pool_wait != Limit::Never => Limit::LongerThan(limit),
        _ => settings.pool_wait,
    };
    !config::is_off() && limit.exceeded_by(waited)
}

/// A thread takes up a closure that has waited: now is the time to look at the pool. `after_another`: right after another one,
/// which it may have waited for; else the thread was waited for. `waited_for`: of that closure.
#[cold]
pub(crate) fn on_begin<S>(
    shared: &Shared<S>,
    waited: Duration,
    after_another: bool,
    waited_for: &OnceLock<Trouble>,
) {
    let _quiet = region::quiet();
    if !is_too_long(shared, waited) {
        return;
    }
    let Looked { state, busy, queued } = look(shared, waited);
    let trouble = match busy < shared.width {
        true if queued > 0 || !after_another => Some(Trouble::NoThread),
        true => None,
        false if after_another => Some(Trouble::Saturated),
        false => Some(Trouble::NoThread),
    };
    if let Some(trouble) = trouble {
        // It is taken up once.
        let _ = waited_for.set(trouble);
    }
    for one in [Trouble::Saturated, Trouble::NoThread] {
        if trouble.is_none_or(|trouble| trouble == one) {
            tell(shared, one, &state);
        }
    }
}

/// A closure has waited, and its future has come to an end. `full`: behind as many as the pool has threads; `begun`: a
/// thread took it up, and has described the pool; `waited_for`: what that has found.
#[cold]
pub(crate) fn on_end<S>(
    shared: &Shared<S>,
    site: CallSite,
    waited: Duration,
    full: bool,
    begun: bool,
    waited_for: Option<Trouble>,
) {
    let _quiet = region::quiet();
    if !is_too_long(shared, waited) {
        return;
    }
    let at_first = if full { Trouble::Saturated } else { Trouble::NoThread };
    let trouble = if begun {
        waited_for.unwrap_or(at_first)
    } else {
        let Looked { state, busy, queued } = look(shared, waited);
        let trouble = match busy < shared.width {
            true if queued > 0 => Trouble::NoThread,
            true => at_first,
            false => Trouble::Saturated,
        };
        tell(shared, trouble, &state);
        trouble
    };
    observe(shared, trouble, site, waited);
}

/// A closure was handed over behind one that has waited, or somebody asks for statistics: what a pool that is stuck does
/// not come to by itself. Told once in the time of the limit.
#[cold]
pub(crate) fn check_front<S>(shared: &Shared<S>, site: CallSite, first_waited: Duration) {
    let _quiet = region::quiet();
    if !is_too_long(shared, first_waited) {
        return;
    }
    let now = Instant::now();
    let mut told = lock(&shared.told);
    if told.is_some_and(|told| !is_too_long(shared, now.saturating_duration_since(told))) {
        return;
    }
    *told = Some(now);
    drop(told);
    let Looked { state, busy, .. } = look(shared, first_waited);
    let trouble = if busy < shared.width { Trouble::NoThread } else { Trouble::Saturated };
    tell(shared, trouble, &state);
    observe(shared, trouble, site, first_waited);
}

/// A closure waits for another one, which gets no thread for that reason. `itself`: they are of the same pool.
#[cold]
pub(crate) fn on_nested_wait<S>(shared: &Shared<S>, site: CallSite, itself: bool) {
    let _quiet = region::quiet();
    if ON && !config::is_off() && config::settings().pool_wait != Limit::Never {
        let trouble = if itself { Trouble::WaitsForItself } else { Trouble::NoThread };
        tell(shared, trouble, &look(shared, Duration::ZERO).state);
        observe(shared, trouble, site, Duration::ZERO);
    }
}

/// Leaves it with the guarded poll in progress, or acts on it, which then logs at most.
fn observe<S>(shared: &Shared<S>, trouble: Trouble, site: CallSite, waited: Duration) {
    if let Some(record) = pool::observe(shared.label, trouble, site.guarding(), site.at, waited) {
        report::act(&[record], 0, Boundary::Drop, arm::fail_its_end);
    }
}

fn tell<S>(shared: &Shared<S>, trouble: Trouble, state: &str) {
    note(shared.label, trouble, shared.threads.remedy(trouble), state);
}

/// A pool at one moment.
struct Looked {
    /// `37 queued, longest wait 1.8 s, 8 of 8 threads busy in `service::db::query``
    state: String,
    busy: usize,
    queued: usize,
}

/// Which closure has had a thread for most of the time that another one waited: one that has just come kept nobody waiting,
/// and may be that other one.
fn who_was_longer<S>(
    job: &dyn Work<S>,
    predecessor: Option<Predecessor<CallSite>>,
    waited: Duration,
) -> Option<CallSite> {
    let (begun, running) = match job.progress() {
        Progress::Waiting => (false, Duration::ZERO),
        Progress::Running { since } | Progress::Abandoned { since } => (true, since.elapsed().min(waited)),
        // Since when is not known any more.
        Progress::Over => (true, waited / 2),
    };
    match predecessor {
        Some(predecessor) if predecessor.within(waited - running) > running => Some(predecessor.site),
        _ => begun.then(|| job.site()),
    }
}

fn look<S>(shared: &Shared<S>, waited: Duration) -> Looked {
    let Snapshot { slots, predecessors, lent, queued, first, .. } = shared.admission.snapshot();
    let longest = first.map_or(Duration::ZERO, |job: AnyJob<S>| job.submitted().elapsed()).max(waited);
    let mut functions: BTreeMap<String, usize> = BTreeMap::new();
    for site in slots
        .iter()
        .zip(predecessors)
        .filter_map(|(job, predecessor)| who_was_longer(&**job, predecessor, waited))
    {
        *functions.entry(site.function()).or_default() += 1;
    }
    let busy = slots.len() - lent;
    let mut text = format!("{queued} queued, ");
    // Writing into a String cannot fail.
    if longest > Duration::ZERO {
        let _ = write!(text, "longest wait {}, ", Shown(longest));
    }
    let _ = match shared.width {
        usize::MAX => write!(text, "{busy} threads busy"),
        width => write!(text, "{busy} of {width} threads busy"),
    };
    let mut functions: Vec<_> = functions.into_iter().collect();
    functions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (at, (function, count)) in functions.iter().take(FUNCTIONS).enumerate() {
        let lead = if at == 0 { " in" } else { "," };
        let _ = match functions.len() {
            1 => write!(text, "{lead} `{function}`"),
            _ => write!(text, "{lead} `{function}` ({count})"),
        };
    }
    if functions.len() > FUNCTIONS {
        let _ = write!(text, " and {} more", functions.len() - FUNCTIONS);
    }
    Looked { state: text, busy, queued }
}
