// A handler that ends the process well does not hide what was found before: the end fails by it.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// exit: panic
// expect: guard: ends with status 101
// forbid: came to its end

use std::time::Duration;

#[tokio::main(worker_threads = 1)]
pub(crate) async fn main() {
    guard_runtime::set_handler(|_| std::process::exit(0));
    tokio::spawn(async { std::thread::sleep(Duration::from_millis(1)) }).await.unwrap();
    let _ = guard_runtime::stats();
    // Until the thread that reports has ended the process.
    tokio::time::sleep(Duration::from_secs(60)).await;
    println!("came to its end");
}
