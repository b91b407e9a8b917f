// With all workers armed, tasks that no guard covers are covered too, and nothing else is: each row of the table.
// env: NO_BLOCK_ARM=workers
// expect: sleep std::thread::sleep @task
// expect: fs std::fs::read @helper
// expect: sleep std::thread::sleep @nested
// expect: sleep std::thread::sleep @boxed
// expect: sleep std::thread::sleep @dropped
// expect: sleep std::thread::sleep @after-in-place
// expect: sleep std::thread::sleep @local-set
// expect: sleep std::thread::sleep @local-set-on-one
// expect: sleep std::thread::sleep @one-thread-root
// expect: sleep std::thread::sleep @one-thread-task
// expect: sleep std::thread::sleep @local-runtime
// expect: sleep std::thread::sleep @runtime-on-blocking-thread
// expect: lock std::sync::Mutex::lock @lock
// expect: channel crossbeam_channel::Receiver::recv @channel
// forbid: @blocking-pool
// forbid: @block-on-there
// forbid: @local-set-there
// forbid: @in-place
// forbid: @in-place-block-on
// forbid: @entered
// forbid: @thread
// forbid: @excused
// forbid: @excused-future
// forbid: @offloaded
// forbid: @runtime-dropped
// only

use guard_runtime::{NoBlock, allow_blocking};
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, LocalRuntime, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking, spawn_local, yield_now};

const NAP: Duration = Duration::from_millis(2);

fn helper() -> usize {
    std::fs::read("/etc/hostname").map_or(0, |text| text.len()) // @helper
}

struct NapsInDrop(fn());

impl Drop for NapsInDrop {
    fn drop(&mut self) {
        self.0();
    }
}

async fn tasks() {
    tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap(); // @task
    tokio::spawn(async { helper() }).await.unwrap();
    let nested = async {
        tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap(); // @nested
    };
    tokio::spawn(nested).await.unwrap();
    let boxed: futures::future::BoxFuture<'static, ()> = Box::pin(async { std::thread::sleep(NAP) }); // @boxed
    tokio::spawn(boxed).await.unwrap();
    let dropped = NapsInDrop(|| std::thread::sleep(NAP)); // @dropped
    tokio::spawn(async move { drop(dropped) }).await.unwrap();
    tokio::spawn(waits()).await.unwrap();
}

static HELD: Mutex<()> = Mutex::new(());

async fn waits() {
    let (tx, rx) = crossbeam_channel::bounded(0);
    let (held, holds) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let guard = HELD.lock().unwrap();
        held.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(150));
        drop(guard);
        std::thread::sleep(Duration::from_millis(150));
        tx.send(()).unwrap();
    });
    while holds.try_recv().is_err() {
        yield_now().await;
    }
    drop(HELD.lock().unwrap()); // @lock
    rx.recv().unwrap(); // @channel
}

async fn off_the_executor() {
    spawn_blocking(|| std::thread::sleep(NAP)).await.unwrap(); // @blocking-pool
    let there = || Handle::current().block_on(async { std::thread::sleep(NAP) }); // @block-on-there
    spawn_blocking(there).await.unwrap();
    let local_there = || {
        let local = async { spawn_local(async { std::thread::sleep(NAP) }).await.unwrap() }; // @local-set-there
        Handle::current().block_on(LocalSet::new().run_until(local));
    };
    spawn_blocking(local_there).await.unwrap();
    let in_place = async {
        block_in_place(|| {
            std::thread::sleep(NAP); // @in-place
            Handle::current().block_on(async {
                yield_now().await;
                std::thread::sleep(NAP); // @in-place-block-on
            });
        });
        yield_now().await;
        std::thread::sleep(NAP); // @after-in-place
    };
    tokio::spawn(in_place).await.unwrap();
    guard_runtime::offload(|| std::thread::sleep(NAP)).await; // @offloaded
    tokio::spawn(async { allow_blocking("a test", || std::thread::sleep(NAP)) }).await.unwrap(); // @excused
    let excused = async { std::thread::sleep(NAP) }; // @excused-future
    tokio::spawn(excused.allow_blocking("a test")).await.unwrap();
    let inner = || Builder::new_current_thread().build().unwrap().block_on(inner_runtime());
    spawn_blocking(inner).await.unwrap();
}

async fn inner_runtime() {
    std::thread::sleep(NAP); // @runtime-on-blocking-thread
}

async fn one_thread() {
    std::thread::sleep(NAP); // @one-thread-root
    tokio::spawn(async { std::thread::sleep(NAP) }).await.unwrap(); // @one-thread-task
    let local = LocalSet::new();
    local.run_until(async { spawn_local(async { std::thread::sleep(NAP) }).await.unwrap() }).await; // @local-set-on-one
}

fn on_threads_of_ones_own(runtime: &Runtime) {
    let _entered = runtime.enter();
    std::thread::sleep(NAP); // @entered
    let handle = runtime.handle().clone();
    let thread = move || {
        let _entered = handle.enter();
        std::thread::sleep(NAP); // @thread
    };
    std::thread::spawn(thread).join().unwrap();
}

pub(crate) fn main() {
    let many = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    many.block_on(tasks());
    many.block_on(off_the_executor());
    on_threads_of_ones_own(&many);
    let local = LocalSet::new();
    local.block_on(&many, async { spawn_local(async { std::thread::sleep(NAP) }).await.unwrap() }); // @local-set
    let one = Builder::new_current_thread().enable_all().build().unwrap();
    one.block_on(one_thread());
    let naps = NapsInDrop(|| std::thread::sleep(NAP)); // @runtime-dropped
    one.spawn(async move {
        let _naps = naps;
        std::future::pending::<()>().await
    });
    drop(one);
    let local = LocalRuntime::new().unwrap();
    local.block_on(async { spawn_local(async { std::thread::sleep(NAP) }).await.unwrap() }); // @local-runtime
}
