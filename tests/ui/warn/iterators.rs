// A directory is read by what takes its entries: loops, and chains of an iterator's methods that begin with a variable.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

#[no_block]
async fn loops(path: &Path, listed: fs::ReadDir) -> Result<()> {
    let mut entries = path.read_dir()?;
    for entry in entries.by_ref() {
        drop(entry?);
    }
    for entry in &mut entries {
        drop(entry?);
    }
    for entry in listed.flatten() {
        drop(entry);
    }
    match fs::read_dir(path) {
        Ok(found) => for entry in found {
            drop(entry?);
        },
        Err(error) => return Err(error),
    }
    Ok(())
}

#[no_block]
async fn chains(path: &Path) -> Result<Vec<PathBuf>> {
    let Ok(mut entries) = fs::read_dir(path) else { return Ok(Vec::new()) };
    let first = entries.next();
    let all: Vec<_> = entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
    if let Ok(entries) = fs::read_dir(path) {
        println!("{}", entries.chain(first).count());
    }
    Ok(all)
}

fn main() {}
