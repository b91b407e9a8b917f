//! What happens on a violation: actions, limits, format and output, from code and from the environment.

use crate::model::Kind;
use crate::region;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock, TryLockError};
use std::time::Duration;

mod env;
mod fault;
mod privileged;

pub(crate) use fault::{contain, lock_out, out_of_order};
pub(crate) use privileged::{is_privileged, variable};

const KINDS: usize = Kind::ALL.len();

/// What a violation does. Each step includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing; where every kind is off, polls are not even watched.
    Off,
    /// It shows in [`stats`](crate::stats) and reaches the handler.
    Count,
    /// It is written out, once for each distinct violation.
    Log,
    /// The poll that blocked panics once it has returned.
    Panic,
    /// The process is aborted after the report.
    Abort,
}

impl Action {
    const ALL: [(&'static str, Action); 5] = [
        ("off", Action::Off),
        ("count", Action::Count),
        ("log", Action::Log),
        ("panic", Action::Panic),
        ("abort", Action::Abort),
    ];
}

/// From how long on a blocking call counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// It never counts.
    Never,
    /// It always counts.
    Always,
    /// It counts when it took longer than this.
    LongerThan(Duration),
}

impl Limit {
    pub(crate) fn exceeded_by(self, elapsed: Duration) -> bool {
        match self {
            Limit::Never => false,
            Limit::Always => true,
            Limit::LongerThan(limit) => elapsed > limit,
        }
    }
}

/// How reports are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A few lines for people.
    Text,
    /// One JSON object a line. Needs the feature `json`; without it this is text.
    Json,
}

/// What [`install`] is given. Whatever is not set here keeps its default, and the environment beats both.
///
/// | setting | default | environment |
/// |---|---|---|
/// | action | panic in debug builds; count in release builds with the feature `always` | `NO_BLOCK_ACTION=log`, for single kinds `NO_BLOCK_ACTION=panic,lock=panic` |
/// | limits | `stdio` (writing) and `init` over 10 ms, `lock` over 1 ms, `cpu` over 100 ms (waiting for rayon's threads over 1 ms), waiting for a thread of a `pool` over 500 ms, the others always | `NO_BLOCK_LIMITS=lock=1ms,fs=always,stdio=never` |
/// | format | text | `NO_BLOCK_FORMAT=text\|json` |
/// | output | stderr | `NO_BLOCK_OUTPUT=file` |
/// | verbose | no | `NO_BLOCK_VERBOSE=1` |
/// | armed workers | only those of runtimes made by this crate | `NO_BLOCK_ARM=workers`: all, read once at the start |
///
/// A bad value in the environment is one line on stderr that names the variable, the value and what is allowed; the
/// variable then counts as unset. In a program that runs with rights which its caller lacks (set-user-ID) no variable is
/// read, and [`status`](crate::status) says so.
///
/// # Example
///
/// ```
/// use guard_runtime::{Action, Config, Kind, Limit};
/// use std::time::Duration;
///
/// let config = Config::new()
///     .action(Action::Log)
///     .action_for(Kind::Sleep, Action::Panic)
///     .limit(Kind::Fs, Limit::LongerThan(Duration::from_millis(2)));
/// guard_runtime::install(config);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    action: Option<Action>,
    actions: [Option<Action>; KINDS],
    limits: [Option<Limit>; KINDS],
    format: Option<Format>,
    output: Option<PathBuf>,
    verbose: Option<bool>,
    arm_workers: Option<bool>,
}

impl Config {
    /// Nothing set.
    #[must_use]
    pub fn new() -> Config {
        Config::default()
    }

    /// The action for every kind that has none of its own.
    ///
    /// Kinds judged by a clock (`lock`, `cpu`, `pool`, `init`; writing to standard streams, reading `/proc`) and calls awaited by a dependency's code are at most logged,
    /// whatever is set here.
    #[must_use]
    pub fn action(mut self, action: Action) -> Config {
        self.action = Some(action);
        self
    }

    /// The action for one kind, without exceptions.
    #[must_use]
    pub fn action_for(mut self, kind: Kind, action: Action) -> Config {
        self.actions[kind as usize] = Some(action);
        self
    }

    /// From how long on a call of this kind counts.
    #[must_use]
    pub fn limit(mut self, kind: Kind, limit: Limit) -> Config {
        self.limits[kind as usize] = Some(limit);
        self
    }

    /// How reports are written.
    #[must_use]
    pub fn format(mut self, format: Format) -> Config {
        self.format = Some(format);
        self
    }

    /// Reports are appended to this file instead of going to stderr.
    #[must_use]
    pub fn output(mut self, file: impl Into<PathBuf>) -> Config {
        self.output = Some(file.into());
        self
    }

    /// Also write, once each, what a rule allowed, and the whole chain of every violation.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Config {
        self.verbose = Some(verbose);
        self
    }

    /// What is set in `self`, else what is set in `base`.
    fn over(self, base: &Config) -> Config {
        Config {
            action: self.action.or(base.action),
            actions: std::array::from_fn(|kind| self.actions[kind].or(base.actions[kind])),
            limits: std::array::from_fn(|kind| self.limits[kind].or(base.limits[kind])),
            format: self.format.or(base.format),
            output: self.output.or_else(|| base.output.clone()),
            verbose: self.verbose.or(base.verbose),
            arm_workers: self.arm_workers.or(base.arm_workers),
        }
    }
}

/// Every setting, decided.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) action: Action,
    actions: [Option<Action>; KINDS],
    limits: [Limit; KINDS],
    /// How long a thread may sleep until others have computed.
    cpu_wait: Limit,
    /// How long a closure may wait for a thread of a pool.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code))]
    pub(crate) pool_wait: Limit,
    pub(crate) format: Format,
    pub(crate) output: Option<PathBuf>,
    pub(crate) verbose: bool,
    /// Whether every worker of the process is armed.
    pub(crate) arm_workers: bool,
}

impl Settings {
    fn new(config: Config) -> Settings {
        let default_action = if cfg!(debug_assertions) { Action::Panic } else { Action::Count };
        Settings {
            action: config.action.unwrap_or(default_action),
            actions: config.actions,
            limits: std::array::from_fn(|kind| {
                config.limits[kind].unwrap_or(match Kind::ALL[kind] {
                    Kind::Stdio | Kind::Init => Limit::LongerThan(Duration::from_nanos(region::LONG_NS)),
                    Kind::Lock => Limit::LongerThan(Duration::from_millis(1)),
                    Kind::Cpu => Limit::LongerThan(Duration::from_millis(100)),
                    _ => Limit::Always,
                })
            }),
            cpu_wait: config.limits[Kind::Cpu as usize]
                .unwrap_or(Limit::LongerThan(Duration::from_millis(1))),
            pool_wait: config.limits[Kind::Pool as usize]
                .unwrap_or(Limit::LongerThan(Duration::from_millis(500))),
            format: config.format.unwrap_or(Format::Text),
            output: config.output,
            verbose: config.verbose.unwrap_or(false),
            arm_workers: config.arm_workers.unwrap_or(false),
        }
    }

    /// The action for a kind. `own`: whether the code that awaited the call is known to be the user's.
    pub(crate) fn action_for(&self, kind: Kind, own: bool) -> Action {
        match self.actions[kind as usize] {
            Some(action) => action,
            None if is_judged_by_clock(kind) || !own => self.action.min(Action::Log),
            None => self.action,
        }
    }

    /// Whether somebody has asked for this kind by name.
    pub(crate) fn has_own_action(&self, kind: Kind) -> bool {
        self.actions[kind as usize].is_some()
    }

    /// Whether a test that asserts on violations fails by this one, the general action being set aside.
    pub(crate) fn fails_a_test(&self, kind: Kind, own: bool) -> bool {
        match self.actions[kind as usize] {
            Some(action) => action >= Action::Panic,
            None => own && !is_judged_by_clock(kind),
        }
    }

    pub(crate) fn limit(&self, kind: Kind) -> Limit {
        self.limits[kind as usize]
    }

    /// The limit for a call that sleeps. Who sleeps until others have computed waits as for a lock.
    pub(crate) fn limit_of_wait(&self, kind: Kind) -> Limit {
        if kind == Kind::Cpu { self.cpu_wait } else { self.limit(kind) }
    }

    fn is_off(&self) -> bool {
        Kind::ALL.iter().all(|kind| self.action_for(*kind, true) == Action::Off)
    }
}

/// A clock decides whether calls of these kinds block, and clocks err: they never panic unless configured.
fn is_judged_by_clock(kind: Kind) -> bool {
    matches!(kind, Kind::Lock | Kind::Cpu | Kind::Pool | Kind::Init)
}

const UNREAD: u8 = 0;
const IN_FORCE: u8 = 1;
const OFF: u8 = 2;

/// What every poll reads.
static STATE: AtomicU8 = AtomicU8::new(UNREAD);
static SETTINGS: RwLock<Option<Arc<Settings>>> = RwLock::new(None);

/// Whether everything is off, so that a poll need not be watched.
#[inline]
pub(crate) fn is_off() -> bool {
    match STATE.load(Ordering::Relaxed) {
        IN_FORCE => false,
        OFF => true,
        _ => settings().is_off(),
    }
}

/// Whether no thread is in the middle of something here.
pub(crate) fn is_idle() -> bool {
    SETTINGS.try_write().is_ok()
}

/// The settings in force. Reads the environment at the first use.
pub(crate) fn settings() -> Arc<Settings> {
    let _quiet = region::quiet();
    if out_of_order().is_some() && matches!(SETTINGS.try_read(), Err(TryLockError::WouldBlock)) {
        // Held for ever, it may be.
        return Arc::new(Settings::new(Config::new().action(Action::Off)));
    }
    let read = SETTINGS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(settings) = &*read {
        return Arc::clone(settings);
    }
    drop(read);
    put(Config::new(), false)
}

/// Puts a configuration in force, from now on and for the whole process.
///
/// The environment beats it, variable by variable. May be called again: the last one counts. Nothing has to be
/// installed for the guard to work; [`Config`] names the defaults.
///
/// # Example
///
/// ```
/// use guard_runtime::{Action, Config, install, status};
///
/// install(Config::new().action(Action::Count));
/// # if std::env::var_os("NO_BLOCK_ACTION").is_none() {
/// assert_eq!(status().action(), Action::Count);
/// # }
/// ```
pub fn install(config: Config) {
    let _quiet = region::quiet();
    put(config, true);
}

fn put(config: Config, replace: bool) -> Arc<Settings> {
    let (from_env, errors) = env::read(variable);
    let mut slot = SETTINGS.write().unwrap_or_else(PoisonError::into_inner);
    if let (Some(settings), false) = (&*slot, replace) {
        return Arc::clone(settings);
    }
    let settings = Arc::new(Settings::new(from_env.over(&config)));
    *slot = Some(Arc::clone(&settings));
    region::set_limit_of_writing(match settings.limit(Kind::Stdio) {
        Limit::Never => u64::MAX,
        Limit::Always => 0,
        Limit::LongerThan(limit) => u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX),
    });
    let off = settings.is_off() || out_of_order().is_some();
    STATE.store(if off { OFF } else { IN_FORCE }, Ordering::Relaxed);
    drop(slot);
    env::complain(&errors);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(config: Config) -> Settings {
        Settings::new(config)
    }

    #[test]
    fn actions_are_a_ladder() {
        let steps = Action::ALL.map(|(_, action)| action);
        assert!(steps.is_sorted(), "{steps:?}");
    }

    #[test]
    fn clocks_and_dependencies_never_panic_by_the_general_action() {
        let settings = settings(Config::new().action(Action::Abort));
        assert_eq!(settings.action_for(Kind::Fs, true), Action::Abort);
        assert_eq!(settings.action_for(Kind::Fs, false), Action::Log);
        for kind in [Kind::Lock, Kind::Cpu, Kind::Pool, Kind::Init] {
            assert_eq!(settings.action_for(kind, true), Action::Log, "{kind}");
        }
    }

    #[test]
    fn a_kind_with_an_action_of_its_own_has_no_exceptions() {
        let settings = settings(Config::new().action(Action::Count).action_for(Kind::Lock, Action::Panic));
        assert_eq!(settings.action_for(Kind::Lock, true), Action::Panic);
        assert_eq!(settings.action_for(Kind::Lock, false), Action::Panic);
        assert_eq!(settings.action_for(Kind::Cpu, true), Action::Count);
    }

    #[test]
    fn off_means_that_no_kind_is_left() {
        assert!(settings(Config::new().action(Action::Off)).is_off());
        assert!(!settings(Config::new().action(Action::Off).action_for(Kind::Dns, Action::Count)).is_off());
        assert!(!settings(Config::new()).is_off());
    }

    #[test]
    fn the_environment_beats_what_was_installed_variable_by_variable() {
        let installed = Config::new().action(Action::Log).limit(Kind::Fs, Limit::Never).verbose(true);
        let env = Config::new().action(Action::Panic);
        let settings = settings(env.over(&installed));
        assert_eq!(settings.action, Action::Panic);
        assert_eq!(settings.limit(Kind::Fs), Limit::Never);
        assert!(settings.verbose);
    }

    #[test]
    fn default_limits_spare_stdio_init_and_short_locks() {
        let settings = settings(Config::new());
        let long = Duration::from_secs(9);
        for kind in [Kind::Stdio, Kind::Init] {
            assert!(!settings.limit(kind).exceeded_by(Duration::from_millis(10)), "{kind}");
            assert!(settings.limit(kind).exceeded_by(Duration::from_micros(10_001)), "{kind}");
        }
        assert!(settings.limit(Kind::Fs).exceeded_by(Duration::ZERO));
        assert!(!settings.limit(Kind::Lock).exceeded_by(Duration::from_millis(1)));
        assert!(settings.limit(Kind::Lock).exceeded_by(Duration::from_micros(1001)));
        assert!(!settings.limit(Kind::Cpu).exceeded_by(Duration::from_millis(100)));
        assert!(settings.limit_of_wait(Kind::Cpu).exceeded_by(Duration::from_millis(2)));
        let never = self::settings(Config::new().limit(Kind::Cpu, Limit::Never));
        assert!(!never.limit_of_wait(Kind::Cpu).exceeded_by(long));
    }
}
