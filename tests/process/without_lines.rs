// Built without line tables (`debug = 0`): the crate tells that it is the user's own, and the call site where it is.
// strip: --strip-debug
// env: NO_BLOCK_ACTION=panic
// exit: panic
// expect: "api":"std::fs::metadata"
// expect: places and owners are not known, the program was built without line tables
// forbid: went on

use guard_runtime::no_block;

#[inline(never)]
fn helper() -> bool {
    std::fs::metadata("Cargo.toml").is_ok()
}

#[no_block]
async fn handler() -> bool {
    helper()
}

pub(crate) fn main() {
    eprintln!("{}", guard_runtime::status());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let joined = runtime.block_on(runtime.spawn(handler()));
    assert!(joined.is_ok(), "it panicked, as it should");
    eprintln!("went on");
}
