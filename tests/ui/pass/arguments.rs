// What functions are given is memory, or of a type that is settled later; methods by path are the user's own.
#![deny(warnings)]

use guard_runtime::no_block;
use std::io::{self, BufRead, Cursor, Read, Result, Write};
use std::path::Path;

mod own {
    pub struct Path;
    impl Path {
        pub fn exists(_: &std::path::Path) -> bool {
            true
        }
    }
    pub struct Mutex;
    impl Mutex {
        pub fn lock<T>(_: &std::sync::Mutex<T>) -> u8 {
            1
        }
    }
    pub fn copy<R, W>(_: &R, _: &W) {}
    pub fn read_to_string<R>(_: R) -> String {
        String::new()
    }
}

#[no_block(warn(all))]
pub async fn memory(mut data: &[u8], mut cursor: Cursor<Vec<u8>>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    io::copy(&mut data, &mut out)?;
    io::copy(&mut cursor, &mut io::sink())?;
    Read::read_to_end(&mut data, &mut out)?;
    Write::write_all(&mut out, b"a")?;
    BufRead::read_line(&mut cursor, &mut String::new())?;
    write!(cursor, "a")?;
    writeln!(&mut out, "{}", io::read_to_string(data)?)?;
    for byte in Read::bytes(cursor) {
        out.push(byte?);
    }
    Ok(out)
}

#[no_block(warn(all))]
pub async fn settled_later(mut data: &[u8]) -> Result<Vec<u8>> {
    let mut out = Default::default();
    io::copy(&mut data, &mut out)?;
    let mut parsed = Vec::new().into_iter().collect();
    Write::write_all(&mut parsed, b"a")?;
    let _: &Vec<u8> = &parsed;
    Ok(out)
}

#[no_block(warn(all))]
pub async fn own_ones(path: &Path, lock: &std::sync::Mutex<u8>, file: &std::fs::File) -> u8 {
    own::copy(file, file);
    drop(own::read_to_string(file));
    u8::from(own::Path::exists(path)) + own::Mutex::lock(lock)
}

/// The places are lent for as long as the call takes, whatever else is lent.
#[no_block(warn(all), allow(fs))]
pub async fn lent(
    mut file: std::fs::File,
    other: &mut std::fs::File,
    parts: &mut (std::fs::File, Vec<u8>),
) -> Result<()> {
    let part = &mut parts.1;
    io::copy(&mut parts.0, part)?;
    io::copy(other, part)?;
    io::copy(other, part)?;
    write!(other, "a")?;
    writeln!(other, "a")?;
    Read::read(other, &mut [0])?;
    let mut again = || -> Result<()> {
        io::copy(&mut file, &mut Vec::new())?;
        Read::read(&mut file, &mut [0])?;
        write!(file, "a")
    };
    again()?;
    io::copy(&mut file, other)?;
    io::copy(&mut Box::new(file), other).map(drop)
}

#[no_block(warn(all))]
pub async fn generic<R: Read, W: Write>(mut reader: R, writer: &mut W, boxed: &mut dyn Read) -> Result<()> {
    io::copy(&mut reader, writer)?;
    io::copy(boxed, writer)?;
    write!(writer, "a")
}

/// Asked a second time, what is made here would have a type that nothing settles, or not live long enough.
#[no_block(allow(fs))]
pub async fn made_where_it_is_given(path: &Path, value: &[u8]) -> Result<u64> {
    serde_json::to_writer(&mut Vec::new(), value)?;
    serde_json::to_writer(&mut Vec::with_capacity(9), value)?;
    io::copy(&mut Cursor::new(Default::default()) as &mut Cursor<Vec<u8>>, &mut Vec::new())?;
    let text = io::read_to_string((&std::fs::File::open(path)?).take(3))?;
    let more = io::read_to_string(io::BufReader::new(std::fs::File::open(path)?).by_ref())?;
    Ok((text + &more).len() as u64)
}

/// A closure that is kept runs who knows where.
#[no_block(warn(all))]
pub async fn kept(path: std::path::PathBuf) -> (Box<dyn Fn() -> bool>, Option<impl Fn() -> bool>) {
    let other = path.clone();
    (Box::new(move || path.exists()), Some(move || other.is_dir()))
}

fn main() {}
