//! The soak: everything that tokio, hyper and axum do, with every task guarded, reports nothing; then planted violations
//! are exactly those that are found. `SOAK_ROUNDS=400 cargo test -p guard-tests --test soak` for millions of polls.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use guard_runtime::{Action, Config, NoBlock, Violation, guard, install, set_handler, stats};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use tokio::sync::{Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

static FOUND: Mutex<Vec<Violation>> = Mutex::new(Vec::new());
static POLLS: AtomicU64 = AtomicU64::new(0);
static HANDLED: AtomicU64 = AtomicU64::new(0);

/// The same future, its polls counted, and guarded.
fn guarded<F: Future>(future: F) -> impl Future<Output = F::Output> {
    async move {
        let mut future = pin!(future);
        std::future::poll_fn(move |cx| {
            POLLS.fetch_add(1, Ordering::Relaxed);
            future.as_mut().poll(cx)
        })
        .await
    }
    .no_block()
}

async fn echo(rounds: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(guarded(async move {
        for _ in 0..4 {
            let (stream, _) = listener.accept().await.unwrap();
            let (mut read, mut write) = stream.into_split();
            tokio::spawn(guarded(async move { tokio::io::copy(&mut read, &mut write).await.unwrap() }));
        }
    }));
    for _ in 0..4 {
        tasks.spawn(guarded(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut reply = [0; 2048];
            for _ in 0..rounds {
                stream.write_all(&[7; 2048]).await.unwrap();
                stream.read_exact(&mut reply).await.unwrap();
            }
        }));
    }
    tasks.spawn(guarded(async move {
        let (mut near, mut far) = UnixStream::pair().unwrap();
        let (here, there) =
            (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
        for _ in 0..rounds {
            near.write_u8(1).await.unwrap();
            far.read_u8().await.unwrap();
            here.send_to(b"x", there.local_addr().unwrap()).await.unwrap();
            there.recv(&mut [0; 1]).await.unwrap();
        }
    }));
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
}

async fn synchronisation(rounds: usize) {
    let (mutex, lock) = (Arc::new(tokio::sync::Mutex::new(0)), Arc::new(RwLock::new(0)));
    let (permits, notify) = (Arc::new(Semaphore::new(2)), Arc::new(Notify::new()));
    let (tx, mut rx) = mpsc::channel(4);
    let (news, _) = broadcast::channel(1024);
    let (state, watched) = watch::channel(0);
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (mutex, lock, permits, notify) = (mutex.clone(), lock.clone(), permits.clone(), notify.clone());
        let (tx, news, mut watched) = (tx.clone(), news.clone(), watched.clone());
        tasks.spawn(guarded(async move {
            for round in 0..rounds {
                *mutex.lock().await += 1;
                let half = *lock.read().await / 2;
                *lock.write().await = half + 1;
                let _permit = permits.acquire().await.unwrap();
                tx.send(task).await.unwrap();
                let _ = news.send(round);
                let (answer, question) = oneshot::channel();
                tokio::spawn(guarded(async move { answer.send(round).unwrap() }));
                assert_eq!(question.await.unwrap(), round);
                notify.notify_one();
                let _ = *watched.borrow_and_update();
                tokio::task::yield_now().await;
            }
        }));
    }
    drop(tx);
    tasks.spawn(guarded(async move {
        while rx.recv().await.is_some() {
            state.send_modify(|count| *count += 1);
        }
    }));
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
}

async fn system(rounds: usize) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("soak-{}", std::process::id()));
    let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined2()).unwrap();
    for _ in 0..rounds.div_ceil(50) {
        tokio::fs::write(&path, "text").await.unwrap();
        assert_eq!(tokio::fs::read_to_string(&path).await.unwrap(), "text");
        let mut lines = BufReader::new(tokio::fs::File::open(&path).await.unwrap()).lines();
        assert!(lines.next_line().await.unwrap().is_some());
        tokio::fs::remove_file(&path).await.unwrap();
        let output = tokio::process::Command::new("echo").arg("hello").output().await.unwrap();
        assert_eq!(output.stdout, b"hello\n");
        // SAFETY: sends a signal that this process handles.
        unsafe { libc::raise(libc::SIGUSR2) };
        signals.recv().await.unwrap();
        assert!(tokio::net::lookup_host("localhost:80").await.is_ok());
        tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await.unwrap();
        guard_runtime::offload(|| std::fs::read("Cargo.toml").unwrap()).await;
    }
}

async fn timers(rounds: usize) {
    let mut ticks = tokio::time::interval(Duration::from_micros(500));
    for _ in 0..rounds.div_ceil(4) {
        ticks.tick().await;
        let _ = tokio::time::timeout(Duration::from_micros(200), std::future::pending::<()>()).await;
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
}

async fn web(rounds: usize) {
    use axum::routing::get;
    let routes = axum::Router::new()
        .route("/", get(|| guarded(async { "hello" })))
        .route("/slow", get(|| guarded(async { tokio::time::sleep(Duration::from_micros(50)).await })))
        .route("/json", get(|| guarded(async { axum::Json(vec![1; 100]) })));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(guarded(async move { axum::serve(listener, routes).await.unwrap() }));
    let mut clients = JoinSet::new();
    for client in 0..4 {
        clients.spawn(guarded(async move {
            let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
            for _ in 0..rounds {
                let path = ["/", "/slow", "/json", "/nowhere"][client];
                let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                let (mut line, mut len) = (String::new(), 0);
                while stream.read_line(&mut line).await.unwrap() > 2 {
                    if let Some(value) = line.strip_prefix("content-length: ") {
                        len = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                stream.read_exact(&mut vec![0; len]).await.unwrap();
            }
        }));
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    server.abort();
}

async fn wakes_itself(rounds: usize) {
    for _ in 0..rounds * 50 {
        tokio::task::yield_now().await;
    }
}

async fn everything(rounds: usize) {
    let mut all = JoinSet::new();
    all.spawn(guarded(echo(rounds)));
    all.spawn(guarded(synchronisation(rounds)));
    all.spawn(guarded(system(rounds)));
    all.spawn(guarded(timers(rounds)));
    all.spawn(guarded(web(rounds)));
    all.spawn(guarded(wakes_itself(rounds)));
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

/// Twenty places, each a violation of its own.
macro_rules! planted {
    ($($call:expr;)*) => {
        &[$(|| {
            let _ = $call;
        }),*]
    };
}

const PLANTED: &[fn()] = planted! {
    std::thread::sleep(Duration::from_millis(1));
    std::fs::read("Cargo.toml");
    std::fs::metadata("Cargo.toml");
    std::fs::read_dir(".");
    std::fs::canonicalize(".");
    std::fs::File::open("Cargo.toml");
    std::path::Path::new("Cargo.toml").exists();
    std::fs::read_link("Cargo.toml");
    std::fs::remove_file("/no/such/file");
    std::fs::create_dir("/no/such/folder");
    std::fs::rename("/no/such/file", "/no/such/other");
    std::net::TcpStream::connect("127.0.0.1:1");
    std::net::UdpSocket::bind("127.0.0.1:0").map(|socket| socket.send_to(b"x", "127.0.0.1:9"));
    std::net::ToSocketAddrs::to_socket_addrs("localhost:80").map(Iterator::count);
    std::process::Command::new("true").status();
    std::thread::spawn(|| std::thread::sleep(Duration::from_millis(20))).join();
    std::sync::mpsc::channel::<()>().1.recv_timeout(Duration::from_millis(1));
    std::thread::sleep(Duration::from_micros(10));
    std::fs::read_to_string("Cargo.toml");
    std::fs::hard_link("/no/such/file", "/no/such/link");
};

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn found() -> Vec<Violation> {
    std::mem::take(&mut *FOUND.lock().unwrap())
}

fn places(found: &[Violation]) -> Vec<String> {
    found
        .iter()
        .map(|found| {
            format!(
                "{} at {}, {:?}, in {}",
                found.api(),
                found.location().unwrap_or("?"),
                found.elapsed(),
                found.guarded()
            )
        })
        .collect()
}

/// Sixteen threads that violate at once, so many times and so long: each occurrence counts.
fn at_once(rounds: usize, time: Duration) {
    const THREADS: usize = 16;
    let before = stats();
    let (barrier, violated, began) = (Barrier::new(THREADS), AtomicU64::new(0), Instant::now());
    // The handler of the first part would keep each of them.
    set_handler(|_| {
        HANDLED.fetch_add(1, Ordering::Relaxed);
    });
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (barrier, violated) = (&barrier, &violated);
            scope.spawn(move || {
                barrier.wait();
                let mut round = 0;
                while round < rounds || began.elapsed() < time {
                    let mut poll = pin!(guard(async move {
                        // A place per thread and one that all share.
                        PLANTED[1 + thread % 8]();
                        if round % 2 == 0 {
                            PLANTED[17]()
                        }
                    }));
                    assert_eq!(poll.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
                    violated.fetch_add(1 + u64::from(round % 2 == 0), Ordering::Relaxed);
                    round += 1;
                }
            });
        }
    });
    let violated = violated.into_inner();
    println!("{violated} violations by {THREADS} threads at once");
    assert!(violated >= (THREADS * rounds) as u64);
    assert_eq!(stats().violations() - before.violations(), violated);
    assert_eq!((HANDLED.load(Ordering::Relaxed), stats().lost()), (violated, before.lost()));
}

#[test]
fn nothing_but_what_was_planted_is_found() {
    let rounds = from_environment("SOAK_ROUNDS").unwrap_or(20) as usize;
    install(Config::new().action(Action::Count));
    set_handler(|violation| FOUND.lock().unwrap().push(violation.clone()));

    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    many.block_on(everything(50 * rounds));
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    one.block_on(guarded(everything(10 * rounds)));
    println!("{} polls", POLLS.load(Ordering::Relaxed));
    assert!(POLLS.load(Ordering::Relaxed) > 5_000 * rounds as u64);
    assert_eq!(places(&found()), [""; 0], "false alarms");

    for call in PLANTED {
        many.block_on(many.spawn(guarded(async move { call() }))).unwrap();
    }
    let planted = found();
    let lines: std::collections::BTreeSet<_> = planted.iter().map(|found| found.location()).collect();
    assert_eq!((planted.len(), lines.len()), (PLANTED.len(), PLANTED.len()), "{:#?}", places(&planted));

    at_once(10 * rounds, Duration::from_secs(from_environment("SOAK_SECONDS").unwrap_or(0)));
}
