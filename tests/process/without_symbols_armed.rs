// Armed by the environment, but stripped of all: nothing can be found, and that is said in one line.
// strip: --strip-all
// env: NO_BLOCK_ARM=workers
// expect: guard: NO_BLOCK_ARM: this program's workers are not watched: the program was stripped of its symbols
// only

use std::time::Duration;

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::spawn(async { std::thread::sleep(Duration::from_millis(1)) }).await.unwrap();
    });
}
