//! `status()`: whether the engines really work here, tried out just now; `stats()`: what they have found so far.

use crate::arm;
use crate::config::{self, Action};
use crate::engines::{call, hooks};
use crate::judge;
use crate::model::{Api, ENGINES, Engine, Guarding, HOOKS, Kind, ON, Place, Role};
use crate::region;
use crate::report::{self, Proof, Stats};
use crate::thread::kernel;
use std::fmt;
use std::panic::Location;

/// What the guard is able to see in this process. Made by [`status`].
#[derive(Clone, Debug)]
pub struct Status {
    action: Action,
    engines: [EngineStatus; ENGINES],
    /// Of how many runtimes the workers are armed; `None`: of all.
    armed_runtimes: Option<usize>,
    why_no_places: Option<&'static str>,
    ignores_environment: bool,
    why_no_thread: Option<String>,
}

/// One engine of [`Status`].
#[derive(Clone, Debug)]
pub struct EngineStatus {
    name: &'static str,
    why_not: Option<String>,
    missing: Vec<&'static str>,
    calls_seen: u64,
}

impl Status {
    /// The action for kinds that have none of their own.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Every engine, those that are not built here included.
    pub fn engines(&self) -> impl Iterator<Item = &EngineStatus> {
        self.engines.iter()
    }

    /// Whether any engine is armed: otherwise finding nothing says nothing.
    pub fn is_armed(&self) -> bool {
        self.engines.iter().any(EngineStatus::is_armed)
    }

    /// Why reports of the hooks cannot name places, if so. Without line tables, a call in code of which nothing tells that
    /// it is the user's own is at most logged; without symbols, calls on armed workers are not judged at all.
    pub fn why_no_places(&self) -> Option<&str> {
        self.why_no_places
    }

    /// Whether no `NO_BLOCK_*` variable was read, because the program runs with rights that its caller lacks
    /// (set-user-ID): its environment is that of somebody else.
    pub fn ignores_environment(&self) -> bool {
        self.ignores_environment
    }

    /// Why no thread could be started that reports what armed workers noted, if so. Then workers report it themselves
    /// when they wait for events, and the end of the process the rest.
    pub fn why_no_thread(&self) -> Option<&str> {
        self.why_no_thread.as_deref()
    }

    /// Whether the workers of all runtimes of the process are armed, by `NO_BLOCK_ARM=workers`.
    pub fn arms_all_workers(&self) -> bool {
        self.armed_runtimes.is_none()
    }
}

impl EngineStatus {
    /// `call`, `intercept` or `kernel`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it just saw a call made for this purpose.
    pub fn is_armed(&self) -> bool {
        self.why_not.is_none()
    }

    /// Why it is not armed.
    pub fn why_not(&self) -> Option<&str> {
        self.why_not.as_deref()
    }

    /// The libc functions that it would watch if this libc had them.
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// How many calls it has looked at in armed polls that have ended, blocking or not.
    pub fn calls_seen(&self) -> u64 {
        self.calls_seen
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_armed() {
            write!(f, "no engines: ")?;
        }
        for (at, engine) in self.engines.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{}: ", engine.name)?;
            match &engine.why_not {
                None => write!(f, "armed, {} calls seen", engine.calls_seen)?,
                Some(why) => write!(f, "not armed, {why}")?,
            }
        }
        match self.armed_runtimes {
            Some(0) => {}
            Some(1) => write!(f, "; the workers of 1 runtime are armed")?,
            Some(runtimes) => write!(f, "; the workers of {runtimes} runtimes are armed")?,
            None => write!(f, "; all workers are armed")?,
        }
        if self.ignores_environment {
            write!(f, "; NO_BLOCK_* is not read, the program has rights that its caller lacks")?;
        }
        if let Some(why) = self.why_no_places {
            write!(f, "; places and owners are not known, {why}")?;
        }
        match &self.why_no_thread {
            Some(why) => write!(f, "; workers report themselves, no thread could be started: {why}"),
            None => Ok(()),
        }
    }
}

/// Tries every engine out on the current thread and says which ones work.
///
/// This is what makes "no violations" mean something: each engine has to see a blocking call made for it here. Those
/// calls count nowhere.
///
/// # Cost
///
/// Some microseconds: a call is made for each engine.
///
/// # Example
///
/// ```
/// let status = guard_runtime::status();
/// assert!(status.is_armed() || !cfg!(debug_assertions), "{status}");
/// ```
pub fn status() -> Status {
    let settings = config::settings();
    let why_none = if !ON {
        Some(WHY_NOT_BUILT)
    } else if let Some(why) = config::out_of_order() {
        Some(why)
    } else if config::is_off() {
        Some("every kind has the action off")
    } else {
        None
    };
    let engine = |engine: Engine, probe: fn() -> Result<(), String>, missing| EngineStatus {
        name: engine.name(),
        why_not: why_none.map_or_else(|| probe().err(), |why| Some(why.to_owned())),
        missing,
        calls_seen: region::calls_seen(engine),
    };
    Status {
        action: settings.action,
        engines: [
            engine(Engine::Call, try_call_guard, Vec::new()),
            engine(Engine::Intercept, hooks::status, hooks::unresolved()),
            engine(Engine::Kernel, try_kernel, Vec::new()),
        ],
        armed_runtimes: arm::runtimes(),
        ignores_environment: config::is_privileged(),
        why_no_places: if why_none.is_none() { judge::why_no_places() } else { None },
        why_no_thread: arm::why_no_thread(),
    }
}

/// The same for the summary that a process ends with.
pub(crate) fn proof() -> Proof {
    let status = status();
    Proof {
        armed: status.is_armed(),
        runtimes: status.armed_runtimes,
        engines: status.engines.into_iter().map(|engine| (engine.name, engine.why_not)).collect(),
        hooks_in_force: hooks::in_force(),
        why_no_places: status.why_no_places,
        why_no_thread: status.why_no_thread,
    }
}

/// How many violations there were so far.
///
/// Zero means nothing found only where [`status`](crate::status) says that the engines are armed. Violations collected
/// by [`testing`](crate::testing) are not counted here.
///
/// # Example
///
/// ```
/// use guard_runtime::{Kind, stats};
///
/// let before = stats();
/// // ... serve requests ...
/// assert_eq!(stats().of(Kind::Fs), before.of(Kind::Fs));
/// ```
pub fn stats() -> Stats {
    arm::hand_over(arm::When::Settled);
    report::counted()
}

const WHY_NOT_BUILT: &str = if cfg!(no_block_build_off) {
    "built with NO_BLOCK_BUILD=off"
} else if cfg!(target_family = "wasm") {
    "not on wasm"
} else {
    "a release build without the feature `always`"
};

fn try_kernel() -> Result<(), String> {
    if !HOOKS {
        return hooks::status();
    }
    let _quiet = region::quiet();
    kernel::status()
}

/// Whether a typed call made for this purpose is seen.
fn try_call_guard() -> Result<(), String> {
    // Of a kind that no hook sees, so that the call site has to report.
    static API: Api = Api { path: "guard_runtime::status", kind: Kind::Cpu, remedy: "" };

    let guarding = Guarding { place: Place::Call(Location::caller()), type_name: || "guard_runtime::status" };
    let records = region::rehearse(guarding, || {
        call::enter_call(Some(&API), Role::Typed);
        call::exit_call();
    });
    if records.iter().any(|record| record.engine == Engine::Call) {
        return Ok(());
    }
    Err("a call made to try it out was not seen: a forked child, or a thread that is panicking".to_owned())
}
