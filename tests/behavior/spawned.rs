//! Futures that an annotated body hands to tokio's tasks are guarded there; what others' `spawn` takes stays as it was.

use crate::support::{block_counted, handled, setup};
use guard_runtime::no_block;
use std::future::{Ready, ready};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// One for each way, so that each is seen by its name.
macro_rules! works {
    ($($name:ident)*) => {$(
        async fn $name(n: u8) -> u8 {
            tokio::task::yield_now().await;
            block_counted();
            n
        }
    )*};
}

works! { by_path on_a_handle in_a_set in_a_local_set in_a_shared_set not_spawned }

struct Tasks {
    set: JoinSet<u8>,
}

#[no_block]
async fn spawns(tasks: &mut Tasks, handle: &Handle) -> u8 {
    let first = tokio::spawn(by_path(1));
    handle.spawn(on_a_handle(1));
    tasks.set.spawn(in_a_set(1));
    let shared = tokio::sync::Mutex::new(JoinSet::new());
    let mut guard = shared.lock().await;
    guard.spawn(in_a_shared_set(1));
    let mut sum = first.await.unwrap();
    while let Some(done) = guard.join_next().await {
        sum += done.unwrap();
    }
    while let Some(done) = tasks.set.join_next().await {
        sum += done.unwrap();
    }
    sum
}

#[no_block]
async fn spawns_locally(local: &tokio::task::LocalSet) {
    local.spawn_local(in_a_local_set(1));
    drop(not_spawned(1));
}

#[test]
fn what_tokio_spawns_is_guarded() {
    setup();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let mut tasks = Tasks { set: JoinSet::new() };
    let sum = runtime.block_on(local.run_until(async {
        spawns_locally(&local).await;
        spawns(&mut tasks, runtime.handle()).await
    }));
    runtime.block_on(local);
    assert_eq!(sum, 3);
    for name in ["by_path", "on_a_handle", "in_a_set", "in_a_local_set", "in_a_shared_set"] {
        assert_eq!(handled(&format!("spawned::{name}")).len(), 1, "{name}");
    }
    assert!(handled("spawned::not_spawned").is_empty());
}

/// Spawns what is of one certain type.
#[derive(Default)]
struct Pool(Vec<u8>);

impl Pool {
    fn spawn(&mut self, job: Job) -> &mut Self {
        self.0.push((job.0)());
        self
    }

    fn spawn_local(&mut self, work: Ready<u8>) {
        self.0.push(work.into_inner());
    }

    fn spawn_on(&mut self, text: &str, more: u8) {
        self.0.push(text.parse::<u8>().unwrap() + more);
    }
}

struct Job(fn() -> u8);

fn job(n: u8) -> Job {
    Job(if n == 1 { || 1 } else { || 2 })
}

fn text() -> String {
    "3".to_owned()
}

#[no_block]
async fn spawns_elsewhere(pool: &mut Pool) {
    pool.spawn(job(1));
    pool.spawn(job(2)).spawn(Job(|| 9));
    pool.spawn_local(ready(2));
    pool.spawn_on(text().as_str(), 1);
    pool.spawn(Into::into(job(1)));
}

#[tokio::test]
async fn what_others_spawn_stays_as_it_was() {
    let mut pool = Pool::default();
    spawns_elsewhere(&mut pool).await;
    assert_eq!(pool.0, [1, 2, 9, 2, 4, 1]);
}
