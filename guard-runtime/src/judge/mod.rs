//! What a record means: whether it is a violation, of which kind and API, at which place, whose, and what to write
//! instead. Here and nowhere else.

mod owners;
pub(crate) mod project;
mod remedies;
#[cfg(hooks_target)]
mod stack;
#[cfg(not(hooks_target))]
#[path = "no_stack.rs"]
mod stack;
mod verdict;

#[cfg(feature = "workers")]
pub(crate) use owners::meet;
pub(crate) use verdict::{Frame, Outcome, Owner, Verdict};

use crate::engines::hooks;
use crate::model::{HOOKS, Here, Record};
use crate::region;
use std::sync::Arc;

/// Reads what cannot be read later. To be called before `main`; allocates nothing.
pub(crate) fn prepare() {
    stack::prepare();
}

/// The verdicts on records. The first one for a stack reads symbols and line tables, for all of them in one go; a
/// repetition costs one look into a map.
pub(crate) fn judge(records: &[Record]) -> Vec<Arc<Verdict>> {
    let _quiet = region::quiet();
    let verdicts = stack::judge(records);
    for (record, verdict) in records.iter().zip(&verdicts) {
        if record.guarding.is_runtime() && verdict.outcome != Outcome::Violation {
            hooks::ignore(record, verdict.on_pool, verdict.outcome == Outcome::Allowed(verdict::PARKED));
        }
    }
    verdicts
}

/// Why reports name no places, if they do not.
pub(crate) fn why_no_places() -> Option<&'static str> {
    let _quiet = region::quiet();
    stack::why_no_places()
}

/// Why stacks have no names, if they have none: then what armed workers do is not judged.
pub(crate) fn why_no_names() -> Option<&'static str> {
    let _quiet = region::quiet();
    stack::why_no_names()
}

/// On what the current thread runs, by its stack. Dear: symbols are looked up for each frame.
pub(crate) fn here(worker: Option<usize>, in_task: bool) -> Here {
    if !HOOKS {
        return Here::by_answers(worker, in_task);
    }
    stack::here(worker, in_task)
}

/// Forgets all verdicts: the project's rules have changed.
fn forget() {
    let _quiet = region::quiet();
    stack::forget();
}

/// Whether no thread is in the middle of something here, as one may be that a forked child does not have.
pub(crate) fn is_idle() -> bool {
    stack::is_idle() && owners::is_idle() && project::is_idle()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Api, Call, Engine, Guarding, Kind, Place, Role};
    use std::panic::Location;

    #[test]
    fn two_troubles_of_one_pool_at_one_place_have_each_their_own_remedy() {
        static FULL: Api = Api { path: "pool `io`", kind: Kind::Pool, remedy: "make it larger" };
        static ALONE: Api = Api { path: "pool `io`", kind: Kind::Pool, remedy: "run it elsewhere" };
        let at = Location::caller();
        let remedy = |api: &'static Api| {
            let guarding = Guarding { place: Place::Call(at), type_name: || "app::f" };
            let call = Some(Call { api, at, role: Role::Typed });
            let record = Record { call, ..Record::new(Engine::Pool, Kind::Pool, api.path, guarding) };
            judge(&[record])[0].remedy
        };
        assert_eq!([remedy(&FULL), remedy(&ALONE)], [FULL.remedy, ALONE.remedy]);
    }
}
