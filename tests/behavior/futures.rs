//! Guarded futures as futures: auto traits, values, repeated polls, reports.

use crate::support::{BlocksInDrop, block, handled, panic_of, pause, poll_once, run, setup, typed_call};
use guard_runtime::{Allowed, Guarded, Kind, NoBlock, guard, testing};
use std::cell::Cell;
use std::future::{Ready, ready};
use std::pin::pin;
use std::rc::Rc;

/// Tells by autoref whether a type has an auto trait.
macro_rules! has {
    ($type:ty: $trait:path) => {{
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait No {
            const HAS: bool = false;
        }
        impl<T: ?Sized> No for Probe<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $trait> Probe<T> {
            const HAS: bool = true;
        }
        <Probe<$type>>::HAS
    }};
}

const _: () = {
    assert!(
        has!(Guarded<Ready<u8>>: Send) && has!(Guarded<Ready<u8>>: Sync) && has!(Guarded<Ready<u8>>: Unpin)
    );
    assert!(!has!(Guarded<Ready<Rc<u8>>>: Send) && !has!(Guarded<Ready<Cell<u8>>>: Sync));
    assert!(!has!(Guarded<std::marker::PhantomPinned>: Unpin));
    assert!(has!(Allowed<Ready<u8>>: Send) && !has!(Allowed<Ready<Rc<u8>>>: Send));
    assert!(!has!(guard_runtime::__private::AllowGuard: Send));
};

#[test]
fn borrows_and_values_pass_through() {
    let text = String::from("borrowed");
    let length = run(async { guard(async { text.len() }).await });
    assert_eq!(length, 8);
    assert_eq!(run(ready(3).no_block()), 3);
    let boxed: std::pin::Pin<Box<dyn Future<Output = u8> + Send>> = Box::pin(ready(4));
    assert_eq!(run(boxed.no_block()), 4);
}

#[test]
fn a_future_that_panicked_says_so_when_it_is_polled_again() {
    setup();
    let mut future = pin!(guard(async {
        block();
        pause().await;
    }));
    panic_of(|| poll_once(future.as_mut()));
    let text = panic_of(|| poll_once(future.as_mut()));
    assert!(text.contains("polled after panic"), "{text}");
}

#[test]
fn the_value_and_the_future_are_dropped_before_the_panic() {
    setup();
    thread_local!(static DROPPED: Cell<Vec<&'static str>> = const { Cell::new(Vec::new()) });
    struct Tells(&'static str);
    impl Drop for Tells {
        fn drop(&mut self) {
            assert!(!std::thread::panicking(), "{} is dropped too late", self.0);
            DROPPED.with(|dropped| {
                let mut list = dropped.take();
                list.push(self.0);
                dropped.set(list);
            });
        }
    }

    struct Hand(Tells);
    impl Future for Hand {
        type Output = Tells;
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Tells> {
            block();
            std::task::Poll::Ready(Tells(if self.0.0 == "future" { "value" } else { "" }))
        }
    }

    let mut future = pin!(guard(Hand(Tells("future"))));
    panic_of(|| poll_once(future.as_mut()));
    assert_eq!(DROPPED.take(), ["value", "future"]);
}

#[test]
fn a_future_that_blocks_when_dropped_after_the_panic_is_only_handed_over() {
    setup();
    let blocks = BlocksInDrop(block);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let text = panic_of(|| {
        runtime.block_on(guard(async move {
            block();
            pause().await;
            drop(blocks);
        }))
    });
    assert_eq!(text.matches("blocking call").count(), 1, "{text}");
    let name = "futures::a_future_that_blocks_when_dropped_after_the_panic_is_only_handed_over";
    assert_eq!(handled(name).len(), 2);
}

#[test]
fn the_report_leads_with_the_call_and_ends_with_the_fix() {
    setup();
    let text = panic_of(|| run(guard(async { typed_call!(BlockOn) })));
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("blocking call on an executor thread: test::block_on (block_on), "),
        "{text}"
    );
    assert!(lines[1].starts_with("  at ") && lines[1].contains("futures.rs:"), "{text}");
    assert!(
        text.contains("behavior::futures::the_report_leads_with_the_call_and_ends_with_the_fix"),
        "{text}"
    );
    assert_eq!(lines.last(), Some(&"  fix: await it"), "{text}");
}

#[test]
fn a_violation_shows_what_it_knows() {
    setup();
    let violations = run(testing::capture(async { typed_call!(BlockOn) }));
    let [violation] = &violations[..] else { panic!("{violations:?}") };
    assert_eq!((violation.kind(), violation.api()), (Kind::BlockOn, "test::block_on"));
    assert_eq!((violation.engine(), violation.remedy()), ("call", "await it"));
    assert_eq!(violation.guarded(), "behavior::futures::a_violation_shows_what_it_knows");
    let (file, line) = (file!(), line!() - 5);
    assert!(violation.guarded_at().starts_with(&format!("{file}:{line}:")), "{}", violation.guarded_at());
    assert!(
        violation.location().is_some_and(|at| at.starts_with(&format!("{file}:{line}:"))),
        "{violation:?}"
    );
    assert!(
        violation.chain().next().is_some_and(|frame| frame.contains("a_violation_shows_what_it_knows")),
        "{violation:?}"
    );
    assert_eq!(violation.thread(), std::thread::current().name());
    assert_eq!((violation.task(), violation.worker()), (None, None));
    assert!(violation.to_string().starts_with("blocking call on an executor thread: test::block_on"));
}

#[test]
fn a_json_line_has_the_documented_fields_in_their_order() {
    setup();
    let violations = run(testing::capture(async { block() }));
    let line = violations[0].to_json();
    assert!(!line.contains('\n'), "{line}");
    let fields = [
        "v",
        "timestamp",
        "level",
        "message",
        "kind",
        "api",
        "engine",
        "location",
        "function",
        "crate",
        "chain",
        "guarded",
        "here",
        "task",
        "thread",
        "elapsed_us",
        "slept",
        "remedy",
    ];
    let mut at = 0;
    for field in fields {
        let key = format!("\"{field}\":");
        at += line[at..].find(&key).unwrap_or_else(|| panic!("no {key} after byte {at}: {line}"));
    }
    assert!(line.contains("\"kind\":\"block_on\"") && line.contains("\"level\":\"error\""), "{line}");
    assert!(line.starts_with("{\"v\":1,\"timestamp\":\"20"), "{line}");
}

#[test]
fn debug_names_the_guarded_function_and_the_place() {
    let shown = format!("{:?}", guard(async {}));
    assert!(shown.contains("behavior::futures::debug_names_the_guarded_function_and_the_place"), "{shown}");
    assert!(shown.contains("futures.rs:"), "{shown}");
    let shown = format!("{:?}", ready(()).allow_blocking("a reason"));
    assert!(shown.contains("a reason"), "{shown}");
}

/// The line of such a block is that of tokio's macro, and yet it is the user's own code.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_block_in_a_branch_of_select_is_the_users() {
    setup();
    let blocks = async {
        tokio::select! {
            () = async { std::thread::sleep(std::time::Duration::from_nanos(1)) } => {}
            () = std::future::pending() => {}
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let message = panic_of(|| runtime.block_on(guard_runtime::guard(blocks)));
    assert!(message.contains("std::thread::sleep") && !message.contains("dependency"), "{message}");
}

/// Only one of two panics can be the one: the other's text goes where reports go.
#[test]
fn a_report_is_not_lost_when_a_drop_panics_first() {
    struct PanicsInDrop;
    impl Drop for PanicsInDrop {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    setup();
    let message = panic_of(|| {
        run(guard(async {
            block();
            PanicsInDrop
        }))
    });
    assert_eq!(message, "in drop");
    let log = std::fs::read_to_string(crate::support::log_file()).unwrap_or_default();
    assert!(
        log.contains("guarded behavior::futures::a_report_is_not_lost_when_a_drop_panics_first"),
        "{log}"
    );
}
