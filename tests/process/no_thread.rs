// Where no thread can be started, `status()` says so, and a worker that waits for events reports itself.
// env: NO_BLOCK_ARM=workers
// expect: sleep std::thread::sleep @sleep
// expect: told while the program runs: 1
// expect: workers report themselves, no thread could be started
// expect: "no_thread":"Operation not permitted
// only

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

static TOLD: AtomicU64 = AtomicU64::new(0);

/// From now on this thread starts no others.
fn forbid_threads() {
    let is = |number: libc::c_long| libc::sock_filter {
        code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
        jt: 0,
        jf: 1,
        k: number as u32,
    };
    let gives = |value: u32| libc::sock_filter { code: (libc::BPF_RET | libc::BPF_K) as u16, jt: 0, jf: 0, k: value };
    let refused = gives(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32);
    // The number of the system call is what a filter's data begins with.
    let load = libc::sock_filter { code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, jt: 0, jf: 0, k: 0 };
    let mut filter = [load, is(libc::SYS_clone), refused, is(libc::SYS_clone3), refused, gives(libc::SECCOMP_RET_ALLOW)];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the kernel copies the filter, which outlives the call.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
    };
    assert!(done, "{}", std::io::Error::last_os_error());
}

pub(crate) fn main() {
    guard_runtime::set_handler(|_| {
        TOLD.fetch_add(1, Ordering::Relaxed);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    forbid_threads();
    runtime.block_on(async {
        std::thread::sleep(Duration::from_millis(1)); // @sleep
        tokio::time::sleep(Duration::from_millis(5)).await;
        eprintln!("told while the program runs: {}", TOLD.load(Ordering::Relaxed));
    });
    eprintln!("{}", guard_runtime::status());
}
