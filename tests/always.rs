//! With the feature `always`, the guard exists in release builds too: it counts, and is silent unless told otherwise.

#![cfg(all(not(debug_assertions), feature = "always"))]

use guard_runtime::{Kind, no_block, stats, status};
use std::process::Command;

#[no_block(allow(all))]
async fn reads() -> usize {
    std::fs::read("Cargo.toml").map_or(0, |data| data.len())
}

/// Run as a child by the tests below, with the environment that they choose.
#[tokio::test]
async fn a_violation() {
    let before = stats().of(Kind::Fs);
    assert!(reads().await > 0, "no panic in release");
    assert_eq!(stats().of(Kind::Fs), before + 1);
    assert!(status().is_armed());
}

fn child(action: Option<&str>) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_violation", "--nocapture"]).env_remove("NO_BLOCK_ACTION");
    if let Some(action) = action {
        command.env("NO_BLOCK_ACTION", action);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn nothing_is_said_by_default() {
    assert_eq!(child(None), "");
}

#[test]
fn it_logs_when_told_to() {
    assert!(child(Some("log")).contains("std::fs::read (fs)"));
}
