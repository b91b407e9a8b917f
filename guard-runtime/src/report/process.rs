//! Which process, program and test a line of JSON comes from, so that lines of many runs can be joined.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The file name of the program that runs.
pub(super) fn program() -> Option<&'static str> {
    static PROGRAM: OnceLock<Option<String>> = OnceLock::new();
    let name = || Some(executable()?.file_name()?.to_string_lossy().into_owned());
    PROGRAM.get_or_init(name).as_deref()
}

fn executable() -> Option<&'static Path> {
    static EXECUTABLE: OnceLock<Option<std::path::PathBuf>> = OnceLock::new();
    EXECUTABLE.get_or_init(|| env::current_exe().ok()).as_deref()
}

/// The test that a thread of this name runs, as far as that can be told: nextest says so, or there is one only, or libtest
/// has named the thread after it.
pub(super) fn test(thread: Option<&str>) -> Option<String> {
    static OF_PROCESS: OnceLock<Option<String>> = OnceLock::new();
    let of_process = OF_PROCESS.get_or_init(|| match is_of_cargo() || env::var_os("NEXTEST").is_some() {
        true => by_process(env::var_os("NEXTEST_TEST_NAME"), env::args_os().skip(1)),
        false => None,
    });
    if of_process.is_some() {
        return of_process.clone();
    }
    thread.filter(|name| is_of_cargo() && is_test(name)).map(str::to_owned)
}

/// The one test of this process.
fn by_process(nextest: Option<OsString>, args: impl Iterator<Item = OsString>) -> Option<String> {
    if let Some(name) = nextest {
        return name.into_string().ok();
    }
    let args: Vec<String> = args.filter_map(|arg| arg.into_string().ok()).collect();
    let mut names = args.iter().filter(|arg| !arg.starts_with('-'));
    let name = names.next()?;
    let is_one = args.iter().any(|arg| arg == "--exact") && names.next().is_none();
    is_one.then(|| name.clone())
}

/// Whether cargo has built the program as a test or a bench: those stay in a folder of this name.
fn is_of_cargo() -> bool {
    executable().and_then(Path::parent).and_then(Path::file_name).is_some_and(|folder| folder == "deps")
}

/// Threads of tokio's and the main one are no test's.
fn is_test(thread: &str) -> bool {
    thread != "main" && !thread.starts_with("tokio-")
}

/// When the process began, in milliseconds since 1970; 0 is not known.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// The process, or a forked child, begins.
pub(super) fn begin() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    STARTED.store(u64::try_from(since.as_millis()).unwrap_or(0), Ordering::Relaxed);
}

/// When [`begin`] was called: where there are hooks that is before `main`, elsewhere the first report.
pub(super) fn started() -> SystemTime {
    if STARTED.load(Ordering::Relaxed) == 0 {
        begin();
    }
    UNIX_EPOCH + Duration::from_millis(STARTED.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_one_test_is_told_by_nextest_or_its_arguments() {
        let of = |nextest: Option<&str>, args: &str| {
            by_process(nextest.map(OsString::from), args.split_whitespace().map(OsString::from))
        };
        assert_eq!(of(Some("a::b"), ""), Some("a::b".to_owned()));
        assert_eq!(of(None, "a::b --exact --nocapture"), Some("a::b".to_owned()));
        assert_eq!(of(None, "--exact a::b c"), None);
        assert_eq!(of(None, "a::b"), None);
        assert_eq!(of(None, ""), None);
    }

    #[test]
    fn threads_that_are_no_tests_are_not_taken_for_one() {
        assert!(is_test("tests::it_works") && !is_test("main") && !is_test("tokio-runtime-worker"));
    }
}
