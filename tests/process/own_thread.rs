// Our thread is not there before anything was noted; then it has all signals blocked, and nothing of it is seen.
// env: NO_BLOCK_ARM=workers
// expect: before: none
// expect: then: one, with every signal blocked
// expect: sleep std::thread::sleep @sleep
// expect: "violations":1
// only

use std::time::Duration;

/// What `/proc` says of our thread.
fn ours() -> Option<String> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let status = |path: std::path::PathBuf| std::fs::read_to_string(path.join("status")).ok();
    threads.filter_map(|thread| status(thread.ok()?.path())).find(|status| status.contains("guard-reports"))
}

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {});
    eprintln!("before: {}", if ours().is_none() { "none" } else { "one" });
    runtime.block_on(async { std::thread::sleep(Duration::from_millis(1)) }); // @sleep
    // It names itself.
    let status = loop {
        match ours() {
            Some(status) => break status,
            None => std::thread::yield_now(),
        }
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
    let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
    // Two cannot be blocked, and two are the C library's own.
    let open: Vec<u32> = (1..=64).filter(|signal| mask & 1 << (signal - 1) == 0).collect();
    let blocked = open.iter().all(|signal| [9, 19, 32, 33, 34].contains(signal));
    eprintln!("then: one, {}", if blocked { "with every signal blocked".to_owned() } else { format!("{open:?}") });
}
