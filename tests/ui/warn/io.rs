// std's I/O traits: on files, sockets, pipes, the standard streams, and buffers over them.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Result, Seek, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::{ChildStdin, ChildStdout};

#[no_block]
async fn reads(file: &mut File, mut stream: TcpStream, pipe: &mut ChildStdout) -> Result<usize> {
    let mut data = [0; 8];
    let mut text = String::new();
    file.read(&mut data)?;
    file.read_exact(&mut data)?;
    file.read_to_string(&mut text)?;
    stream.read_to_end(&mut Vec::new())?;
    stream.read_vectored(&mut [])?;
    stream.peek(&mut data)?;
    pipe.read(&mut data)
}

#[no_block]
async fn writes(file: &File, stream: &mut TcpStream, pipe: &mut ChildStdin) -> Result<()> {
    (&*file).write(b"a")?;
    stream.write_all(b"a")?;
    pipe.write_vectored(&[])?;
    let mut buffered = BufWriter::new(file);
    buffered.write_all(b"a")?;
    buffered.flush()
}

#[no_block]
async fn buffers(file: File) -> Result<usize> {
    let mut reader = BufReader::new(file);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    reader.read_until(b'x', &mut Vec::new())?;
    reader.rewind()?;
    let first = BufReader::new(File::open("a")?).lines().count();
    Ok(first + reader.split(b'x').count() + reader_of(&line).lines().count())
}

fn reader_of(text: &str) -> &[u8] {
    text.as_bytes()
}

#[no_block(warn(stdio))]
async fn standard_streams() -> Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    io::stdin().read_to_string(&mut line)?;
    io::stdout().write_all(line.as_bytes())?;
    io::stderr().lock().flush()
}

/// Input comes when it comes; output is most often quick.
#[no_block]
async fn by_default() -> Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    io::stdout().write_all(line.as_bytes())
}

#[no_block]
async fn datagrams(socket: &UdpSocket) -> Result<usize> {
    socket.send(b"a")?;
    socket.send_to(b"a", "localhost:80")?;
    socket.peek(&mut [])?;
    socket.peek_from(&mut [])?;
    socket.recv(&mut [])
}

fn main() {}
