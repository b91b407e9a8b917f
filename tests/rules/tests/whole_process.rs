//! The rules where no attribute stands on what is watched: put in force by the entry point, for the whole process.

use guard_runtime::NoBlock;
use guard_runtime::testing::capture;
use guard_test_rules::startup;

// Its workers are armed: the end of the test would fail by what a task does.
#[guard_runtime::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_task_of_an_armed_worker_goes_by_the_rules() {
    assert!(tokio::spawn(async { startup::load() }).await.unwrap());
    let kinds = capture(async { startup::load_secrets() }.no_block()).await;
    assert_eq!(kinds.len(), 1);
    assert!(capture(async { startup::load() }.no_block()).await.is_empty());
}

#[test]
fn a_program_without_an_attribute_puts_them_in_force() {
    guard_runtime::project_rules!();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(capture(async { startup::load() }.no_block()));
    assert!(found.is_empty(), "{found:?}");
}
