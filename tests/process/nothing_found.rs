// A run that finds nothing can show that it was watched, and prints nothing else.
// env: NO_BLOCK_ARM=workers
// expect: in the file: 1 line, of an armed process with all workers, hooks and symbols, 0 violations, 0 lost, status 0
// expect: in verbose mode: guard: armed, all workers; call; intercept; kernel
// expect: on standard error: nothing

use serde_json::Value;
use std::path::PathBuf;

const INNER: &str = "GUARD_TESTS_INNER";

fn run(output: Option<&PathBuf>, verbose: bool) -> String {
    let mut child = crate::child("nothing_found");
    child.env(INNER, "1");
    if let Some(file) = output {
        child.env("NO_BLOCK_OUTPUT", file);
    }
    if verbose {
        child.env("NO_BLOCK_VERBOSE", "1").env("NO_BLOCK_LIMITS", "all=never");
    }
    let output = child.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

pub(crate) fn main() {
    if std::env::var_os(INNER).is_some() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        return runtime.block_on(async { tokio::spawn(tokio::task::yield_now()).await.unwrap() });
    }
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("nothing-{}", std::process::id()));
    let stderr = run(Some(&file), false);
    let text = std::fs::read_to_string(&file).unwrap();
    let _ = std::fs::remove_file(&file);
    let line: Value = serde_json::from_str(text.trim_end()).unwrap();
    let summary = &line["summary"];
    assert!(line["pid"].is_u64() && line["program"].is_string() && line.get("kind").is_none(), "{text}");
    let engines: Vec<&str> = ["call", "intercept", "kernel"].map(|name| &summary["engines"][name]).into_iter().filter_map(Value::as_str).collect();
    assert_eq!(engines, ["armed"; 3], "{text}");
    let armed = summary["armed"] == true && summary["workers"] == "all" && summary["hooks_in_force"] == true;
    assert!(armed && summary["symbols"] == "read" && summary["reason"] == "the program's own", "{text}");
    eprintln!(
        "in the file: {} line, of an armed process with all workers, hooks and symbols, {} violations, {} lost, status {}",
        text.lines().count(),
        summary["violations"],
        summary["lost"],
        summary["status"]
    );
    eprintln!("on standard error: {}", if stderr.is_empty() { "nothing" } else { &stderr });
    for line in run(None, true).lines().filter(|line| line.contains("armed")) {
        eprintln!("in verbose mode: {line}");
    }
}
