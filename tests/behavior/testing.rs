//! `testing::capture` and `testing::assert_no_block`.

use crate::support::{
    BlocksInDrop, block, block_counted, block_ignored, block_logged, handled, panic_of, pause, run, setup,
};
use guard_runtime::{Action, Kind, NoBlock, guard, testing};

#[test]
fn capture_collects_over_all_polls_and_acts_on_nothing() {
    setup();
    let before = guard_runtime::stats().of(Kind::BlockOn);
    let violations = run(testing::capture(async {
        block();
        pause().await;
        block_counted();
        block_logged();
        block_ignored();
    }));
    let kinds: Vec<Kind> = violations.iter().map(|violation| violation.kind()).collect();
    assert_eq!(kinds, [Kind::BlockOn, Kind::Crypto, Kind::Compression]);
    let actions: Vec<Action> = violations.iter().map(|violation| violation.action()).collect();
    assert_eq!(actions, [Action::Panic, Action::Count, Action::Log]);
    assert_eq!(handled("testing::capture_collects_over_all_polls_and_acts_on_nothing").len(), 0);
    // Others may count meanwhile, but not fewer.
    assert!(guard_runtime::stats().of(Kind::BlockOn) >= before);
}

#[test]
fn capture_takes_what_guards_inside_see() {
    setup();
    let violations = run(testing::capture(async { guard(async { block() }).await }));
    assert_eq!(violations.len(), 1);
}

#[test]
fn capture_below_a_guard_keeps_its_violations_to_itself() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            block();
            let inside = testing::capture(async { block_counted() }).await;
            assert_eq!(inside.iter().map(|found| found.kind()).collect::<Vec<_>>(), [Kind::Crypto]);
        }))
    });
    assert_eq!(text.matches("blocking call").count(), 1, "{text}");
    assert!(text.contains("test::block_on"), "{text}");
    assert_eq!(handled("testing::capture_below_a_guard_keeps_its_violations_to_itself").len(), 1);
}

#[test]
fn capture_includes_the_drop_of_the_future() {
    setup();
    struct Done(#[allow(dead_code)] BlocksInDrop);
    impl Future for Done {
        type Output = ();
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
            std::task::Poll::Ready(())
        }
    }
    assert_eq!(run(testing::capture(Done(BlocksInDrop(block)))).len(), 1);
}

#[test]
fn captures_in_parallel_never_see_each_others_violations() {
    setup();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..60)
            .map(|number| {
                tokio::spawn(async move {
                    let violations = testing::capture(async move {
                        for _ in 0..20 {
                            match number % 3 {
                                0 => block(),
                                1 => block_counted(),
                                _ => {}
                            }
                            tokio::task::yield_now().await;
                        }
                    })
                    .await;
                    (number, violations)
                })
            })
            .collect();
        for task in tasks {
            let (number, violations) = task.await.unwrap();
            let (count, kind) = [(20, Some(Kind::BlockOn)), (20, Some(Kind::Crypto)), (0, None)][number % 3];
            assert_eq!(violations.len(), count);
            assert!(violations.iter().all(|violation| Some(violation.kind()) == kind));
        }
    });
}

#[test]
fn capture_is_empty_where_blocking_is_excused() {
    setup();
    assert!(run(testing::capture(async { block() }.allow_blocking("a test"))).is_empty());
}

#[test]
fn assert_no_block_gives_the_value() {
    setup();
    let value = run(testing::assert_no_block(async {
        pause().await;
        "value"
    }));
    assert_eq!(value, "value");
}

#[test]
fn assert_no_block_panics_with_every_report_whatever_the_general_action() {
    setup();
    let text = panic_of(|| {
        run(testing::assert_no_block(async {
            block();
            pause().await;
            block_counted();
        }))
    });
    assert!(text.starts_with("the future asserted at tests/behavior/testing.rs:"), "{text}");
    assert!(text.contains("test::block_on") && text.contains("test::hash"), "{text}");
}

#[test]
fn assert_no_block_does_not_fail_by_a_kind_configured_below_panic() {
    setup();
    run(testing::assert_no_block(async {
        block_counted();
        block_logged();
    }));
}
