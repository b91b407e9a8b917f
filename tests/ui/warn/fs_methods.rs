#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::{DirBuilder, DirEntry, File, FileTimes, OpenOptions, Permissions};
use std::io::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

#[no_block]
async fn file(file: Arc<File>, permissions: Permissions) -> Result<()> {
    file.sync_all()?;
    file.sync_data()?;
    file.set_len(1)?;
    file.metadata()?;
    file.set_permissions(permissions)?;
    file.set_times(FileTimes::new())?;
    file.set_modified(SystemTime::UNIX_EPOCH)
}

#[no_block]
async fn builders(path: &Path) -> Result<File> {
    DirBuilder::new().recursive(true).create(path)?;
    OpenOptions::new()
        .read(true)
        .open(path)
}

#[no_block]
async fn entry(entry: &DirEntry) -> Result<bool> {
    Ok(entry.metadata()?.is_file() || entry.file_type()?.is_dir())
}

struct Store {
    root: PathBuf,
}

impl Store {
    #[no_block]
    async fn paths(&self, name: &str) -> Result<()> {
        self.root.exists();
        self.root.join(name).try_exists()?;
        let _ = (self.root.is_file(), self.root.is_dir(), self.root.is_symlink());
        self.root.metadata()?;
        self.root.symlink_metadata()?;
        self.root.canonicalize()?;
        self.root.read_link()?;
        self.root.read_dir()?;
        Ok(())
    }

    #[no_block]
    async fn in_closure(&self, names: Vec<PathBuf>) -> usize {
        names.iter().filter(|name| name.is_file()).count() + names.into_iter().filter(move |name| name.is_dir()).count()
    }
}

#[no_block]
async fn listed(mut entries: std::fs::ReadDir) -> usize {
    let mut count = 0;
    while let Some(Ok(_)) = entries.next() {
        count += 1;
    }
    count
}

fn main() {}
