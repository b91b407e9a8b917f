// What a function is given decides; methods that are called by their path.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Result, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex};

#[no_block(warn(all))]
async fn copies(path: &Path, mut socket: TcpStream, pipe: &mut ChildStdout) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut file = File::open(path)?;
    io::copy(&mut file, &mut out)?;
    io::copy(&mut BufReader::new(&b""[..]), &mut socket)?;
    std::io::copy(pipe, &mut out)?;
    io::copy(&mut &b""[..], &mut io::stdout())?;
    if let Ok(mut other) = File::create(path) {
        io::copy(&mut &out[..], &mut other)?;
    }
    Ok(out)
}

#[no_block(warn(all))]
async fn reads(file: File, socket: BufReader<TcpStream>, pipe: ChildStdout) -> Result<String> {
    let text = io::read_to_string(file)? + &io::read_to_string(socket)? + &io::read_to_string(pipe)?;
    Ok(text + &io::read_to_string(io::stdin())?)
}

struct Shared {
    file: File,
    lock: Arc<Mutex<u8>>,
}

#[no_block(warn(all))]
async fn by_path(shared: &mut Shared, path: &Path, reader: &mut BufReader<File>, host: &str) -> Result<bool> {
    Read::read_to_end(&mut shared.file, &mut Vec::new())?;
    io::Write::write_all(&mut shared.file, b"a")?;
    <File as Write>::write(&mut shared.file, b"a")?;
    BufRead::read_line(reader, &mut String::new())?;
    File::sync_all(&shared.file)?;
    ToSocketAddrs::to_socket_addrs(host)?;
    *Mutex::lock(&shared.lock).unwrap() += 1;
    Ok(Path::exists(path))
}

trait Context<T> {
    fn context(self, what: &str) -> Result<T>;
}

impl<T> Context<T> for Result<T> {
    fn context(self, what: &str) -> Result<T> {
        self.map_err(|error| io::Error::new(error.kind(), what.to_owned()))
    }
}

#[no_block]
async fn made_where_they_are_given(path: &Path, log: &Mutex<File>, address: &str) -> Result<String> {
    let mut out = Vec::new();
    io::copy(&mut TcpStream::connect(address)?, &mut out)?;
    io::copy(&mut &out[..], &mut *log.lock().unwrap())?;
    io::copy(&mut std::fs::OpenOptions::new().read(true).open(path).context("a")?, &mut out)?;
    let file = File::open(path).map_err(|error| error)?;
    Read::read(&mut BufReader::new(&file).take(9), &mut out)?;
    io::copy(&mut io::Cursor::new("a"), &mut out)?;
    Ok(io::read_to_string(BufReader::new(File::open(path).context("b")?))?)
}

#[no_block]
async fn in_a_closure(reader: &mut File) -> Option<Result<u64>> {
    Some(1).map(|_| io::copy(&mut *reader, &mut io::sink()))
}

#[no_block(warn(all))]
async fn by_the_path_of_a_type(file: File, buffer: std::io::BufWriter<File>, paths: &[String]) -> Result<bool> {
    let mut found: Vec<_> = paths.iter().map(|path| path.as_ref()).collect();
    let there = found.pop().is_some_and(|path| Path::exists(path)) || Path::is_dir(paths[0].as_ref());
    <File>::sync_all(&file)?;
    <File>::open("a")?;
    buffer.into_inner()?;
    BufReader::new(file).into_inner();
    std::io::BufWriter::new(Vec::<u8>::new()).into_inner().unwrap();
    Ok(there)
}

#[no_block]
async fn flushed(
    socket: std::io::BufWriter<TcpStream>,
    pipe: std::io::BufWriter<std::process::ChildStdin>,
) -> Result<(TcpStream, std::process::ChildStdin)> {
    Ok((socket.into_inner()?, pipe.into_inner()?))
}

#[no_block]
async fn under_another_name(listener: std::net::TcpListener, files: &mut [File]) -> Result<()> {
    for socket in listener.incoming() {
        let mut socket = socket?;
        io::copy(&mut socket, &mut io::sink())?;
    }
    let mut unwrapped = std::io::BufWriter::new(files[1].try_clone()?).into_inner().map_err(|error| error.into_error())?;
    io::copy(&mut unwrapped, &mut io::sink())?;
    let first = &mut files[0];
    io::copy(first, &mut io::sink())?;
    Ok(())
}

fn main() {}
