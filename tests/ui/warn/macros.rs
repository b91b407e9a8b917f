// Calls in the arguments of well-known macros.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs;
use std::io::Result;
use std::path::Path;

#[no_block]
async fn values(path: &Path) -> Result<Vec<Vec<u8>>> {
    println!("{} {there}", fs::read_to_string(path)?, there = path.exists());
    let text = format!("{:?}", path.canonicalize()?);
    let matched = matches!(fs::metadata(path), Ok(found) if found.is_dir());
    let repeated = vec![fs::read(path)?; 2];
    Ok(vec![fs::read(path)?, text.into_bytes(), vec![u8::from(matched)], repeated.concat()])
}

#[no_block]
async fn shown(path: &Path, text: String) -> bool {
    assert!(path.is_file(), "{} is no file", path.display());
    assert_eq!(fs::read_to_string(path).unwrap(), text);
    debug_assert!(path.exists() && text.len() > 1);
    text.is_empty()
}

#[no_block]
async fn awaited(path: &Path) -> Result<()> {
    let (a, b) = tokio::join!(async { path.exists() }, tokio::fs::metadata(path));
    let _ = (a, b?);
    futures::try_join!(tokio::fs::read(path), async { fs::read(path) })?;
    Ok(())
}

#[no_block]
async fn selected(path: &Path, mut rx: tokio::sync::mpsc::Receiver<u8>) -> Result<u64> {
    tokio::select! {
        biased;
        Some(n) = rx.recv(), if path.exists() => {
            fs::write(path, [n])?;
        }
        result = tokio::fs::read(path) => drop(result?),
        else => return Ok(fs::metadata(path)?.len()),
    }
    Ok(0)
}

fn main() {}
