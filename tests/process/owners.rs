// A dependency's own async code is logged; a blocking function of one that the user's code calls is the user's.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// expect: blocking call on an executor thread: std::thread::sleep (sleep)
// expect: in dependency slow
// expect: blocking call on an executor thread: process::process::owners::slow::Client::get (sleep)
// expect: at @theirs
// expect: at @ours

use guard_runtime::NoBlock;

#[path = "vendor/slow/src/lib.rs"]
mod slow;

async fn theirs() {
    slow::fetch().await; // @theirs
}

async fn ours() -> u8 {
    tokio::task::yield_now().await;
    slow::Client.get() // @ours
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(theirs().no_block()).await.expect("a dependency's violation does not panic");
    tokio::spawn(ours().no_block()).await.expect_err("the user's own does");
}
