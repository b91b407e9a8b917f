//! The region: in force in polls and drops of guarded futures, on their thread, and nowhere else.

use crate::support::{
    BlocksInDrop, Hash, Read, Wait, block, block_counted, handled, message, panic_of, pause, poll_once,
    read_a_file, run, setup, typed_call,
};
use guard_runtime::__private::{Silent, allow, enter, leave};
use guard_runtime::{NoBlock, allow_blocking, guard, testing};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

#[test]
fn nothing_is_in_force_while_a_guarded_future_waits() {
    setup();
    let mut waiting = pin!(guard(async { pause().await }));
    assert!(poll_once(waiting.as_mut()).is_pending());
    block_counted();
    assert!(poll_once(waiting.as_mut()).is_ready());
    assert_eq!(handled("region::nothing_is_in_force_while_a_guarded_future_waits").len(), 0);
}

#[test]
fn interleaved_tasks_of_one_thread_do_not_accuse_each_other() {
    setup();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let turns = Rc::new(Cell::new(0));
        let (mine, others) = (Rc::clone(&turns), Rc::clone(&turns));
        let tasks = tokio::task::LocalSet::new();
        let guarded = tasks.spawn_local(guard(async move {
            for _ in 0..10 {
                mine.set(mine.get() + 1);
                tokio::task::yield_now().await;
            }
        }));
        let blocking = tasks.spawn_local(async move {
            for _ in 0..10 {
                block();
                others.set(others.get() + 1);
                tokio::task::yield_now().await;
            }
        });
        tasks.await;
        guarded.await.expect("the guarded task did nothing wrong");
        blocking.await.expect("the other one is not guarded");
        assert_eq!(turns.get(), 20);
    });
    assert_eq!(handled("region::interleaved_tasks_of_one_thread_do_not_accuse_each_other").len(), 0);
}

#[test]
fn a_future_takes_its_guard_along_to_another_thread() {
    setup();
    let mut future = Box::pin(guard(async {
        pause().await;
        block();
    }));
    assert!(poll_once(future.as_mut()).is_pending());
    let second = std::thread::spawn(move || panic_of(|| poll_once(future.as_mut())));
    let text = second.join().unwrap();
    assert!(text.starts_with("blocking call on an executor thread: test::block_on (block_on), "), "{text}");
    // The thread of the first poll is as before.
    block();
}

#[test]
fn the_outermost_poll_panics_and_names_the_innermost_guard() {
    setup();
    let reached = Cell::new(false);
    let text = panic_of(|| {
        run(guard(async {
            named_inside().await;
            reached.set(true);
        }))
    });
    assert!(reached.get(), "the inner poll must not panic");
    assert!(text.contains("behavior::region::named_inside"), "{text}");
}

async fn named_inside() {
    guard(async { block() }).await;
}

#[test]
fn the_guard_is_in_force_again_after_a_nested_one() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            guard(async {}).await;
            block();
        }))
    });
    assert!(
        text.contains("guarded behavior::region::the_guard_is_in_force_again_after_a_nested_one"),
        "{text}"
    );
}

#[test]
fn all_violations_of_a_poll_are_in_one_message() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            typed_call!(BlockOn);
            typed_call!(BlockOn);
        }))
    });
    assert_eq!(text.matches("blocking call on an executor thread").count(), 2, "{text}");
    assert!(!text.contains("\n\n"), "{text}");
}

#[test]
fn the_same_call_twice_in_a_poll_is_one_violation() {
    setup();
    let violations = run(testing::capture(async {
        for _ in 0..3 {
            block();
        }
    }));
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].times(), 3);
}

#[test]
#[cfg_attr(not(all(target_os = "linux", target_env = "gnu")), ignore = "no hooks on this platform")]
#[cfg_attr(miri, ignore = "no hooks under Miri")]
fn what_hooks_see_below_a_typed_call_is_that_call() {
    setup();
    let violations = run(testing::capture(async {
        for _ in 0..2 {
            enter(None::<Read>);
            // Opened, measured and read: several libc calls.
            assert!(std::fs::read("Cargo.toml").is_ok());
            leave();
        }
    }));
    let [violation] = &violations[..] else { panic!("{violations:?}") };
    assert_eq!((violation.api(), violation.engine(), violation.times()), ("test::read", "intercept", 2));
    assert_eq!(violation.remedy(), "read elsewhere");
}

#[test]
fn an_excused_future_is_silent_below_a_guard() {
    setup();
    run(guard(async {
        async {
            block();
            pause().await;
            guard(async { block() }).await;
        }
        .allow_blocking("a test")
        .await;
    }));
}

#[test]
fn an_excuse_ends_with_the_poll_it_is_for() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            let mut excused = pin!(pause().allow_blocking("a test"));
            assert!(poll_once(excused.as_mut()).is_pending());
            block();
        }))
    });
    assert!(text.contains("test::block_on"), "{text}");
}

#[test]
fn excuses_nest_and_survive_panics() {
    setup();
    run(guard(async {
        allow_blocking("outer", || {
            allow_blocking("inner", block);
            block();
            let text = panic_of(|| allow_blocking("panics", || panic!("by the user")));
            assert_eq!(text, "by the user");
            block();
        });
        let _macro_made = allow("as the macro does");
        block();
    }));
    let text = panic_of(|| {
        run(guard(async {
            drop(allow("over"));
            block();
        }))
    });
    assert!(text.contains("test::block_on"), "{text}");
}

#[test]
fn a_panic_of_the_user_wins_and_the_violation_is_still_handed_over() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            block_counted();
            panic!("by the user");
        }))
    });
    assert_eq!(text, "by the user");
    let handled = handled("region::a_panic_of_the_user_wins_and_the_violation_is_still_handed_over");
    assert_eq!(handled.len(), 1);
    // Nothing stays in force behind the panic.
    block();
}

#[test]
fn what_blocks_while_unwinding_is_not_counted() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            let _blocks = BlocksInDrop(block_counted);
            panic!("by the user");
        }))
    });
    assert_eq!(text, "by the user");
    assert_eq!(handled("region::what_blocks_while_unwinding_is_not_counted").len(), 0);
}

#[test]
fn a_drop_on_a_worker_is_handed_over_and_never_panics() {
    setup();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let dropped = runtime.block_on(runtime.spawn(async {
        let blocks = BlocksInDrop(block);
        let mut future = Box::pin(guard(async move {
            pause().await;
            drop(blocks);
        }));
        assert!(poll_once(future.as_mut()).is_pending());
        drop(future);
    }));
    dropped.expect("a drop must not panic");
    let handled = handled("region::a_drop_on_a_worker_is_handed_over_and_never_panics");
    assert_eq!(handled.len(), 1);
    assert_eq!(handled[0].worker(), Some(0));
}

#[test]
fn a_drop_elsewhere_is_nobodys_business() {
    setup();
    let blocks = BlocksInDrop(block);
    drop(guard(async move {
        pause().await;
        drop(blocks);
    }));
    assert_eq!(handled("region::a_drop_elsewhere_is_nobodys_business").len(), 0);
}

#[test]
fn a_drop_inside_a_guarded_poll_belongs_to_that_poll() {
    setup();
    let text = panic_of(|| {
        run(guard(async {
            let blocks = BlocksInDrop(block);
            drop(guard(async move {
                pause().await;
                drop(blocks);
            }));
        }))
    });
    assert!(text.contains("test::block_on"), "{text}");
}

#[test]
fn typed_calls_stay_balanced_when_a_panic_skips_one() {
    setup();
    for _ in 0..40 {
        let text = panic_of(|| {
            run(guard(async {
                enter(None::<Wait>);
                panic!("inside the call")
            }))
        });
        assert_eq!(text, "inside the call");
    }
    // Outside of any poll they are nothing at all.
    for _ in 0..40 {
        enter(None::<Wait>);
    }
    leave();
    let violations = run(testing::capture(async { block() }));
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].api(), "test::block_on");
}

#[test]
fn calls_deeper_than_the_stack_are_balanced_too() {
    setup();
    let violations = run(testing::capture(async {
        for _ in 0..100 {
            enter(None::<Silent>);
        }
        for _ in 0..100 {
            leave();
        }
        enter(None::<Hash>);
        leave();
        leave();
        leave();
        block();
    }));
    let apis: Vec<&str> = violations.iter().map(|violation| violation.api()).collect();
    assert_eq!(apis, ["test::hash", "test::block_on"]);
}

#[test]
#[cfg_attr(not(all(target_os = "linux", target_env = "gnu")), ignore = "no hooks on this platform")]
#[cfg_attr(miri, ignore = "no hooks under Miri")]
fn more_distinct_calls_than_fit_are_counted_as_lost() {
    setup();
    let before = guard_runtime::stats().lost();
    let text = panic_of(|| run(guard(async { many_ways_to_a_file(9) })));
    assert!(text.contains("more calls of this poll did not fit into its records"), "{text}");
    assert_eq!(handled("region::more_distinct_calls_than_fit_are_counted_as_lost").len(), 1);
    assert!(guard_runtime::stats().lost() >= before + 100, "{}", guard_runtime::stats().lost() - before);
}

/// Each level doubles the number of distinct stacks.
fn many_ways_to_a_file(levels: u32) {
    if levels == 0 {
        return read_a_file();
    }
    many_ways_to_a_file(levels - 1);
    many_ways_to_a_file(levels - 1);
}

#[test]
fn as_many_typed_calls_as_one_writes_fit_into_one_poll() {
    setup();
    run(guard(async { many_calls() }));
    assert_eq!(handled("region::as_many_typed_calls_as_one_writes_fit_into_one_poll").len(), 20);
}

/// Twenty calls, each from a line of its own.
#[rustfmt::skip]
fn many_calls() {
    typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash);
    typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash);
    typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash);
    typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash); typed_call!(Hash);
}

#[test]
fn a_poll_in_a_task_of_tokio_fails_that_task_alone() {
    setup();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let bad = tokio::spawn(guard(async { block() }));
        let good = tokio::spawn(guard(async { 5 }));
        let text = message(&*bad.await.unwrap_err().into_panic());
        assert!(text.contains("test::block_on") && text.contains("task "), "{text}");
        assert_eq!(good.await.unwrap(), 5);
    });
}

#[test]
fn a_future_polled_by_hand_below_a_guard_is_covered() {
    setup();
    let violations = run(testing::capture(async {
        let mut inner = pin!(async { block() });
        assert_eq!(poll_once(inner.as_mut()), Poll::Ready(()));
    }));
    assert_eq!(violations.len(), 1);
}
