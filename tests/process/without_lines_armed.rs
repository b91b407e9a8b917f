// The same on an armed worker: a task of the user's own fails the end of the program.
// strip: --strip-debug
// env: NO_BLOCK_ACTION=panic
// exit: panic
// expect: "api":"std::fs::metadata"
// expect: tasks of this runtime have blocked its workers
// forbid: nothing was found

#[inline(never)]
fn helper() -> bool {
    std::fs::metadata("Cargo.toml").is_ok()
}

async fn task() -> bool {
    helper()
}

#[guard_runtime::main(flavor = "multi_thread", worker_threads = 1)]
async fn run() {
    assert!(tokio::spawn(task()).await.unwrap());
}

pub(crate) fn main() {
    run();
    eprintln!("nothing was found");
}
