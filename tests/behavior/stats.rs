//! `Pool::stats`.

use crate::pool::{current_thread, multi_thread, occupied};
use guard_runtime::Pool;
use guard_runtime::offload::SiteStats;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn times_are_attributed_to_the_place_that_hands_over() {
    current_thread().block_on(async {
        let pool = Pool::builder("attributed").threads(1).build();
        for _ in 0..3 {
            pool.run(|| ()).await.unwrap();
        }
        let line = line!() + 1;
        pool.run(|| std::thread::sleep(Duration::from_millis(20))).await.unwrap();
        let stats = pool.stats();
        let at = format!("{}:{line}:", file!());
        let is_slow = |site: &&SiteStats| site.location().starts_with(&at);
        let (slow, quick): (Vec<_>, Vec<_>) = stats.sites().iter().partition(is_slow);
        let ([slow], [quick]) = (&slow[..], &quick[..]) else { panic!("{:?}", stats.sites()) };
        assert_eq!((slow.count(), quick.count()), (1, 3));
        assert!(slow.ran().1 >= Duration::from_millis(20) && stats.ran().longest() >= slow.ran().1);
        assert_eq!(stats.ran().total(), slow.ran().0 + quick.ran().0);
        assert!(stats.sites().is_sorted_by_key(|site| std::cmp::Reverse(site.ran().0)));
        let function = "behavior::stats::times_are_attributed_to_the_place_that_hands_over";
        assert_eq!((slow.function(), quick.function()), (function, function));
    });
}

#[test]
fn statistics_are_one_line_without_zeros() {
    current_thread().block_on(async {
        let (pool, gate, running) = occupied(1);
        let queued = pool.try_run(|| 2).unwrap();
        let _ = pool.try_run(|| 3);
        let shown = pool.stats().to_string();
        assert!(shown.starts_with("1/1 busy, 1 queued (longest "), "{shown}");
        assert!(shown.ends_with("), 1 rejected"), "{shown}");
        gate.open_for_one();
        running.await.unwrap();
        queued.await.unwrap();
        assert_eq!(pool.stats().to_string(), "0/1 busy, 0 queued, 2 completed, 1 rejected");
    });
}

#[test]
fn a_waker_may_look_at_the_pool_that_wakes_it() {
    struct Looks(Pool, Mutex<Sender<u64>>);
    impl std::task::Wake for Looks {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().send(self.0.stats().submitted()).unwrap();
        }
    }
    let _in = multi_thread();
    let _in = _in.enter();
    let (pool, (seen, was_seen)) = (Pool::builder("looked at").threads(1).build(), channel());
    let waker = Arc::new(Looks(pool.clone(), Mutex::new(seen))).into();
    let mut run = Box::pin(pool.run(|| 7));
    let mut context = std::task::Context::from_waker(&waker);
    let polled = run.as_mut().poll(&mut context);
    assert_eq!(was_seen.recv(), Ok(1));
    assert!(polled.is_pending() && run.as_mut().poll(&mut context).is_ready());
    assert_eq!(pool.stats().completed(), 1);
}

#[test]
fn what_is_dropped_may_look_at_its_pool_wherever_that_is() {
    struct Looks(Pool, Sender<u64>);
    impl Drop for Looks {
        fn drop(&mut self) {
            let _ = self.1.send(self.0.stats().submitted());
        }
    }
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let (pool, gate, running) = occupied(9);
            let (looked, has_looked) = channel();
            let looks = || Looks(pool.clone(), looked.clone());
            let value = |looks| pool.try_run(move || looks).unwrap();
            // By the future, by the thread as nobody wants it, with what was detached, and in the queue.
            let waited_for = value(looks());
            value(looks()).detach();
            drop(value(looks()));
            let (closure, held) = (gate.closure(), looks());
            let abandoned = pool.try_run(move || (closure(), held).1).unwrap();
            gate.open_for_one();
            running.await.unwrap();
            drop(waited_for.await);
            gate.wait_for_one();
            drop(abandoned);
            let refused = value(looks());
            assert!(!pool.shutdown(Duration::ZERO).await.is_empty());
            assert!(refused.await.is_err());
            gate.open_for_one();
            assert!(pool.shutdown(Duration::from_secs(3_600)).await.is_empty());
            drop(looked);
            assert_eq!(has_looked.iter().count(), 5);
            let stats = pool.stats();
            assert_eq!((stats.completed(), stats.cancelled(), stats.abandoned()), (3, 2, 1), "{stats}");
        });
    }
}
