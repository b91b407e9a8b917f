// What one poll does beyond its records is lost, and said: in a line of its own, and in the summary.
// expect: "message":"640 blocking calls were seen, but found no place to be kept in
// expect: "lost":640,"calls_seen"
// expect: 1 violations, 640 lost

macro_rules! four {
    ($($call:tt)*) => { $($call)* $($call)* $($call)* $($call)* };
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(guard_runtime::guard(async {
        four! { four! { four! { four! { four! { let _ = std::fs::metadata("/etc"); } } } } }
    }));
    let stats = guard_runtime::stats();
    eprintln!("{} violations, {} lost", stats.violations(), stats.lost());
}
