// `for` over what blocks, `write!` to what blocks, calls that are further inside.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::File;
use std::io::{BufWriter, Read, Result, Seek, Write};
use std::path::Path;
use std::sync::mpsc::Receiver;

#[no_block]
async fn loops(receiver: Receiver<u8>, borrowed: &Receiver<u8>) -> u8 {
    let mut sum = 0;
    for x in borrowed {
        sum += x;
    }
    for x in receiver {
        sum += x;
    }
    let (_sender, made) = std::sync::mpsc::channel::<u8>();
    sum + made.into_iter().sum::<u8>()
}

#[no_block]
async fn listed(entries: std::fs::ReadDir, others: std::fs::ReadDir) -> usize {
    for _ in entries {}
    others.into_iter().count()
}

struct Log {
    file: std::sync::Mutex<File>,
}

#[no_block(warn(all))]
async fn written(log: &Log, mut file: File, mut socket: std::net::TcpStream, pipe: &mut std::process::ChildStdin) -> Result<()> {
    write!(file, "{}", 1)?;
    writeln!(&mut file)?;
    writeln!(BufWriter::new(&mut file), "a")?;
    writeln!(log.file.lock().unwrap(), "a")?;
    write!(socket, "a")?;
    write!(pipe, "a")?;
    write!(std::io::stdout(), "a")?;
    file.seek_relative(1)?;
    file.bytes().count();
    socket.bytes().count();
    Ok(())
}

#[no_block(warn(all))]
async fn bytes(pipe: std::process::ChildStdout) -> usize {
    pipe.bytes().count() + std::io::stdin().bytes().count()
}

#[no_block]
async fn shown(path: &Path) -> Result<Vec<u8>> {
    let data = dbg!(std::fs::read(path)?);
    dbg!(path.exists(), data.len());
    let pinned = std::pin::pin!(async { path.is_file() });
    pinned.await;
    Ok(data)
}

#[no_block]
async fn further_inside(path: &Path) -> Result<u64> {
    let data = (|| std::fs::read(path))()?;
    let all = futures::future::join_all(data.iter().map(|_| async { path.is_dir() })).await;
    if all.is_empty() {
        unimplemented!("{}", path.exists());
    }
    let address = format!("{}:80", path.display());
    Ok(std::net::ToSocketAddrs::to_socket_addrs(&address)?.count() as u64)
}

fn main() {}
