// What an armed worker did wrong is handed over as soon as it waits for events, not at the end of the program.
// env: NO_BLOCK_ARM=workers
// expect: sleep std::thread::sleep @sleep
// expect: the handler has been told: Worker(0)
// only

use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::oneshot;

#[tokio::main(worker_threads = 1)]
pub(crate) async fn main() {
    let (tx, told) = oneshot::channel();
    let tx = Mutex::new(Some(tx));
    guard_runtime::set_handler(move |violation| {
        let tx = tx.lock().unwrap().take().expect("one violation");
        let _ = tx.send((violation.here(), guard_runtime::stats().violations()));
    });
    tokio::spawn(async {
        std::thread::sleep(Duration::from_millis(1)); // @sleep
    });
    let (here, violations) = told.await.expect("the handler is called while the program waits for it");
    assert_eq!(violations, 1);
    eprintln!("the handler has been told: {here:?}");
}
