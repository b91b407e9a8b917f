// A program that runs with rights which its caller lacks reads none of its caller's variables: no file is written that the
// caller names, nothing is armed, the action is the default.
// set-user-ID
// env: NO_BLOCK_OUTPUT=$TMP/everybodys/reports
// env: NO_BLOCK_ARM=workers
// expect: NO_BLOCK_* is not read, the program has rights that its caller lacks
// expect: all workers false, action Panic
// expect: it has panicked: true
// expect: the file is there: false

use guard_runtime::guard;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

pub(crate) fn main() {
    let file = std::env::var_os("NO_BLOCK_OUTPUT").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let status = guard_runtime::status();
    eprintln!("{status}");
    eprintln!("all workers {}, action {:?}", status.arms_all_workers(), status.action());
    let blocks = || runtime.block_on(guard(async { std::thread::sleep(Duration::from_millis(1)) }));
    eprintln!("it has panicked: {}", catch_unwind(AssertUnwindSafe(blocks)).is_err());
    eprintln!("the file is there: {}", std::path::Path::new(&file).exists());
}
