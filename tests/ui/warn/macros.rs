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

#[no_block(warn(all))]
async fn told_on_failure(path: &Path, lock: &std::sync::Mutex<u8>) -> Result<()> {
    assert!(path.as_os_str().len() > 1, "{} {there}", fs::read_to_string(path)?, there = path.exists());
    assert_eq!(1, 1, "{:?}", lock.lock());
    debug_assert!(path.is_dir(), "{}", path.is_file());
    Ok(())
}

#[no_block]
async fn guards(path: Option<&Path>, all: &[&Path]) -> bool {
    let one = matches!(path, Some(found) if found.exists());
    one || all.iter().any(|path| matches!(path.to_str(), Some("a" | "b") if path.is_dir()))
}

#[no_block]
async fn fields_and_values(path: &Path) -> serde_json::Value {
    tracing::info!(target: "a", path = %path.display(), there = path.exists(), "{}", path.is_dir());
    let span = tracing::info_span!("a", found = ?path.metadata());
    drop(span);
    serde_json::json!({ "there": path.exists(), "more": [null, { "is": path.is_file() }], "name": "a" })
}

fn main() {}
