// Stripped of all: what is judged by names stays silent rather than wrong, and `status()` says so.
// strip: --strip-all
// expect: places and owners are not known, the program was stripped of its symbols
// forbid: tokio::process
// only

use guard_runtime::guard;

pub(crate) fn main() {
    eprintln!("{}", guard_runtime::status());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let blocking = tokio::task::spawn_blocking(|| {
            futures::executor::block_on(guard(async { std::fs::metadata("Cargo.toml").is_ok() }))
        });
        assert!(blocking.await.unwrap());
    });
}
