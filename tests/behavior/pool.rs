//! `Pool`: its limits, its errors, and what becomes of a closure that nobody waits for.

use crate::support::{block, panic_of, poll_once, read_a_file, run, setup};
use guard_runtime::offload::{Actor, OffloadError};
use guard_runtime::{Pool, allow_blocking, guard, testing};
use std::convert::Infallible;
use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

pub(crate) fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// Closures that run until the gate opens.
pub(crate) struct Gate {
    begun: (Sender<()>, Receiver<()>),
    open: Arc<Mutex<Receiver<()>>>,
    opener: Sender<()>,
}

impl Gate {
    pub(crate) fn new() -> Gate {
        let (opener, open) = channel();
        Gate { begun: channel(), open: Arc::new(Mutex::new(open)), opener }
    }

    /// A closure that says that it has begun, waits for the gate, and gives 1.
    pub(crate) fn closure(&self) -> impl FnOnce() -> u32 + Send + 'static + use<> {
        let (begun, open) = (self.begun.0.clone(), Arc::clone(&self.open));
        move || {
            begun.send(()).unwrap();
            // An error is the gate itself gone: then nobody waits.
            let _ = open.lock().unwrap().recv();
            1
        }
    }

    /// What a closure calls when it has begun.
    pub(crate) fn announcer(&self) -> impl FnOnce() + Send + 'static + use<> {
        let begun = self.begun.0.clone();
        move || begun.send(()).unwrap()
    }

    /// Waits until one more of them has begun.
    pub(crate) fn wait_for_one(&self) {
        allow_blocking("a test that knows why it waits", || self.begun.1.recv().unwrap());
    }

    pub(crate) fn has_one_begun(&self) -> bool {
        self.begun.1.try_recv().is_ok()
    }

    /// Lets one of them end.
    pub(crate) fn open_for_one(&self) {
        self.opener.send(()).unwrap();
    }
}

pub(crate) struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

/// The only thread of a pool, taken until the gate opens.
pub(crate) fn occupied(queue: usize) -> (Pool, Gate, impl Future<Output = Result<u32, OffloadError>>) {
    let (pool, gate) = (Pool::builder("occupied").threads(1).queue(queue).build(), Gate::new());
    let running = pool.try_run(gate.closure()).unwrap();
    gate.wait_for_one();
    (pool, gate, running)
}

#[test]
fn a_pool_is_built_outside_of_a_runtime_and_works_in_any() {
    static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::builder("everywhere").threads(2).build());
    assert_eq!((POOL.name(), POOL.threads()), ("everywhere", 2));
    for runtime in [current_thread(), multi_thread(), current_thread()] {
        let there = runtime.handle().id();
        let ran_on = runtime.block_on(POOL.run(|| Handle::current().id())).unwrap();
        assert_eq!(ran_on, there, "it runs on the threads of its own runtime");
    }
    assert_eq!(Pool::builder("none").threads(0).build().threads(), 1);
}

#[test]
fn used_outside_of_a_runtime_it_says_so() {
    let pool = Pool::builder("lonely").build();
    let message = panic_of(|| run(pool.run(|| 1)));
    assert!(message.contains("pool `lonely` was used outside of a tokio runtime"), "{message}");
    assert!(panic_of(|| pool.try_run(|| 1)).contains("outside of a tokio runtime"));
}

#[test]
fn polled_after_completion_it_panics() {
    current_thread().block_on(async {
        let pool = Pool::builder("once").build();
        let mut done = Box::pin(pool.run(|| 1));
        assert_eq!(done.as_mut().await.unwrap(), 1);
        assert!(panic_of(|| poll_once(done.as_mut())).contains("after completion"));
    });
}

#[test]
fn never_more_than_its_threads_at_a_time() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let pool = Pool::builder("three").threads(3).queue(10_000).build();
    multi_thread().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..2_000 {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            tasks.spawn(pool.run(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        assert!(tasks.join_all().await.into_iter().all(|ran| ran.is_ok()));
    });
    assert!(most.load(Ordering::SeqCst) <= 3, "{most:?}");
    let stats = pool.stats();
    assert_eq!((stats.completed(), stats.ran().count(), stats.busy(), stats.queued()), (2_000, 2_000, 0, 0));
}

#[test]
fn as_many_as_its_threads_run_at_a_time() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("four").threads(4).build(), Gate::new());
        let running: Vec<_> = (0..4).map(|_| pool.try_run(gate.closure()).unwrap()).collect();
        let fifth = pool.try_run(gate.closure()).unwrap();
        (0..4).for_each(|_| gate.wait_for_one());
        let stats = pool.stats();
        assert_eq!((stats.busy(), stats.queued()), (4, 1));
        assert!(!gate.has_one_begun());
        (0..5).for_each(|_| gate.open_for_one());
        for one in running {
            assert_eq!(one.await.unwrap(), 1);
        }
        assert_eq!(fifth.await.unwrap(), 1);
    });
}

#[test]
fn what_does_not_fit_into_the_queue_is_refused() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(2);
        let queued = [2, 3].map(|n| pool.try_run(move || n).unwrap());
        assert!(matches!(pool.try_run(|| 4), Err(OffloadError::QueueFull)));
        assert!(matches!(pool.run(|| 4).await, Err(OffloadError::QueueFull)));
        assert_eq!(pool.stats().rejected(), 2);
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        let [second, third] = queued;
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (2, 3));
        assert_eq!(pool.run(|| 5).await.unwrap(), 5, "there is room again");
    });
}

#[test]
fn without_a_queue_nothing_waits_and_a_free_thread_is_found_at_once() {
    multi_thread().block_on(async {
        let pool = Pool::builder("no queue").threads(1).queue(0).build();
        for n in 0..500 {
            assert_eq!(pool.run(move || n).await.unwrap(), n, "the thread is free when the value is there");
        }
        let gate = Gate::new();
        let running = pool.try_run(gate.closure()).unwrap();
        assert!(matches!(pool.run(|| 0).await, Err(OffloadError::QueueFull)));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
    });
}

#[test]
fn first_come_first_served() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(10);
        let order = Arc::new(Mutex::new(Vec::new()));
        let queued: Vec<_> = (0..10)
            .map(|n| {
                let order = Arc::clone(&order);
                pool.try_run(move || order.lock().unwrap().push(n)).unwrap()
            })
            .collect();
        gate.open_for_one();
        running.await.unwrap();
        for one in queued.into_iter().rev() {
            one.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_panic_is_an_error_with_its_payload_and_the_thread_goes_on() {
    struct Payload(u32);
    current_thread().block_on(async {
        let pool = Pool::builder("panics").threads(1).build();
        let error = pool.run(|| -> u8 { panic_any(Payload(9)) }).await.unwrap_err();
        let OffloadError::Panicked(panic) = error else { panic!("{error}") };
        assert_eq!((panic.message(), panic.to_string().as_str()), (None, "panicked"));
        assert_eq!(panic.into_payload().downcast_ref::<Payload>().map(|payload| payload.0), Some(9));

        let number = 5;
        let error = pool.run(move || -> u8 { panic!("order {number}") }).await.unwrap_err();
        assert_eq!(error.to_string(), "panicked: order 5");
        assert!(!error.is_unrun());
        assert_eq!(pool.run(|| 1).await.unwrap(), 1);
        assert_eq!((pool.stats().panicked(), pool.stats().completed()), (2, 1));
    });
}

#[test]
fn an_error_can_be_boxed_and_sent() {
    fn is<T: std::error::Error + Send + Sync + 'static>() {}
    is::<OffloadError>();
}

#[test]
fn dropped_in_the_queue_it_never_runs_and_leaves_its_place() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        for _ in 0..1_000 {
            drop(pool.try_run(|| panic!("it ran")).expect("the place of the one before is free"));
        }
        drop(pool.run(|| panic!("it ran")));
        assert_eq!((pool.stats().cancelled(), pool.stats().queued()), (1_000, 0));
        gate.open_for_one();
        assert_eq!(running.await.unwrap(), 1);
        assert_eq!((pool.stats().submitted(), pool.stats().completed()), (1_001, 1));
    });
}

/// Says when it is dropped.
pub(crate) struct Announced(pub(crate) Sender<&'static str>, pub(crate) &'static str);

impl Drop for Announced {
    fn drop(&mut self) {
        // The test may be over.
        let _ = self.0.send(self.1);
    }
}

#[test]
fn what_a_dropped_closure_held_is_freed_at_once() {
    current_thread().block_on(async {
        let (pool, _gate, _running) = occupied(1);
        let (dropped, was_dropped) = channel();
        let held = Announced(dropped, "held");
        drop(pool.try_run(move || drop(held)).unwrap());
        assert_eq!(was_dropped.try_recv(), Ok("held"));
    });
}

#[test]
fn dropped_while_it_runs_it_ends_and_its_value_is_dropped_there() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("left").threads(1).build(), Gate::new());
        let (dropped, was_dropped) = channel();
        let (closure, value) = (gate.closure(), Announced(dropped, "value"));
        let running = pool.try_run(move || (closure(), value)).unwrap();
        gate.wait_for_one();
        drop(running);
        let stats = pool.stats();
        assert_eq!((stats.abandoned(), stats.abandoned_running()), (1, 1));
        assert!(was_dropped.try_recv().is_err());
        gate.open_for_one();
        assert_eq!(was_dropped.recv(), Ok("value"));
        assert_eq!(pool.run(|| 2).await.unwrap(), 2);
        assert_eq!((pool.stats().abandoned(), pool.stats().completed(), pool.stats().busy()), (1, 1, 0));
    });
}

#[test]
fn a_value_whose_drop_panics_harms_nobody_else() {
    current_thread().block_on(async {
        let (pool, gate) = (Pool::builder("panics in drop").threads(1).build(), Gate::new());
        for detached in [false, true] {
            let closure = gate.closure();
            let running = pool
                .try_run(move || {
                    closure();
                    PanicsInDrop
                })
                .unwrap();
            gate.wait_for_one();
            if detached {
                running.detach()
            } else {
                drop(running)
            }
            gate.open_for_one();
            assert_eq!(pool.run(|| 2).await.unwrap(), 2);
        }
    });
}

#[test]
fn blocking_in_a_runtime_of_the_closures_own_is_no_violation() {
    setup();
    let violations = current_thread().block_on(testing::capture(async {
        let pool = Pool::builder("own runtime").build();
        pool.run(|| current_thread().block_on(guard(async { read_a_file() }))).await.unwrap();
        guard_runtime::offload(|| current_thread().block_on(guard(async { block() }))).await;
    }));
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_runtime_that_goes_takes_only_its_own_closures_along() {
    let (first, second) = (current_thread(), current_thread());
    let (pool, gate) = (Pool::builder("shared").threads(1).queue(10_000).build(), Gate::new());
    let running = {
        let _in = second.enter();
        pool.try_run(gate.closure()).unwrap()
    };
    gate.wait_for_one();
    let lost: Vec<_> = {
        let _in = first.enter();
        (0..5_000).map(|_| pool.try_run(|| panic!("it ran")).unwrap()).collect()
    };
    let kept = {
        let _in = second.enter();
        pool.try_run(|| Handle::current().id()).unwrap()
    };
    first.shutdown_background();
    gate.open_for_one();
    second.block_on(async {
        assert_eq!(running.await.unwrap(), 1);
        for one in lost {
            assert!(matches!(one.await, Err(OffloadError::Closed)));
        }
        assert_eq!(kept.await.unwrap(), second.handle().id());
        assert_eq!(pool.run(|| 2).await.unwrap(), 2);
    });
    let stats = pool.stats();
    assert_eq!((stats.cancelled(), stats.completed(), stats.busy(), stats.queued()), (5_000, 3, 0, 0));
}

#[test]
fn a_runtime_that_went_before_refuses() {
    let gone = current_thread();
    let handle = gone.handle().clone();
    drop(gone);
    let pool = Pool::builder("gone").threads(1).build();
    let refused = {
        let _in = handle.enter();
        pool.try_run(|| panic!("it ran"))
    };
    let here = current_thread();
    here.block_on(async {
        assert!(matches!(refused.unwrap().await, Err(OffloadError::Closed)));
        assert_eq!(pool.run(|| 1).await.unwrap(), 1, "the slot was not lost");
    });
}

#[test]
fn nothing_of_it_is_a_violation() {
    setup();
    let pool = Pool::builder("silent").threads(2).queue(2).build();
    for runtime in [current_thread(), multi_thread()] {
        let pool = pool.clone();
        let violations = runtime.block_on(async {
            tokio::spawn(testing::capture(async move {
                for _ in 0..20 {
                    let work = || {
                        block();
                        read_a_file();
                    };
                    pool.run(work).await.unwrap();
                    pool.run_with_deadline(Duration::from_secs(3_600), work).await.unwrap();
                    drop(pool.try_run(work));
                    let _ = pool.stats();
                }
            }))
            .await
            .unwrap()
        });
        assert!(violations.is_empty(), "{violations:?}");
    }
}

#[test]
fn after_a_pool_the_guard_is_in_force_again() {
    setup();
    let pool = Pool::builder("guarded").build();
    let violations = current_thread().block_on(testing::capture(guard(async {
        pool.run(read_a_file).await.unwrap();
        block();
    })));
    assert_eq!(violations.len(), 1);
}

#[test]
fn making_pools_and_looking_at_them_is_no_violation() {
    setup();
    let violations = current_thread().block_on(testing::capture(async {
        let pools = [Pool::builder("made").threads(2), Pool::cpu("made to compute").threads(2)]
            .map(|made| made.build());
        let actor = Actor::spawn(|| Ok::<_, Infallible>(0)).await.unwrap();
        for pool in &pools {
            pool.run(|| ()).await.unwrap();
            assert!(!pool.is_closed() && pool.stats().to_string().contains("1 completed"));
            assert!(format!("{pool:?} {:?}", pool.run(|| ())).contains("not handed over"));
        }
        assert!(actor.with(|state| *state).await.unwrap() == 0 && !actor.is_poisoned());
        let [kept, dropped] = pools;
        drop(dropped);
        assert!(kept.shutdown(Duration::from_secs(3_600)).await.is_empty());
        assert!(actor.shutdown(Duration::from_secs(3_600)).await.is_empty());
    }));
    assert!(violations.is_empty(), "{violations:?}");
}
