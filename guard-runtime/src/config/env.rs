//! The environment's variables, read into a `Config`. A bad value is an error text, never a panic.

use super::{Action, Config, Format, Limit};
use crate::model::Kind;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

type Parse = fn(Config, &str) -> Option<Config>;

/// Each variable: its name, its parser, and what is allowed.
const VARIABLES: [(&str, Parse, &str); 6] = [
    (
        "NO_BLOCK_ACTION",
        action,
        "off, count, log, panic or abort, and for single kinds such as `panic,lock=panic`",
    ),
    (
        "NO_BLOCK_LIMITS",
        limits,
        "kinds with never, always or a time, such as `lock=1ms,fs=always,stdio=never`",
    ),
    (
        "NO_BLOCK_FORMAT",
        format,
        if cfg!(feature = "json") { "text or json" } else { "text (no feature `json`)" },
    ),
    ("NO_BLOCK_OUTPUT", output, "the path of a file"),
    ("NO_BLOCK_VERBOSE", verbose, "0 or 1"),
    (
        "NO_BLOCK_ARM",
        arm,
        if WORKERS { "workers" } else { "nothing here: it needs the hooks, and the feature `workers`" },
    ),
];

/// What the environment sets, and a line for each bad value.
pub(super) fn read(var: impl Fn(&str) -> Option<OsString>) -> (Config, Vec<String>) {
    let (mut config, mut errors) = (Config::new(), Vec::new());
    for (name, parse, allowed) in VARIABLES {
        let Some(value) = var(name) else { continue };
        match value.to_str().and_then(|text| parse(config.clone(), text.trim())) {
            Some(parsed) => config = parsed,
            None => {
                let value = value.to_string_lossy();
                errors.push(format!("guard: {name}={value} is ignored, expected {allowed}"));
            }
        }
    }
    (config, errors)
}

/// Writes the lines of [`read`], each of them once in a process.
pub(super) fn complain(errors: &[String]) {
    use std::collections::BTreeSet;
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    for error in errors {
        if said.insert(error.clone()) {
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(std::io::stderr(), "{error}");
        }
    }
}

fn action(mut config: Config, text: &str) -> Option<Config> {
    let one = |text: &str| Action::ALL.iter().find(|(name, _)| *name == text).map(|(_, action)| *action);
    for item in text.split(',').map(str::trim) {
        config = match item.split_once('=') {
            Some((kind, text)) => config.action_for(kind.trim().parse().ok()?, one(text.trim())?),
            None => config.action(one(item)?),
        };
    }
    Some(config)
}

fn limits(mut config: Config, text: &str) -> Option<Config> {
    for item in text.split(',').map(str::trim) {
        let (kind, limit) = item.split_once('=')?;
        let limit = match limit.trim() {
            "never" => Limit::Never,
            "always" => Limit::Always,
            time => Limit::LongerThan(duration(time)?),
        };
        match kind.trim() {
            "all" => config = Kind::ALL.iter().fold(config, |config, kind| config.limit(*kind, limit)),
            kind => config = config.limit(kind.parse().ok()?, limit),
        }
    }
    Some(config)
}

/// `1ms`, `1.5s`, `200us`.
fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit.trim() {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

fn format(config: Config, text: &str) -> Option<Config> {
    match text {
        "text" => Some(config.format(Format::Text)),
        "json" if cfg!(feature = "json") => Some(config.format(Format::Json)),
        _ => None,
    }
}

fn output(config: Config, text: &str) -> Option<Config> {
    (!text.is_empty()).then(|| config.output(PathBuf::from(text)))
}

fn verbose(config: Config, text: &str) -> Option<Config> {
    match text {
        "1" => Some(config.verbose(true)),
        "0" | "" => Some(config.verbose(false)),
        _ => None,
    }
}

/// Whether there is something that could see what workers do.
const WORKERS: bool = crate::model::HOOKS && cfg!(feature = "workers");

fn arm(mut config: Config, text: &str) -> Option<Config> {
    config.arm_workers = match text {
        "workers" if WORKERS => Some(true),
        "" => Some(false),
        _ => return None,
    };
    Some(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &'static str, value: &'static str) -> (Config, Vec<String>) {
        read(|asked| (asked == name).then(|| value.into()))
    }

    #[test]
    fn good_values_are_taken() {
        let (config, errors) = one("NO_BLOCK_ACTION", "count, lock=panic,fs = off");
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(config.action, Some(Action::Count));
        assert_eq!(config.actions[Kind::Lock as usize], Some(Action::Panic));
        assert_eq!(config.actions[Kind::Fs as usize], Some(Action::Off));

        let (config, errors) = one("NO_BLOCK_LIMITS", "lock=1.5ms,fs=always,stdio=never,dns=20us");
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(config.limits[Kind::Lock as usize], Some(Limit::LongerThan(Duration::from_micros(1500))));
        assert_eq!(config.limits[Kind::Fs as usize], Some(Limit::Always));
        assert_eq!(config.limits[Kind::Stdio as usize], Some(Limit::Never));
        assert_eq!(config.limits[Kind::Dns as usize], Some(Limit::LongerThan(Duration::from_micros(20))));

        assert_eq!(one("NO_BLOCK_LIMITS", "all=never").0.limits, [Some(Limit::Never); super::super::KINDS]);
        assert_eq!(one("NO_BLOCK_FORMAT", "text").0.format, Some(Format::Text));
        assert_eq!(one("NO_BLOCK_OUTPUT", "a/b.log").0.output, Some(PathBuf::from("a/b.log")));
        assert_eq!(one("NO_BLOCK_VERBOSE", "1").0.verbose, Some(true));
        assert_eq!(one("NO_BLOCK_ARM", "workers").0.arm_workers, WORKERS.then_some(true));
        assert_eq!(one("NO_BLOCK_ARM", "").0.arm_workers, Some(false));
    }

    #[test]
    fn a_bad_value_is_one_line_with_variable_value_and_what_is_allowed() {
        for (name, value, allowed) in [
            ("NO_BLOCK_ACTION", "pannic", "off, count, log, panic or abort"),
            ("NO_BLOCK_ACTION", "", "off, count"),
            ("NO_BLOCK_ACTION", "panic,lokc=panic", "lock=panic"),
            ("NO_BLOCK_ACTION", "panic,lock=no", "lock=panic"),
            ("NO_BLOCK_LIMITS", "lock", "never, always or a time"),
            ("NO_BLOCK_LIMITS", "lock=1", "lock=1ms"),
            ("NO_BLOCK_LIMITS", "lock=1.2.3ms", "lock=1ms"),
            ("NO_BLOCK_LIMITS", "lock=99999999999999999999999s", "lock=1ms"),
            ("NO_BLOCK_FORMAT", "xml", "text"),
            ("NO_BLOCK_OUTPUT", "", "file"),
            ("NO_BLOCK_VERBOSE", "yes", "0 or 1"),
            ("NO_BLOCK_ARM", "worker", if WORKERS { "workers" } else { "hooks" }),
        ] {
            let (config, errors) = one(name, value);
            assert_eq!(errors.len(), 1, "{name}={value}: {errors:?}");
            let line = &errors[0];
            assert!(line.contains(&format!("{name}={value} ")) && line.contains(allowed), "{line}");
            assert!(!line.contains('\n'));
            assert_eq!(format!("{config:?}"), format!("{:?}", Config::new()), "{name}={value} left a trace");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_a_bad_value() {
        use std::os::unix::ffi::OsStringExt;
        let (_, errors) = read(|name| (name == "NO_BLOCK_ACTION").then(|| OsString::from_vec(vec![0xff])));
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn one_bad_variable_leaves_the_others_in_force() {
        let (config, errors) = read(|name| match name {
            "NO_BLOCK_ACTION" => Some("loud".into()),
            "NO_BLOCK_VERBOSE" => Some("1".into()),
            _ => None,
        });
        assert_eq!((errors.len(), config.action, config.verbose), (1, None, Some(true)));
    }
}
