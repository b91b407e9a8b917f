// What a handler sends to a task of an armed runtime arrives, though all its workers are idle but for a timer.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=count
// forbid: nothing arrived

use std::time::Duration;

pub(crate) fn main() {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(30));
        eprintln!("nothing arrived");
        std::process::exit(1);
    });
    for workers in [1, 2, 4] {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
        let (found, mut arrived) = tokio::sync::mpsc::unbounded_channel();
        guard_runtime::set_handler(move |violation| {
            let _ = found.send(violation.kind());
        });
        // A handler waits for the next worker that waits for events.
        let ticks = runtime.spawn(async {
            let mut ticks = tokio::time::interval(Duration::from_millis(5));
            loop {
                ticks.tick().await;
            }
        });
        let receiver = runtime.spawn(async move { arrived.recv().await.unwrap() });
        runtime.spawn(async { std::fs::metadata("Cargo.toml").is_ok() });
        assert_eq!(runtime.block_on(receiver).unwrap(), guard_runtime::Kind::Fs);
        ticks.abort();
    }
}
