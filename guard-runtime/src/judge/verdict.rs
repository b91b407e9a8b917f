//! The verdict on a record: whether it is a violation, its name, place, chain, owner and remedy.

use super::owners::owner_of;
use super::project::{self, Function};
use super::remedies::{Executor, Place, remedy};
use crate::model::{Engine, Here, Kind, PAGE_READS, Record, Rule};
use std::sync::{Arc, OnceLock};

/// Why a worker that waits for work is left alone.
pub(super) const PARKED: &str = "a worker waits for work";
/// Why nothing is said of an armed worker.
pub(crate) const NO_SYMBOLS: &str = "the program has no symbols";

/// What a record comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A blocking call on an executor thread.
    Violation,
    /// Known to be harmless, by the rule named here.
    Allowed(&'static str),
    /// The thread was not an executor's.
    OffExecutor,
}

/// Whose code awaited the call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// The user's own.
    Workspace,
    /// A package from a registry, a git source or a vendor folder.
    Dependency { name: String, version: String },
    /// Undecidable.
    Unknown,
}

/// One frame of a judged stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Frame {
    /// The demangled name, without hash.
    pub(crate) function: String,
    pub(crate) file: Option<String>,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) krate: Option<String>,
    /// Whether the source file belongs to the user rather than to a dependency or the toolchain.
    pub(crate) own: bool,
}

/// Frames of one report; most of them are in others as well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(Vec<Arc<Frame>>);

impl Chain {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Frame> {
        self.0.iter().map(|frame| &**frame)
    }

    pub(crate) fn first(&self) -> Option<&Frame> {
        self.0.first().map(|frame| &**frame)
    }
}

impl From<Vec<Arc<Frame>>> for Chain {
    fn from(frames: Vec<Arc<Frame>>) -> Chain {
        Chain(frames)
    }
}

/// The verdict on every record with the same stack, symbol and call site.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    /// The project's rule for it.
    pub(crate) rule: Option<&'static Rule>,
    /// May be finer than the record's: a futex wait below a channel is `channel`.
    pub(crate) kind: Kind,
    /// The call guard's name, else the outermost public function of std or a dependency that the user's code called,
    /// else the libc symbol.
    pub(crate) api: String,
    /// The address of the call that blocks in the code of its caller; without names, a hash of the stack. Equal for all
    /// libc calls that one call of an API makes.
    pub(crate) caller: u64,
    /// The innermost frame in the user's own code.
    pub(crate) location: Option<Arc<Frame>>,
    /// Innermost first, from the API's caller down to the poll.
    pub(crate) chain: Chain,
    /// Of a task that no guard covers: the function whose future it runs.
    pub(crate) task: Option<Arc<Frame>>,
    pub(crate) owner: Owner,
    /// What to write instead.
    pub(crate) remedy: &'static str,
    /// On what the code ran.
    pub(crate) here: Here,
    /// Whether the thread was started by a blocking pool.
    pub(crate) on_pool: bool,
    /// For whoever acts on it: under which number the violation is known.
    pub(crate) seen_as: OnceLock<u64>,
}

impl Verdict {
    /// The verdict that needs no stack: the call site names API and place; tokio's answers tell where it ran.
    ///
    /// A task id without a worker index means `spawn_blocking`, `block_in_place` or a `LocalSet`: only frames could
    /// tell them apart, so that case stays silent. So does whatever an armed worker does outside of tasks.
    pub(crate) fn without_stack(record: &Record) -> Verdict {
        let outcome = match (record.worker, record.task) {
            // A pool is as slow on any thread, and says itself where.
            _ if record.engine == Engine::Pool => Outcome::Violation,
            (None, Some(_)) => Outcome::OffExecutor,
            (_, None) if record.guarding.is_runtime() => Outcome::OffExecutor,
            // Nothing tells a mapped database from the program's own code and debug information.
            _ if record.symbol == PAGE_READS => {
                Outcome::Allowed("pages read from a disk, perhaps the program's own")
            }
            _ => Outcome::Violation,
        };
        let at = match (record.engine, record.call) {
            (_, Some(call)) => Some((call.at.file(), call.at.line(), call.at.column())),
            // Somewhere in this poll: the guarded function is all that is known.
            (Engine::Kernel, None) => Some(record.guarding.place.at()),
            (_, None) => None,
        };
        let api = record.call.map_or(record.symbol, |call| call.api.path).to_owned();
        let site = record.guarding.place.site();
        let functions = [
            Function::named(record.symbol),
            Function::named(&api),
            Function::named(&record.guarding.function()),
        ];
        let location = at.map(|(file, line, column)| {
            Arc::new(Frame {
                function: record.guarding.function(),
                file: Some(file.to_owned()),
                line,
                column,
                krate: site.map(|site| site.package.to_owned()),
                own: true,
            })
        });
        Verdict {
            outcome,
            rule: project::rule(site, record.kind, functions.into_iter()),
            kind: record.kind,
            caller: record.stack.hash,
            remedy: remedy(record, &api, record.kind, Place::Here, Executor::Tokio),
            api,
            chain: Chain(location.iter().cloned().collect()),
            location,
            task: None,
            owner: owner_of(record.guarding),
            here: Here::by_answers(record.worker, record.task.is_some()),
            on_pool: false,
            seen_as: OnceLock::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guarding, Place, UNSEEN_SLEEP};
    use std::panic::Location;

    #[test]
    fn a_sleep_without_a_stack_is_in_the_guarded_function_unless_pages_were_read() {
        let guarding = Guarding { place: Place::Call(Location::caller()), type_name: || "app::f" };
        let record = |symbol, worker, task| Record {
            worker,
            task,
            ..Record::new(Engine::Kernel, Kind::Other, symbol, guarding)
        };
        let verdict = Verdict::without_stack(&record(UNSEEN_SLEEP, Some(0), None));
        assert_eq!((verdict.outcome, verdict.api.as_str()), (Outcome::Violation, UNSEEN_SLEEP));
        assert_eq!(verdict.location.unwrap().function, "app::f");
        let of_pages = Verdict::without_stack(&record(PAGE_READS, Some(0), None)).outcome;
        assert!(matches!(of_pages, Outcome::Allowed(_)), "{of_pages:?}");
        assert_eq!(
            Verdict::without_stack(&record(UNSEEN_SLEEP, None, Some(7))).outcome,
            Outcome::OffExecutor
        );
    }
}
