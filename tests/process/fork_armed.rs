// A forked child, as a daemon is one, has its workers armed too, and does not report its parent's calls again.
// env: NO_BLOCK_ARM=workers
// env: NO_BLOCK_ACTION=panic
// exit: panic
// expect: sleep std::thread::sleep @parent
// expect: sleep std::thread::sleep @child
// expect: the child reports 1 and ends with 101
// expect: the parent reports 1
// only

use guard_runtime::stats;
use std::time::Duration;
use tokio::runtime::Builder;

fn run(task: impl Future<Output = ()> + Send + 'static) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(task).await.unwrap() });
}

pub(crate) fn main() {
    // SAFETY: the child uses what is safe after `fork` on Linux: glibc's allocator, and threads of its own.
    let child = unsafe { libc::fork() };
    if child == 0 {
        run(async { std::thread::sleep(Duration::from_millis(1)) }); // @child
        assert_eq!(stats().violations(), 1);
        std::process::exit(0);
    }
    run(async { std::thread::sleep(Duration::from_millis(1)) }); // @parent
    let mut status = 0;
    // SAFETY: the pointer is to a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    eprintln!("the child reports 1 and ends with {}", libc::WEXITSTATUS(status));
    eprintln!("the parent reports {}", stats().violations());
}
