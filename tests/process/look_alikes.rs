// What looks like blocking and is not: tokio's own work, output, short locks. Nothing may be reported, nor written.
// forbid: "kind"
// forbid: "summary"
// forbid: blocking call

use guard_runtime::NoBlock;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};

async fn files() {
    let path =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("alike-{}", std::process::id()));
    tokio::fs::write(&path, "text").await.unwrap();
    assert_eq!(tokio::fs::read_to_string(&path).await.unwrap(), "text");
    let mut entries = tokio::fs::read_dir(env!("CARGO_TARGET_TMPDIR")).await.unwrap();
    while entries.next_entry().await.unwrap().is_some() {}
    tokio::fs::remove_file(&path).await.unwrap();
}

async fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut read, mut write) = stream.split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    };
    let server = tokio::spawn(server.no_block());
    let mut client = TcpStream::connect(address).await.unwrap();
    let mut reply = [0; 4096];
    for _ in 0..50 {
        client.write_all(&[7; 4096]).await.unwrap();
        client.read_exact(&mut reply).await.unwrap();
    }
    drop(client);
    server.await.unwrap();

    let (mut near, mut far) = UnixStream::pair().unwrap();
    near.write_all(b"x").await.unwrap();
    far.read_u8().await.unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    udp.connect(udp.local_addr().unwrap()).await.unwrap();
    udp.send(b"x").await.unwrap();
    udp.recv(&mut reply).await.unwrap();
    tokio::net::lookup_host("localhost:80").await.unwrap().count();
}

async fn processes() {
    let output = tokio::process::Command::new("echo").arg("hello").output().await.unwrap();
    assert_eq!(output.stdout, b"hello\n");
    let mut child = tokio::process::Command::new("sleep").arg("0.01").spawn().unwrap();
    child.wait().await.unwrap();
    let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined1()).unwrap();
    // SAFETY: sends a signal that this process handles.
    unsafe { libc::raise(libc::SIGUSR1) };
    signals.recv().await.unwrap();
}

async fn synchronisation() {
    let mutex = Arc::new(tokio::sync::Mutex::new(0));
    let short = Arc::new(Mutex::new(0));
    let (tx, mut rx) = tokio::sync::mpsc::channel(1);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (mutex, short, tx) = (mutex.clone(), short.clone(), tx.clone());
            let task = async move {
                for _ in 0..50 {
                    *mutex.lock().await += 1;
                    *short.lock().unwrap() += 1;
                    tx.send(1).await.unwrap();
                    tokio::task::yield_now().await;
                }
            };
            tokio::spawn(task.no_block())
        })
        .collect();
    drop(tx);
    while rx.recv().await.is_some() {}
    for task in tasks {
        task.await.unwrap();
    }
    tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>()).await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(5)).await;
}

async fn output() {
    println!("to standard output");
    eprintln!("to standard error");
    std::io::stderr().write_all(b"a line of a log\n").unwrap();
    assert!(std::thread::available_parallelism().unwrap().get() > 0);
    // Symbols are read from the program's own file.
    assert!(!std::backtrace::Backtrace::force_capture().to_string().is_empty());
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await.unwrap();
}

async fn all() {
    files().await;
    echo().await;
    processes().await;
    synchronisation().await;
    output().await;
}

pub(crate) fn main() {
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    many.block_on(async { tokio::spawn(all().no_block()).await.unwrap() });
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    one.block_on(all().no_block());
}
