// What was noted is in the file when a signal ends the process, or it ends itself without a word.
// env: NO_BLOCK_ARM=workers
// expect: SIGTERM: told
// expect: SIGINT: told
// expect: SIGKILL: told
// expect: SIGABRT: told
// expect: _exit: told
// expect: exec: told
// forbid: : not told

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const HOW: &str = "GUARD_TESTS_ENDS_BY";

fn is_told(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("\"api\":\"std::thread::sleep\""))
}

fn end(how: &str, file: &Path) -> ! {
    // Its workers never wait for events, and none of them is there to report.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { std::thread::sleep(Duration::from_millis(1)) });
    while !is_told(file) {
        std::thread::sleep(Duration::from_millis(1));
    }
    // SAFETY: these end the process.
    unsafe {
        match how {
            "SIGTERM" => libc::raise(libc::SIGTERM),
            "SIGINT" => libc::raise(libc::SIGINT),
            "SIGKILL" => libc::raise(libc::SIGKILL),
            "_exit" => libc::_exit(0),
            "exec" => panic!("{}", Command::new("/bin/true").exec()),
            _ => libc::abort(),
        };
    }
    unreachable!()
}

pub(crate) fn main() {
    if let Ok(how) = std::env::var(HOW) {
        end(&how, Path::new(&std::env::var_os("NO_BLOCK_OUTPUT").unwrap()));
    }
    for how in ["SIGTERM", "SIGINT", "SIGKILL", "SIGABRT", "_exit", "exec"] {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ends-by-{how}-{}", std::process::id()));
        let mut child = crate::child("ends_by_signals");
        child.env(HOW, how).env("NO_BLOCK_OUTPUT", &file).status().unwrap();
        eprintln!("{how}: {}", if is_told(&file) { "told" } else { "not told" });
        let _ = std::fs::remove_file(file);
    }
}
