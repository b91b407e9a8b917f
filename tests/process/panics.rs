// The default: a panic when the outermost guarded poll returns, with the report; the call itself was made.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// exit: panic
// expect: blocking call on an executor thread: std::fs::create_dir (fs)
// expect: at @make
// expect: from @handler
// expect: in process::process::panics::make
// expect: #[no_block] process::process::panics::handler
// expect: fix:
// forbid: the call was not made

use guard_runtime::no_block;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("panics-{}", std::process::id()))
}

fn make() {
    std::fs::create_dir(folder()).unwrap(); // @make
}

#[no_block]
async fn handler() {
    make(); // @handler
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let ended = runtime.block_on(async { tokio::spawn(handler()).await });
    if std::fs::remove_dir(folder()).is_err() {
        eprintln!("the call was not made");
    }
    std::panic::resume_unwind(ended.unwrap_err().into_panic());
}
