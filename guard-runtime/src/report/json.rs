//! The report for machines: one object a line.

use super::exit::End;
use super::proof::Proof;
use super::stats::Stats;
use super::{Violation, facts, process};
use crate::config::Action;
use crate::judge::Owner;
use crate::model::{Engine, Kind};
use crate::region::calls_seen;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// The version of the fields.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'v> {
    v: u32,
    timestamp: String,
    level: &'static str,
    message: String,
    kind: &'static str,
    api: &'v str,
    engine: &'static str,
    location: Option<&'v str>,
    function: Option<&'v str>,
    #[serde(rename = "crate")]
    krate: Option<&'v str>,
    chain: Vec<Link<'v>>,
    guarded: &'v str,
    here: String,
    task: Option<u64>,
    thread: Option<&'v str>,
    elapsed_us: u64,
    slept: Option<bool>,
    in_flight: bool,
    remedy: &'static str,
    owner: &'static str,
    /// The package that awaited the call.
    package: Option<&'v str>,
    package_version: Option<&'v str>,
    fingerprint: String,
    #[serde(flatten)]
    process: Process,
}

/// Where a line comes from.
#[derive(Serialize)]
struct Process {
    pid: u32,
    program: Option<&'static str>,
    test: Option<String>,
    started: String,
}

impl Process {
    /// `thread`: the one that a line is about.
    fn this(thread: Option<&str>) -> Process {
        Process {
            pid: std::process::id(),
            program: process::program(),
            test: process::test(thread),
            started: date(process::started()),
        }
    }
}

#[derive(Serialize)]
struct Link<'v> {
    function: &'v str,
    location: Option<String>,
    #[serde(rename = "crate")]
    krate: Option<&'v str>,
}

/// A violation as one line, without a line break.
pub(super) fn line(violation: &Violation) -> String {
    let elapsed_us = u64::try_from(violation.elapsed().as_micros()).unwrap_or(u64::MAX);
    let chain = violation.facts().verdict.chain.iter().map(|frame| Link {
        function: &frame.function,
        location: facts::at(frame),
        krate: frame.krate.as_deref(),
    });
    let (owner, package, package_version) = match &violation.facts().verdict.owner {
        Owner::Workspace => ("workspace", violation.krate(), violation.facts().own_version),
        Owner::Dependency { name, version } => ("dependency", Some(&**name), Some(&**version)),
        Owner::Unknown => ("unknown", None, None),
    };
    to_string(&Line {
        v: VERSION,
        timestamp: date(violation.at.unwrap_or_else(SystemTime::now)),
        level: match violation.action() {
            Action::Off | Action::Count => "info",
            Action::Log => "warn",
            Action::Panic | Action::Abort => "error",
        },
        message: violation.headline().into_owned(),
        kind: violation.kind().name(),
        api: violation.api(),
        engine: violation.engine(),
        location: violation.location(),
        function: violation.function(),
        krate: violation.krate(),
        chain: chain.collect(),
        guarded: violation.guarded(),
        here: format!("{:?}", violation.here()),
        task: violation.task(),
        thread: violation.thread(),
        elapsed_us,
        slept: violation.slept(),
        in_flight: violation.in_flight(),
        remedy: violation.remedy(),
        owner,
        package,
        package_version: package_version.filter(|version| !version.is_empty()),
        fingerprint: violation.fingerprint(),
        process: Process::this(violation.thread()),
    })
}

#[derive(Serialize)]
struct SummaryLine<'s> {
    v: u32,
    timestamp: String,
    level: &'static str,
    message: String,
    summary: Summary<'s>,
    #[serde(flatten)]
    process: Process,
}

#[derive(Serialize)]
struct Summary<'s> {
    violations: u64,
    by_kind: BTreeMap<&'static str, u64>,
    lost: u64,
    calls_seen: BTreeMap<&'static str, u64>,
    #[serde(flatten)]
    proof: Option<Proven<'s>>,
    /// What the process ends with, where that is known.
    status: Option<i32>,
    reason: String,
}

/// What was watched.
#[derive(Serialize)]
struct Proven<'s> {
    armed: bool,
    /// `all`, or of how many runtimes.
    workers: String,
    /// By name: `armed`, or why not.
    engines: BTreeMap<&'static str, &'s str>,
    hooks_in_force: bool,
    /// `read`, or what is missing.
    symbols: &'static str,
    /// Why what workers noted is not reported by a thread of its own, if so.
    no_thread: Option<&'s str>,
}

impl<'s> Proven<'s> {
    fn of(proof: &'s Proof) -> Proven<'s> {
        let engine =
            |(name, why): &'s (&'static str, Option<String>)| (*name, why.as_deref().unwrap_or("armed"));
        Proven {
            armed: proof.armed,
            workers: proof.runtimes.map_or_else(|| "all".to_owned(), |runtimes| runtimes.to_string()),
            engines: proof.engines.iter().map(engine).collect(),
            hooks_in_force: proof.hooks_in_force,
            symbols: proof.why_no_places.unwrap_or("read"),
            no_thread: proof.why_no_thread.as_deref(),
        }
    }
}

/// The last line of a process.
pub(super) fn summary(stats: &Stats, proof: Option<&Proof>, end: &End) -> String {
    let by_kind = Kind::ALL.iter().map(|kind| (kind.name(), stats.of(*kind))).filter(|(_, count)| *count > 0);
    let engines = [Engine::Call, Engine::Intercept, Engine::Kernel];
    to_string(&SummaryLine {
        v: VERSION,
        timestamp: date(SystemTime::now()),
        level: "info",
        message: format!("blocking calls on executor threads: {}", stats.violations()),
        summary: Summary {
            violations: stats.violations(),
            by_kind: by_kind.collect(),
            lost: stats.lost(),
            calls_seen: engines.map(|engine| (engine.name(), calls_seen(engine))).into(),
            proof: proof.map(Proven::of),
            status: end.status,
            reason: end.reason(),
        },
        process: Process::this(None),
    })
}

#[derive(Serialize)]
struct LossLine {
    v: u32,
    timestamp: String,
    level: &'static str,
    message: String,
    lost: u32,
    #[serde(flatten)]
    process: Process,
}

/// Calls could not be kept: no violation, so without a kind.
pub(super) fn loss(message: String, lost: u32) -> String {
    let (timestamp, process) = (date(SystemTime::now()), Process::this(None));
    to_string(&LossLine { v: VERSION, timestamp, level: "warn", message, lost, process })
}

fn to_string(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts and numbers under fixed names serialize")
}

/// RFC 3339, in UTC, with milliseconds.
fn date(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Year, month and day of a day since 1970-01-01, counted in 400-year cycles from a first of March.
fn civil(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (cycle, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let month_day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (cycle * 400 + year + u64::from(month <= 2), month, month_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(59), (1970, 3, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_723), (2024, 1, 1));
        assert_eq!(civil(20_453), (2025, 12, 31));
        assert_eq!(civil(47_540), (2100, 2, 28));
        assert_eq!(civil(47_541), (2100, 3, 1));
    }

    #[test]
    fn a_summary_has_no_kind() {
        let value: serde_json::Value = serde_json::from_str(&summary(
            &super::super::stats::counted(),
            None,
            &End { status: None, failed: 0 },
        ))
        .unwrap();
        assert!(value.get("kind").is_none());
        assert_eq!(value["v"], 1);
        assert!(value["summary"]["violations"].is_u64() && value["summary"]["calls_seen"]["call"].is_u64());
    }
}
