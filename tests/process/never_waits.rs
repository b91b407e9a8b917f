// A runtime of one thread whose task never waits for events: each of a thousand calls is told, and so are repetitions.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=count
// expect: 3072 violations, 0 lost

macro_rules! four {
    ($($call:tt)*) => { $($call)* $($call)* $($call)* $($call)* };
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..3 {
        runtime.block_on(async {
            four! { four! { four! { four! { four! { let _ = std::fs::metadata("/etc"); } } } } }
        });
    }
    let stats = guard_runtime::stats();
    eprintln!("{} violations, {} lost", stats.violations(), stats.lost());
}
