// What lines of many runs are joined by: the thread's whole name, the process, and the finding's fingerprint.
// env: NO_BLOCK_ARM=workers
// expect: "thread":"tests::a_name_that_is_longer_than_the_kernel_keeps"
// expect: "test":"json_fields"
// expect: "program":"process-
// expect: "in_flight":false
// expect: "fingerprint":"17cdb3eaac1b778a"
// expect: "owner":"workspace"
// expect: "started":"20
// expect: sleep std::thread::sleep @nap

use std::time::Duration;

async fn nap<T>(_: T) {
    std::thread::sleep(Duration::from_millis(1)); // @nap
}

pub(crate) fn main() {
    let thread = std::thread::Builder::new().name("tests::a_name_that_is_longer_than_the_kernel_keeps".to_owned());
    let runs = || tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(nap(1_u8));
    thread.spawn(runs).unwrap().join().unwrap();
}
