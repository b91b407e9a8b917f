// On an armed worker, what is exempt as long as it is quick is summed until the task changes or the worker parks.
// env: NO_BLOCK_ARM=workers
// expect: fs std::fs::read @many-tables
// expect: all were made
// forbid: @few-tables
// only

use std::time::{Duration, Instant};
use tokio::runtime::Builder;

async fn few() {
    for _ in 0..20 {
        let _ = std::fs::read("/proc/self/stat"); // @few-tables
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn many() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(600) {
        let _ = std::fs::read("/proc/self/stat"); // @many-tables
    }
}

pub(crate) fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let few: Vec<_> = (0..20).map(|_| tokio::spawn(few())).collect();
        for one in few {
            one.await.unwrap();
        }
        tokio::spawn(many()).await.unwrap();
    });
    drop(runtime);
    eprintln!("all were made");
}
