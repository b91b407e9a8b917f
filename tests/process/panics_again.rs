// Twenty panics at one place: each has its message, the first alone has its backtrace.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// expect: 20 panics, 20 messages, 1 backtraces

use guard_runtime::guard;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const INNER: &str = "GUARD_TESTS_INNER";

fn panics() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let one = || {
        let poll = || runtime.block_on(guard(async { std::thread::sleep(Duration::from_millis(1)) }));
        let payload = catch_unwind(AssertUnwindSafe(poll)).unwrap_err();
        payload.downcast_ref::<String>().is_some_and(|text| text.contains("std::thread::sleep"))
    };
    println!("{} panics", (0..20).filter(|_| one()).count());
}

pub(crate) fn main() {
    if std::env::var_os(INNER).is_some() {
        return panics();
    }
    let output = crate::child("panics_again").env(INNER, "1").env("RUST_BACKTRACE", "1").output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let panics = stdout.lines().find(|line| line.ends_with(" panics")).unwrap_or(&stdout);
    let count = |text: &str| stderr.matches(text).count();
    eprintln!(
        "{panics}, {} messages, {} backtraces",
        count("blocking call on an executor thread: std::thread::sleep"),
        count("stack backtrace:")
    );
}
