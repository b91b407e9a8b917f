//! What pools report of themselves: waits over the limit, and closures that wait for their own pool.

use crate::pool::{Gate, current_thread, multi_thread};
use crate::support::{alone, handled, message, poll_once, setup};
use futures::StreamExt;
use guard_runtime::offload::{Actor, OffloadError};
use guard_runtime::{Action, Config, Here, Kind, Limit, Pool, Violation, guard, here, testing};
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::runtime::Handle;

/// A pool whose closures may hardly wait.
fn strict(name: &str, threads: usize) -> Pool {
    Pool::builder(name).threads(threads).queue(100).wait_limit(Duration::from_millis(2)).build()
}

/// Hands over behind the gate, and opens it when more time than the limit has passed.
async fn wait_too_long(pool: &Pool) {
    let gate = Gate::new();
    let running = pool.try_run(gate.closure()).unwrap();
    gate.wait_for_one();
    let queued = pool.run(|| 2); // waits
    let opened = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        gate.open_for_one();
    };
    assert_eq!(tokio::join!(queued, opened).0.unwrap(), 2);
    assert_eq!(running.await.unwrap(), 1);
}

/// The violation located at the line of `function` that is marked so. Others may have waited too, on a busy machine.
fn the_one_in(function: &str, violations: Vec<Violation>) -> Violation {
    let lines: Vec<&str> = include_str!("saturation.rs").lines().collect();
    let head = lines.iter().position(|line| line.contains(&format!("fn {function}("))).unwrap();
    let marked = lines[head..].iter().position(|line| line.ends_with("// waits")).unwrap();
    let at = format!("{}:{}:", file!(), head + marked + 1);
    let there = |found: &Violation| found.location().is_some_and(|location| location.starts_with(&at));
    let mut found = violations.iter().filter(|violation| there(violation));
    let (one, more) = (found.next(), found.count());
    assert!(one.is_some() && more == 0, "not one at {at} in {violations:?}");
    one.unwrap().clone()
}

#[test]
fn a_wait_over_the_limit_is_a_violation_of_the_poll_that_waited() {
    setup();
    let pool = strict("db", 1);
    let found =
        the_one_in("wait_too_long", current_thread().block_on(testing::capture(wait_too_long(&pool))));
    assert_eq!((found.kind(), found.engine(), found.api()), (Kind::Pool, "pool", "pool `db`"));
    assert!(found.elapsed() >= Duration::from_millis(2));
    assert_eq!(found.action(), Action::Log, "a clock has judged");
    let location = found.location().unwrap();
    assert!(location.starts_with(&format!("{}:", file!())), "{location}");
    let shown = found.to_string();
    let first = shown.lines().next().unwrap();
    assert!(first.starts_with("pool `db` is saturated: 0 queued, longest wait "), "{shown}");
    let units = [" µs, ", " ms, ", " s, "];
    assert!(units.iter().any(|unit| first.contains(unit)), "{shown}");
    // Not in `wait_too_long`, whose closure has the thread now.
    assert!(first.ends_with(", 1 of 1 threads busy in `behavior::pool::Gate::closure` (pool)"), "{shown}");
    assert!(shown.contains("fix: give the pool more threads"), "{shown}");
    assert!(found.to_json().contains("\"message\":\"pool `db` is saturated: "), "{}", found.to_json());
}

#[test]
fn a_short_wait_is_none() {
    setup();
    let patient = Pool::builder("patient").threads(1).wait_limit(Duration::from_secs(3_600)).build();
    let violations = current_thread().block_on(testing::capture(wait_too_long(&patient)));
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn the_report_names_who_keeps_the_threads_busy() {
    setup();
    let pool = strict("busy", 2);
    let gate = Gate::new();
    let violations = current_thread().block_on(testing::capture(async {
        let running: Vec<_> = (0..2).map(|_| pool.try_run(gate.closure()).unwrap()).collect();
        (0..2).for_each(|_| gate.wait_for_one());
        // Given up while it waits: then the pool is looked at as it is.
        let late = pool.run_with_deadline(Duration::from_millis(20), || 2).await; // waits
        assert!(matches!(late, Err(OffloadError::DeadlineInQueue)));
        (0..2).for_each(|_| gate.open_for_one());
        for one in running {
            one.await.unwrap();
        }
    }));
    let shown = the_one_in("the_report_names_who_keeps_the_threads_busy", violations).to_string();
    assert!(shown.contains("2 of 2 threads busy in `behavior::pool::Gate::closure`"), "{shown}");
}

#[test]
fn outside_of_a_guard_it_is_reported_too() {
    setup();
    let pool = strict("unguarded", 1);
    current_thread().block_on(wait_too_long(&pool));
    let found = the_one_in("wait_too_long", handled("saturation::wait_too_long"));
    assert_eq!((found.kind(), found.api(), found.action()), (Kind::Pool, "pool `unguarded`", Action::Log));
    let shown = found.to_string();
    assert!(!shown.contains("guarded behavior") && !shown.contains("below"), "{shown}");
}

#[test]
fn whoever_gives_up_in_the_queue_reports_as_well() {
    setup();
    let pool = strict("given up", 1);
    let gate = Gate::new();
    let violations = current_thread().block_on(testing::capture(async {
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let queued = pool.try_run(|| 2).unwrap(); // waits
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(queued);
        gate.open_for_one();
        running.await.unwrap();
    }));
    assert_eq!(
        the_one_in("whoever_gives_up_in_the_queue_reports_as_well", violations).api(),
        "pool `given up`"
    );
}

#[test]
fn a_pool_that_is_stuck_is_reported_by_who_comes_next() {
    setup();
    let pool = strict("stuck", 1);
    let gate = Gate::new();
    // Its end waits for what runs.
    let runtime = current_thread();
    let mut handed_over = Vec::new();
    let violations = runtime.block_on(testing::capture(async {
        handed_over.push(pool.try_run(gate.closure()).unwrap());
        gate.wait_for_one();
        handed_over.push(pool.try_run(gate.closure()).unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Nothing has begun or ended since, and nobody polls what waits.
        handed_over.push(pool.try_run(gate.closure()).unwrap()); // waits
    }));
    (0..3).for_each(|_| gate.open_for_one());
    let found = the_one_in("a_pool_that_is_stuck_is_reported_by_who_comes_next", violations);
    assert_eq!(found.api(), "pool `stuck`");
    let shown = found.to_string();
    assert!(shown.contains(" 2 queued, longest wait ") && shown.contains("1 of 1 threads busy"), "{shown}");
}

#[test]
fn a_pool_that_is_stuck_is_reported_to_who_asks_for_its_statistics() {
    setup();
    let pool = strict("asked", 1);
    let gate = Gate::new();
    let violations = current_thread().block_on(testing::capture(async {
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let stuck = pool.try_run(|| 2).unwrap(); // waits
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(pool.stats().queued(), 1);
        // This poll reports; what begins later describes the pool again.
        tokio::task::yield_now().await;
        stuck.detach();
        gate.open_for_one();
        running.await.unwrap();
    }));
    let found = the_one_in("a_pool_that_is_stuck_is_reported_to_who_asks_for_its_statistics", violations);
    let shown = found.to_string();
    assert!(shown.starts_with("pool `asked` is saturated: 1 queued, longest wait "), "{shown}");
}

#[test]
fn a_computing_pool_is_told_by_its_own_remedies() {
    setup();
    let pool = Pool::cpu("cpu told").threads(1).wait_limit(Duration::from_millis(2)).build();
    let found =
        the_one_in("wait_too_long", current_thread().block_on(testing::capture(wait_too_long(&pool))));
    let shown = found.to_string();
    assert!(shown.starts_with("pool `cpu told` is saturated: "), "{shown}");
    assert!(shown.contains("fix: give the pool less work"), "{shown}");

    let gate = Gate::new();
    let spawned = gate.closure();
    let violations = current_thread().block_on(testing::capture(async {
        pool.run(move || rayon::spawn(move || assert_eq!(spawned(), 1))).await.unwrap();
        gate.wait_for_one();
        let opened = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            gate.open_for_one();
        };
        assert_eq!(tokio::join!(pool.run(|| 2), opened).0.unwrap(), 2); // waits
    }));
    let shown = the_one_in("a_computing_pool_is_told_by_its_own_remedies", violations).to_string();
    assert!(shown.starts_with("pool `cpu told` gets no thread: "), "{shown}");
    assert!(shown.contains("fix: keep what runs for long out of `spawn`"), "{shown}");
}

#[test]
fn an_actor_is_told_by_its_own_remedies() {
    setup();
    let gate = Gate::new();
    let violations = current_thread().block_on(testing::capture(async {
        let builder = Actor::builder("told").wait_limit(Duration::from_millis(2));
        let actor = builder.spawn(|| Ok::<_, Infallible>(7)).await.unwrap();
        let closure = gate.closure();
        let opened = async {
            gate.wait_for_one();
            tokio::time::sleep(Duration::from_millis(20)).await;
            gate.open_for_one();
        };
        let waits = actor.with(|state| *state); // waits
        let (one, seven, ()) = tokio::join!(actor.with(move |_| closure()), waits, opened);
        assert_eq!((one.unwrap(), seven.unwrap()), (1, 7));
    }));
    let shown = the_one_in("an_actor_is_told_by_its_own_remedies", violations).to_string();
    assert!(shown.starts_with("actor `told` is saturated: "), "{shown}");
    assert!(shown.contains("fix: give the actor less to do"), "{shown}");
}

/// The report on a pool whose runtime has lent its only thread to somebody else.
fn without_a_thread(pool: &Pool) -> String {
    setup();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().max_blocking_threads(1).build().unwrap();
    let gate = Gate::new();
    let violations = runtime.block_on(testing::capture(async {
        let taken = tokio::task::spawn_blocking(gate.closure());
        gate.wait_for_one();
        let opened = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            gate.open_for_one();
        };
        assert_eq!(tokio::join!(pool.run(|| 2), opened).0.unwrap(), 2); // waits
        taken.await.unwrap();
    }));
    the_one_in("without_a_thread", violations).to_string()
}

#[test]
fn one_thread_that_does_not_come_is_told_from_one_that_is_busy() {
    let shown = without_a_thread(&strict("narrow", 1));
    assert!(shown.starts_with("pool `narrow` gets no thread: "), "{shown}");
}

#[test]
fn a_runtime_without_a_thread_to_spare_is_told_from_a_small_pool() {
    let shown = without_a_thread(&strict("starved", 8));
    assert!(shown.starts_with("pool `starved` gets no thread: "), "{shown}");
    assert!(shown.contains("max_blocking_threads"), "{shown}");
}

#[test]
fn a_closure_that_waits_for_its_own_full_pool_is_reported_and_does_not_hang() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let pool = Pool::builder("nested").threads(1).queue(100).build();
        let inner = pool.clone();
        let nested = pool.run(move || {
            Handle::current().block_on(async {
                let (one, two) = tokio::join!(inner.run(|| 20), inner.run(|| 1));
                one.unwrap() + two.unwrap()
            })
        });
        assert_eq!(runtime.block_on(nested).unwrap(), 21);
        let stats = pool.stats();
        assert_eq!((stats.completed(), stats.busy(), stats.queued()), (3, 0, 0));
    }
    let name = "saturation::a_closure_that_waits_for_its_own_full_pool_is_reported_and_does_not_hang";
    let found = handled(name);
    assert_eq!(found.len(), 4, "{found:?}");
    let shown = found[0].to_string();
    assert!(shown.starts_with("pool `nested` waits for itself: "), "{shown}");
    assert!(shown.contains("1 of 1 threads busy in `behavior::saturation::"), "{shown}");
    assert!(shown.contains("fix: call the function directly"), "{shown}");
}

#[test]
fn deep_nesting_runs_in_place_all_the_way() {
    fn sum(pool: Pool, depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        let inner = pool.clone();
        depth + Handle::current().block_on(pool.run(move || sum(inner, depth - 1))).unwrap()
    }
    // In place there is always room.
    for queue in [0, 10] {
        let pool = Pool::builder("deep").threads(2).queue(queue).build();
        let start = pool.clone();
        for runtime in [current_thread(), multi_thread()] {
            let inner = pool.clone();
            assert_eq!(runtime.block_on(start.run(move || sum(inner, 10))).unwrap(), 55);
        }
        let stats = pool.stats();
        assert_eq!((stats.completed(), stats.rejected(), stats.busy(), stats.queued()), (22, 0, 0, 0));
    }
}

#[test]
fn a_runtime_of_its_own_inside_a_closure_gets_help_as_well() {
    let pool = Pool::builder("own runtime").threads(1).build();
    let inner = pool.clone();
    let nested = pool.run(move || current_thread().block_on(inner.run(|| 7)).unwrap());
    assert_eq!(current_thread().block_on(nested).unwrap(), 7);
}

#[test]
fn another_pool_may_be_waited_for() {
    setup();
    let (outer, inner) =
        (Pool::builder("outer").threads(1).build(), Pool::builder("inner").threads(1).build());
    let nested = outer.run(move || Handle::current().block_on(inner.run(|| 7)).unwrap());
    assert_eq!(current_thread().block_on(nested).unwrap(), 7);
    assert!(handled("saturation::another_pool_may_be_waited_for").is_empty());
}

#[test]
fn a_stream_that_a_closure_takes_from_its_own_full_pool_does_not_hang() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let pool = Pool::builder("nested stream").threads(1).build();
        let inner = pool.clone();
        let nested = pool.run(move || {
            // More than the buffer has room for.
            let many = inner.stream_with(|sink| {
                for n in 0..500 {
                    sink.send(n).unwrap();
                }
            });
            Handle::current().block_on(many.count())
        });
        assert_eq!(runtime.block_on(nested).unwrap(), 500);
    }
}

#[test]
fn a_pool_that_waits_for_itself_through_another_one_is_reported_and_does_not_hang() {
    setup();
    for runtime in [current_thread(), multi_thread()] {
        let (first, second) =
            (Pool::builder("first").threads(1).build(), Pool::builder("second").threads(1).build());
        let (again, between) = (first.clone(), second.clone());
        let nested = first.run(move || {
            let handle = Handle::current();
            let through = move |n: u32| Handle::current().block_on(again.run(move || n * 10)).unwrap();
            let one = handle.block_on(between.run({
                let through = through.clone();
                move || through(1)
            }));
            let all = handle.block_on(async { between.map([2, 3], through).await }).unwrap();
            one.unwrap() + all.iter().sum::<u32>()
        });
        assert_eq!(runtime.block_on(nested).unwrap(), 60);
        assert_eq!((first.stats().completed(), second.stats().completed()), (4, 3));
    }
    let name = "saturation::a_pool_that_waits_for_itself_through_another_one_is_reported_and_does_not_hang";
    let found = handled(name);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.iter().all(|one| one.to_string().starts_with("pool `first` waits for itself: ")));
}

#[test]
fn an_actor_that_waits_for_itself_through_a_pool_is_an_error() {
    current_thread().block_on(async {
        let actor = Actor::spawn(|| Ok::<_, Infallible>(7)).await.unwrap();
        let (pool, again, handle) = (Pool::builder("between").build(), actor.clone(), Handle::current());
        let nested = actor.with(move |_| {
            let _in = handle.enter();
            let through = move || Handle::current().block_on(again.with(|state| *state));
            handle.block_on(pool.run(through)).unwrap()
        });
        let nested = nested.await.unwrap();
        assert!(matches!(nested, Err(OffloadError::Deadlock)), "{nested:?}");
        assert_eq!(actor.with(|state| *state).await.unwrap(), 7, "it goes on");
    });
}

#[test]
fn where_nobody_waits_any_more_a_pool_keeps_its_limit() {
    current_thread().block_on(async {
        let (first, second) =
            (Pool::builder("keeps").threads(1).build(), Pool::builder("given up").threads(1).build());
        let (gate, busy) = (Gate::new(), Gate::new());
        let (closure, again, outer) = (gate.closure(), first.clone(), second.clone());
        // The closure polls once, waits until the other one has begun, and gives up.
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (ends, ended) = std::sync::mpsc::channel();
        let handle = Handle::current();
        first
            .run(move || {
                let _in = handle.enter();
                let mut waits = Box::pin(outer.run(move || {
                    begun.send(()).unwrap();
                    closure();
                    ends.send(Handle::current().block_on(again.run(here)).unwrap()).unwrap();
                }));
                assert!(poll_once(waits.as_mut()).is_pending());
                has_begun.recv().unwrap();
            })
            .await
            .unwrap();
        let taken = first.try_run(busy.closure()).unwrap();
        busy.wait_for_one();
        gate.open_for_one();
        while first.stats().queued() == 0 {
            tokio::task::yield_now().await;
        }
        busy.open_for_one();
        assert_eq!(taken.await.unwrap(), 1);
        assert!(second.shutdown(Duration::from_secs(3_600)).await.is_empty());
        assert_eq!(ended.recv().unwrap(), Here::Pool("keeps"), "not in place, on the other pool's thread");
    });
}

#[test]
fn a_panic_of_what_ran_in_place_stays_its_own() {
    let pool = Pool::builder("nested panic").threads(1).build();
    let inner = pool.clone();
    let nested = pool.run(move || {
        let error = Handle::current().block_on(inner.run(|| -> u8 { panic!("inside") })).unwrap_err();
        error.to_string()
    });
    assert_eq!(current_thread().block_on(nested).unwrap(), "panicked: inside");
}

#[test]
fn configured_to_panic_the_waiting_poll_panics() {
    alone("saturation::configured_to_panic_the_waiting_poll_panics", || {
        guard_runtime::install(Config::new().action_for(Kind::Pool, Action::Panic));
        let pool = strict("panics", 1);
        let caught = catch_unwind(AssertUnwindSafe(|| {
            current_thread().block_on(guard(async { wait_too_long(&pool).await }));
        }));
        let text = message(&*caught.expect_err("it panics"));
        assert!(text.starts_with("pool `panics` is saturated: "), "{text}");
    });
}

#[test]
fn the_configured_limit_is_for_pools_that_have_none_of_their_own() {
    alone("saturation::the_configured_limit_is_for_pools_that_have_none_of_their_own", || {
        let limit = Limit::LongerThan(Duration::from_millis(2));
        guard_runtime::install(Config::new().limit(Kind::Pool, limit));
        let plain = Pool::builder("plain").threads(1).build();
        let patient = Pool::builder("patient").threads(1).wait_limit(Duration::from_secs(3_600)).build();
        let violations = current_thread().block_on(testing::capture(async {
            wait_too_long(&patient).await;
            wait_too_long(&plain).await;
        }));
        assert_eq!(the_one_in("wait_too_long", violations).api(), "pool `plain`");
    });
}

#[test]
fn a_limit_of_never_silences_every_pool() {
    alone("saturation::a_limit_of_never_silences_every_pool", || {
        guard_runtime::install(Config::new().limit(Kind::Pool, Limit::Never));
        let violations = current_thread().block_on(testing::capture(wait_too_long(&strict("silent", 1))));
        assert!(violations.is_empty(), "{violations:?}");
    });
}

#[test]
fn a_future_that_is_never_polled_again_observes_nothing_twice() {
    setup();
    let pool = strict("once", 1);
    let violations = current_thread().block_on(testing::capture(async {
        let gate = Gate::new();
        let running = pool.try_run(gate.closure()).unwrap();
        gate.wait_for_one();
        let mut queued = Box::pin(pool.run(|| 2)); // waits
        assert!(poll_once(queued.as_mut()).is_pending());
        tokio::time::sleep(Duration::from_millis(20)).await;
        gate.open_for_one();
        assert_eq!(queued.as_mut().await.unwrap(), 2);
        drop(queued);
        running.await.unwrap();
    }));
    the_one_in("a_future_that_is_never_polled_again_observes_nothing_twice", violations);
}
