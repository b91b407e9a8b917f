// An armed worker that waits for work, and all that tokio does between tasks, at its start and at its end, is silent.
// env: NO_BLOCK_ARM=workers
// expect: all went well
// forbid: "kind":

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::{Builder, LocalRuntime, Runtime};
use tokio::sync::{Mutex, Notify, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::{JoinSet, LocalSet, spawn_blocking, yield_now};
use tokio::time::{interval, sleep, timeout};

const SHORT: Duration = Duration::from_millis(3);

async fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        for _ in 0..8 {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 512];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    stream.write_all(&buffer[..read]).await.unwrap();
                }
            });
        }
    });
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            for _ in 0..50 {
                stream.write_all(&[7; 300]).await.unwrap();
                stream.read_exact(&mut [0; 300]).await.unwrap();
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    server.await.unwrap();
    let (mut one, mut other) = UnixStream::pair().unwrap();
    one.write_all(b"x").await.unwrap();
    assert_eq!(other.read_u8().await.unwrap(), b'x');
}

async fn sync() {
    let (tx, mut rx) = mpsc::channel(2);
    let (shared, room, bell) = (Mutex::new(0), Semaphore::new(2), Notify::new());
    let shared: &'static Mutex<i32> = Box::leak(Box::new(shared));
    let (room, bell): (&'static Semaphore, &'static Notify) = (Box::leak(Box::new(room)), Box::leak(Box::new(bell)));
    for _ in 0..20 {
        let tx = tx.clone();
        tokio::spawn(async move {
            let _permit = room.acquire().await.unwrap();
            *shared.lock().await += 1;
            sleep(SHORT).await;
            tx.send(1).await.unwrap();
            bell.notify_one();
        });
    }
    drop(tx);
    bell.notified().await;
    while rx.recv().await.is_some() {}
    assert_eq!(*shared.lock().await, 20);
    let (watched, mut watcher) = watch::channel(0);
    let (all, mut each) = broadcast::channel(4);
    let (once, only) = oneshot::channel();
    tokio::spawn(async move {
        sleep(SHORT).await;
        watched.send(1).unwrap();
        all.send(1).unwrap();
        once.send(1).unwrap();
    });
    watcher.changed().await.unwrap();
    assert_eq!((each.recv().await.unwrap(), only.await.unwrap()), (1, 1));
}

async fn time() {
    let mut ticks = interval(Duration::from_millis(1));
    for _ in 0..10 {
        ticks.tick().await;
        yield_now().await;
    }
    assert!(timeout(SHORT, std::future::pending::<()>()).await.is_err());
}

async fn files_and_names() {
    assert!(tokio::fs::metadata("/").await.unwrap().is_dir());
    let _ = tokio::net::lookup_host("localhost:80").await.map(|found| found.count());
    for _ in 0..20 {
        spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await.unwrap();
    }
    assert!(tokio::process::Command::new("true").status().await.unwrap().success());
    let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined1()).unwrap();
    // SAFETY: the signal has a handler now.
    unsafe { libc::raise(libc::SIGUSR1) };
    signals.recv().await.unwrap();
}

async fn aborted() {
    let task = tokio::spawn(std::future::pending::<()>());
    yield_now().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    // Lives on until the runtime ends.
    tokio::spawn(std::future::pending::<()>());
}

async fn everything() {
    let all = async {
        echo().await;
        sync().await;
        time().await;
        files_and_names().await;
        aborted().await;
    };
    tokio::spawn(all).await.unwrap();
}

fn without_drivers() -> [Runtime; 2] {
    [
        Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap(),
        Builder::new_current_thread().build().unwrap(),
    ]
}

pub(crate) fn main() {
    for workers in [1, 4] {
        let many = Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
        many.block_on(everything());
        many.shutdown_timeout(Duration::from_secs(5));
    }
    let one = Builder::new_current_thread().enable_all().build().unwrap();
    one.block_on(everything());
    one.block_on(LocalSet::new().run_until(async {
        tokio::task::spawn_local(time()).await.unwrap();
        yield_now().await;
    }));
    LocalRuntime::new().unwrap().block_on(everything());
    for runtime in without_drivers() {
        runtime.block_on(async {
            for _ in 0..50 {
                tokio::spawn(yield_now()).await.unwrap();
            }
            spawn_blocking(|| std::thread::sleep(SHORT)).await.unwrap();
        });
        runtime.shutdown_background();
    }
    eprintln!("all went well");
}
