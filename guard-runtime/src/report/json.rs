//! The report for machines: one object a line.

use super::stats::Stats;
use super::{Violation, facts};
use crate::config::Action;
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
    remedy: &'static str,
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
    to_string(&Line {
        v: VERSION,
        timestamp: now(),
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
        remedy: violation.remedy(),
    })
}

#[derive(Serialize)]
struct SummaryLine {
    v: u32,
    timestamp: String,
    level: &'static str,
    message: String,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    violations: u64,
    by_kind: BTreeMap<&'static str, u64>,
    lost: u64,
    calls_seen: BTreeMap<&'static str, u64>,
}

/// The last line of a process.
pub(super) fn summary(stats: &Stats) -> String {
    let by_kind = Kind::ALL.iter().map(|kind| (kind.name(), stats.of(*kind))).filter(|(_, count)| *count > 0);
    let engines = [Engine::Call, Engine::Intercept, Engine::Kernel];
    to_string(&SummaryLine {
        v: VERSION,
        timestamp: now(),
        level: "info",
        message: format!("blocking calls on executor threads: {}", stats.violations()),
        summary: Summary {
            violations: stats.violations(),
            by_kind: by_kind.collect(),
            lost: stats.lost(),
            calls_seen: engines.map(|engine| (engine.name(), calls_seen(engine))).into(),
        },
    })
}

fn to_string(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts and numbers under fixed names serialize")
}

/// RFC 3339, in UTC, with milliseconds.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
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
        let value: serde_json::Value =
            serde_json::from_str(&summary(&super::super::stats::counted())).unwrap();
        assert!(value.get("kind").is_none());
        assert_eq!(value["v"], 1);
        assert!(value["summary"]["violations"].is_u64() && value["summary"]["calls_seen"]["call"].is_u64());
    }
}
