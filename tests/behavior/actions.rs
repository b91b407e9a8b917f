//! What is done about a violation: counted, handed over, written once, or nothing; and what `status()` says.

use crate::support::{
    block, block_counted, block_ignored, block_logged, handled, log_file, panic_of, run, setup,
};
use guard_runtime::{Action, Kind, guard, stats, status};

/// How often the log names a function as the guarded one.
fn logged(function: &str) -> usize {
    let log = std::fs::read_to_string(log_file()).unwrap_or_default();
    let reports = log.split("blocking call on an executor thread").skip(1);
    reports.filter(|report| report.contains(&format!("behavior::{function}"))).count()
}

#[test]
fn output_is_deduplicated_and_counting_is_not() {
    setup();
    let before = stats().of(Kind::Compression);
    for _ in 0..5 {
        run(guard(async { block_logged() }));
    }
    assert!(stats().of(Kind::Compression) >= before + 5);
    assert_eq!(handled("actions::output_is_deduplicated_and_counting_is_not").len(), 5);
    assert_eq!(logged("actions::output_is_deduplicated_and_counting_is_not"), 1);
}

#[test]
fn different_places_are_different_violations() {
    setup();
    for _ in 0..2 {
        run(guard(async { block_logged() }));
        run(guard(async { block_logged() }));
    }
    assert_eq!(logged("actions::different_places_are_different_violations"), 2);
}

#[test]
fn panics_are_not_deduplicated() {
    setup();
    for _ in 0..3 {
        let text = panic_of(|| run(guard(async { block() })));
        assert!(text.contains("test::block_on"), "{text}");
    }
    // Reports go to a file here, so panicking ones are in it as well.
    assert_eq!(logged("actions::panics_are_not_deduplicated"), 1);
}

#[test]
fn counted_is_not_written() {
    setup();
    let before = stats();
    run(guard(async { block_counted() }));
    assert!(stats().of(Kind::Crypto) > before.of(Kind::Crypto));
    assert!(stats().violations() > before.violations());
    assert_eq!(logged("actions::counted_is_not_written"), 0);
    let handled = handled("actions::counted_is_not_written");
    assert_eq!(handled.iter().map(|violation| violation.action()).collect::<Vec<_>>(), [Action::Count]);
}

#[test]
fn off_is_nothing_at_all() {
    setup();
    let before = stats().of(Kind::Dns);
    run(guard(async { block_ignored() }));
    assert_eq!(stats().of(Kind::Dns), before);
    assert_eq!(handled("actions::off_is_nothing_at_all").len(), 0);
}

#[test]
fn a_handler_may_block_and_guard() {
    setup();
    // The handler of these tests takes a lock and allocates; here it is called from many threads at once.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    run(guard(async { block_counted() }));
                }
            });
        }
    });
    assert_eq!(handled("actions::a_handler_may_block_and_guard").len(), 200);
}

#[test]
fn status_names_every_engine_and_tries_it_out() {
    setup();
    let status = status();
    let call = status.engines().find(|engine| engine.name() == "call").unwrap();
    assert!(status.is_armed() && call.is_armed(), "{status}");
    let intercept = status.engines().find(|engine| engine.name() == "intercept").unwrap();
    let hooks = cfg!(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")));
    assert_eq!(intercept.is_armed(), hooks, "{status}");
    assert_eq!(intercept.why_not().is_none(), hooks, "{status}");
    assert_eq!(status.action(), Action::Panic);
}

#[test]
fn trying_the_engines_out_leaves_no_trace() {
    setup();
    run(guard(async {
        let status = status();
        assert!(status.is_armed(), "{status}");
    }));
    assert_eq!(handled("actions::trying_the_engines_out_leaves_no_trace").len(), 0);
}

#[test]
fn calls_seen_grow_with_what_is_looked_at() {
    setup();
    let seen = || status().engines().find(|engine| engine.name() == "call").unwrap().calls_seen();
    let before = seen();
    run(guard(async { block_counted() }));
    assert!(seen() > before);
}
