//! Whether the engines really work here: built, armed, tried out just now.

use crate::config::{self, Action};
use crate::detect::{Engine, Guarding, ON, Place, call, intercept};
use crate::region;
use crate::site::{Api, Kind, Site};
use std::fmt;

/// What the guard is able to see in this process. Made by [`status`].
#[derive(Clone, Debug)]
pub struct Status {
    action: Action,
    engines: [EngineStatus; 2],
}

/// One engine of [`Status`].
#[derive(Clone, Debug)]
pub struct EngineStatus {
    name: &'static str,
    why_not: Option<String>,
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
}

impl EngineStatus {
    /// `call` or `intercept`.
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
        Ok(())
    }
}

/// Tries every engine out on the current thread and says which ones work.
///
/// This is what makes "no violations" mean something: each engine has to see a blocking call made for it here. Those
/// calls count nowhere.
///
/// # Cost
///
/// Some microseconds: a file's metadata are read.
///
/// # Example
///
/// ```
/// let status = guard_runtime::status();
/// assert!(status.is_armed() || !cfg!(debug_assertions), "{status}");
/// ```
pub fn status() -> Status {
    let settings = config::settings();
    let off = config::is_off().then(|| "every kind has the action off".to_owned());
    let off = off.or_else(|| {
        (!ON).then(|| {
            "not built: a release build without the feature `always`, or NO_BLOCK_BUILD=off".to_owned()
        })
    });
    let engine = |engine: Engine, built: Result<(), String>, probe: fn()| EngineStatus {
        name: engine.name(),
        why_not: match (&off, built) {
            (Some(why), _) => Some(why.clone()),
            (None, Err(why)) => Some(why),
            (None, Ok(())) if try_out(engine, probe) => None,
            (None, Ok(())) => Some("built, but it did not see a call made to try it out".to_owned()),
        },
        calls_seen: region::calls_seen(engine),
    };
    Status {
        action: settings.action,
        engines: [
            engine(Engine::Call, Ok(()), blocking_call),
            engine(Engine::Intercept, intercept::status(), libc_call),
        ],
    }
}

fn try_out(engine: Engine, probe: fn()) -> bool {
    static SITE: Site = Site {
        file: file!(),
        line: line!(),
        column: column!(),
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        manifest_dir: "",
        attribute: false,
    };
    let guarding = Guarding { place: Place::Site(&SITE), type_name: || "guard_runtime::status" };
    region::rehearse(guarding, probe).iter().any(|record| record.engine == engine)
}

fn blocking_call() {
    // Of a kind that no hook sees, so that the call site has to report.
    static API: Api = Api { path: "guard_runtime::status", kind: Kind::Cpu, remedy: "" };
    call::enter_call(Some(&API));
    call::exit_call();
}

fn libc_call() {
    // Its answer is of no interest, only that it is asked for.
    let _ = std::fs::metadata("/");
}
