// Every method of std's I/O traits, on every kind of receiver.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::io::{BufRead, BufReader, BufWriter, Read, Result, Seek, SeekFrom, Write};

#[no_block(warn(all))]
async fn file(mut x: std::fs::File) -> Result<()> {
    let mut data = [0; 8];
    let mut text = String::new();
    x.read(&mut data)?;
    x.read_exact(&mut data)?;
    x.read_to_end(&mut Vec::new())?;
    x.read_to_string(&mut text)?;
    x.read_vectored(&mut [])?;
    x.write(b"a")?;
    x.write_all(b"a")?;
    x.write_vectored(&[])?;
    x.seek(SeekFrom::Start(0))?;
    x.stream_position()?;
    Ok(())
}

#[no_block(warn(all))]
async fn buffered_file(x: std::fs::File) -> Result<()> {
    let mut x = BufReader::new(x);
    let mut line = String::new();
    x.fill_buf()?;
    x.read_line(&mut line)?;
    x.read_until(b'a', &mut Vec::new())?;
    x.skip_until(b'a')?;
    (&mut x).lines().count();
    x.split(b'a').count();
    Ok(())
}

#[no_block(warn(all))]
async fn written_file(x: std::fs::File) -> Result<()> {
    let mut x = BufWriter::new(x);
    x.flush()?;
    Ok(())
}

#[no_block(warn(all))]
async fn socket(mut x: std::net::TcpStream) -> Result<()> {
    let mut data = [0; 8];
    let mut text = String::new();
    x.read(&mut data)?;
    x.read_exact(&mut data)?;
    x.read_to_end(&mut Vec::new())?;
    x.read_to_string(&mut text)?;
    x.read_vectored(&mut [])?;
    x.write(b"a")?;
    x.write_all(b"a")?;
    x.write_vectored(&[])?;
    Ok(())
}

#[no_block(warn(all))]
async fn buffered_socket(x: std::net::TcpStream) -> Result<()> {
    let mut x = BufReader::new(x);
    let mut line = String::new();
    x.fill_buf()?;
    x.read_line(&mut line)?;
    x.read_until(b'a', &mut Vec::new())?;
    x.skip_until(b'a')?;
    (&mut x).lines().count();
    x.split(b'a').count();
    Ok(())
}

#[no_block(warn(all))]
async fn written_socket(x: std::net::TcpStream) -> Result<()> {
    let mut x = BufWriter::new(x);
    x.flush()?;
    Ok(())
}

#[no_block(warn(all))]
async fn pipe(mut x: std::process::ChildStdout) -> Result<()> {
    let mut data = [0; 8];
    let mut text = String::new();
    x.read(&mut data)?;
    x.read_exact(&mut data)?;
    x.read_to_end(&mut Vec::new())?;
    x.read_to_string(&mut text)?;
    x.read_vectored(&mut [])?;
    Ok(())
}

#[no_block(warn(all))]
async fn buffered_pipe(x: std::process::ChildStdout) -> Result<()> {
    let mut x = BufReader::new(x);
    let mut line = String::new();
    x.fill_buf()?;
    x.read_line(&mut line)?;
    x.read_until(b'a', &mut Vec::new())?;
    x.skip_until(b'a')?;
    (&mut x).lines().count();
    x.split(b'a').count();
    Ok(())
}

#[no_block(warn(all))]
async fn written_pipe(mut x: std::process::ChildStdin) -> Result<()> {
    x.write(b"a")?;
    x.write_all(b"a")?;
    x.write_vectored(&[])?;
    let mut x = BufWriter::new(x);
    x.flush()?;
    Ok(())
}

#[no_block(warn(all))]
async fn input(mut x: std::io::StdinLock<'_>) -> Result<()> {
    let mut data = [0; 8];
    let mut text = String::new();
    x.read(&mut data)?;
    x.read_exact(&mut data)?;
    x.read_to_end(&mut Vec::new())?;
    x.read_to_string(&mut text)?;
    x.read_vectored(&mut [])?;
    Ok(())
}

#[no_block(warn(all))]
async fn buffered_input(x: std::io::StdinLock<'_>) -> Result<()> {
    let mut x = BufReader::new(x);
    let mut line = String::new();
    x.fill_buf()?;
    x.read_line(&mut line)?;
    x.read_until(b'a', &mut Vec::new())?;
    x.skip_until(b'a')?;
    (&mut x).lines().count();
    x.split(b'a').count();
    Ok(())
}

#[no_block(warn(all))]
async fn output(mut x: std::io::Stdout) -> Result<()> {
    x.write(b"a")?;
    x.write_all(b"a")?;
    x.write_vectored(&[])?;
    Ok(())
}

fn main() {}
