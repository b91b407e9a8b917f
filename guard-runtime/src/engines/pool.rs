//! What pools observe: closures that wait too long for a thread, and closures that wait for themselves.

use crate::model::{Api, Call, Engine, Guarding, Kind, Record, Role};
use crate::region;
use crate::thread::executor;
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is wrong with a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// All its threads are busy.
    Saturated,
    /// It may have more threads, and gets none.
    NoThread,
    /// Its own thread waits for it.
    WaitsForItself,
}

impl Trouble {
    fn is(self) -> &'static str {
        match self {
            Trouble::Saturated => "is saturated",
            Trouble::NoThread => "gets no thread",
            Trouble::WaitsForItself => "waits for itself",
        }
    }
}

/// A trouble of one pool, kept for ever: records refer to it. As many as there are different names.
struct Known {
    api: &'static Api,
    /// The report's first line, as it was last.
    headline: Arc<str>,
}

static KNOWN: Mutex<BTreeMap<(&'static str, Trouble), Known>> = Mutex::new(BTreeMap::new());

/// Describes the pool ("pool `name`") as it is now, for the next report on it.
pub(crate) fn note(pool: &'static str, trouble: Trouble, remedy: &'static str, state: &str) {
    let headline: Arc<str> = format!("{pool} {}: {state}", trouble.is()).into();
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get_mut(&(pool, trouble)) {
        known.headline = headline;
        return;
    }
    let api = Box::leak(Box::new(Api { path: pool, kind: Kind::Pool, remedy }));
    all.insert((pool, trouble), Known { api, headline });
}

/// The first line of a report on this "API".
pub(crate) fn headline(api: &'static Api) -> Option<Arc<str>> {
    let all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.values().find(|known| std::ptr::eq(known.api, api))?;
    Some(Arc::clone(&known.headline))
}

/// Leaves what was noted with the guarded poll in progress. `Some`: there is none, and somebody else has to act on it.
///
/// `of`: the closure's function and the place that handed it over.
pub(crate) fn observe(
    pool: &'static str,
    trouble: Trouble,
    of: Guarding,
    at: &'static Location<'static>,
    waited: Duration,
) -> Option<Record> {
    let api = {
        let all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(pool, trouble))?.api
    };
    let record = Record {
        call: Some(Call { api, at, role: Role::Typed }),
        elapsed_ns: u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX),
        worker: executor::worker(),
        task: executor::task(),
        ..Record::new(Engine::Pool, Kind::Pool, api.path, of)
    };
    (!region::record_pool(&record)).then_some(record)
}
