// Types that are settled by what comes after a call: whoever asks too early breaks the build.
#![deny(warnings)]

use guard_runtime::no_block;
use std::io::{BufReader, BufWriter, Read, Write};

#[no_block(warn(all))]
async fn copies(text: &str) -> std::io::Result<String> {
    let mut boxed = Box::new(Default::default());
    std::io::copy(&mut text.as_bytes(), &mut boxed)?;
    let _: Box<Vec<u8>> = boxed;
    let source = text.parse().unwrap();
    let mut reader = BufReader::new(source);
    let mut read = String::new();
    takes(&mut reader, &mut read)?;
    let parts = text.bytes().map(|byte| byte + 1).collect();
    let mut writer = BufWriter::new(parts);
    writeln!(writer, "{read}")?;
    std::io::copy(&mut text.as_bytes(), &mut writer)?;
    let written: Vec<u8> = writer.into_inner()?;
    Ok(String::from_utf8_lossy(&written).into_owned())
}

struct Source;

impl std::str::FromStr for Source {
    type Err = ();

    fn from_str(_: &str) -> Result<Self, ()> {
        Ok(Source)
    }
}

impl Read for Source {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Ok(0)
    }
}

fn takes(reader: &mut BufReader<Source>, text: &mut String) -> std::io::Result<usize> {
    reader.read_to_string(text)
}

fn main() {
    let copied = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(copies("a"));
    assert_eq!(copied.unwrap(), "b\na");
}
