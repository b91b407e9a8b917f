// A dependency's own async code is logged, once; a blocking function of one that the user's code calls is the user's.
// env: NO_BLOCK_ACTION=panic
// env: NO_BLOCK_FORMAT=text
// expect: in dependency slow 1.2.3
// expect: at slow-1.2.3/src/lib.rs:19:33 in slow::start
// expect: blocking call on an executor thread: slow::Client::get (sleep)
// expect: at @called
// expect: theirs: 5 places, 8 calls; ours: 3 panics

use guard_runtime::{Action, NoBlock, Violation, stats};
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio::task::JoinHandle;

static LOGGED: Mutex<Vec<Violation>> = Mutex::new(Vec::new());

async fn awaits() -> u8 {
    slow::fetch().await + slow::measure(slow::fetch()).await
}

async fn polls() -> u8 {
    slow::Answer.await
}

/// What runs below is awaited by the dependency, although it was written here.
async fn lends() -> u8 {
    slow::measure(async { 1 }).await + slow::Client.with(|one| one)
}

async fn calls() -> u8 {
    tokio::task::yield_now().await;
    slow::Client.get() // @called
}

async fn calls_in_a_closure() -> u8 {
    slow::Client.with(|one| one + slow::Client.get())
}

async fn has_it_awaited() -> u8 {
    slow::measure(async { slow::Client.get() }).await
}

async fn ends(task: JoinHandle<u8>) -> bool {
    task.await.is_err()
}

#[guard_runtime::main(worker_threads = 2)]
pub(crate) async fn main() {
    guard_runtime::set_handler(|violation| {
        if violation.action() == Action::Log {
            LOGGED.lock().unwrap().push(violation.clone());
        }
    });
    for _ in 0..2 {
        assert!(!ends(tokio::spawn(awaits().no_block())).await, "a dependency's violation does not panic");
    }
    assert!(!ends(tokio::spawn(polls().no_block())).await);
    assert!(!ends(tokio::spawn(lends().no_block())).await);
    assert!(!ends(tokio::spawn(slow::guarded())).await);
    // Nor does it fail the end of this runtime.
    for _ in 0..2 {
        assert!(!ends(slow::start()).await);
    }
    // Hands over what the dependency's own tasks did.
    assert!(stats().violations() > 0);
    let mut panics = 0;
    for ours in [tokio::spawn(calls().no_block()), tokio::spawn(calls_in_a_closure().no_block())] {
        panics += u8::from(ends(ours).await);
    }
    panics += u8::from(ends(tokio::spawn(has_it_awaited().no_block())).await);
    let logged = LOGGED.lock().unwrap();
    assert!(logged.iter().all(|violation| violation.to_string().contains("in dependency slow 1.2.3")));
    let place = |violation: &Violation| (violation.location().map(str::to_owned), violation.guarded().to_owned());
    let places: BTreeSet<_> = logged.iter().map(place).collect();
    let calls: u32 = logged.iter().map(Violation::times).sum();
    eprintln!("theirs: {} places, {calls} calls; ours: {panics} panics", places.len());
}
