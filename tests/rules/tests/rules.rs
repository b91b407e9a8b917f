//! The rules of `no-block.toml` at run time: what they allow is silent, what they deny counts, wherever it is watched.

use guard_runtime::testing::capture;
use guard_runtime::{Kind, no_block};
use guard_test_rules::{Legacy, Load, lazily, quietly, startup};
use std::time::Duration;

#[no_block]
async fn run<T>(f: impl FnOnce() -> T) {
    f();
}

/// The kinds of the violations of a call in a fn that carries the attribute.
async fn found<T>(f: impl FnOnce() -> T) -> Vec<Kind> {
    capture(run(f)).await.iter().map(|violation| violation.kind()).collect()
}

#[tokio::test]
async fn a_function_that_may_block_is_silent_and_others_are_not() {
    assert_eq!(found(startup::load).await, []);
    assert_eq!(found(|| std::fs::read("Cargo.toml")).await, [Kind::Fs]);
}

#[tokio::test]
async fn a_denial_inside_of_what_is_allowed_wins() {
    assert_eq!(found(startup::load_secrets).await, [Kind::Fs]);
    // Its rule speaks of files alone.
    assert_eq!(found(startup::secrets::wait).await, []);
}

#[tokio::test]
async fn a_rule_speaks_of_its_kinds_and_as_long_as_it_says() {
    assert_eq!(found(|| Legacy.wait(Duration::from_millis(1))).await, []);
    assert_eq!(found(|| Legacy.load()).await, [Kind::Fs]);
    let long = capture(run(|| Legacy.wait(Duration::from_millis(2001)))).await;
    assert_eq!(long.len(), 1);
    let text = long[0].to_string();
    assert!(
        text.contains("no-block.toml allows 2s inside `guard_test_rules::Legacy::*`: its owner is on leave"),
        "{text}"
    );
}

#[tokio::test]
async fn a_rule_may_name_what_is_called() {
    assert_eq!(found(|| std::path::Path::new("Cargo.toml").exists()).await, []);
    assert_eq!(found(|| std::path::Path::new("Cargo.toml").is_file()).await, [Kind::Fs]);
}

#[tokio::test]
async fn what_this_crate_allows_can_be_denied() {
    assert_eq!(found(quietly).await, []);
    let denied = capture(run(lazily)).await;
    assert_eq!(denied.iter().map(|violation| violation.kind()).collect::<Vec<_>>(), [Kind::Init]);
    let text = denied[0].to_string();
    assert!(text.contains("no-block.toml denies it inside `guard_test_rules::lazily`: this one"), "{text}");
}

#[tokio::test]
async fn whoever_polls_the_user_s_future_excuses_nothing() {
    let reads = async { std::fs::read("Cargo.toml").is_ok() };
    let found = capture(guarded(tokio::time::timeout(Duration::from_secs(60), reads))).await;
    assert_eq!(found.iter().map(|violation| violation.kind()).collect::<Vec<_>>(), [Kind::Fs]);
}

#[no_block]
async fn guarded<T>(future: impl Future<Output = T>) -> T {
    future.await
}

#[tokio::test]
async fn a_rule_may_name_a_method_by_its_trait_and_a_function_of_c() {
    assert_eq!(found(|| vec![1_u8].load_anyhow()).await, []);
    assert_eq!(found(|| Legacy.load_anyhow()).await, []);
    unsafe extern "C" {
        safe fn usleep(micros: std::ffi::c_uint) -> std::ffi::c_int;
    }
    assert_eq!(found(|| usleep(10)).await, []);
}
