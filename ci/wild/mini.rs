//! Async fns in the words of each edition, un-annotated: `ci/wild.sh` annotates them and compares what is said.
#![warn(unused, let_underscore_drop)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

pub struct Store {
    pub items: Mutex<HashMap<String, Vec<u8>>>,
    pub shared: tokio::sync::Mutex<Vec<u8>>,
    pub path: PathBuf,
}

pub trait Door {
    fn lock(&mut self) -> &mut u8;
    fn read(&self, at: usize) -> u8;
}

impl Door for (u8, Vec<u8>) {
    fn lock(&mut self) -> &mut u8 {
        &mut self.0
    }
    fn read(&self, at: usize) -> u8 {
        self.1[at]
    }
}

#[must_use]
pub fn important() -> u8 {
    1
}

impl Store {
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let found = {
            let items = self.items.lock().ok()?;
            items.get(key).cloned()
        };
        match found {
            Some(found) => Some(found),
            None => tokio::fs::read(self.path.join(key)).await.ok(),
        }
    }

    /// Holds a lock across an await, and drops what should be used.
    pub async fn careless(&self, key: &str) -> usize {
        let held = self.items.lock().unwrap();
        important();
        let _ = self.shared.lock();
        let _ = important();
        tokio::task::yield_now().await;
        held.len() + key.len()
    }

    pub async fn entries(self: Arc<Self>) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            found.push(entry?.path());
        }
        found.sort_by_key(|path| path.as_os_str().len());
        Ok(found)
    }
}

pub async fn borrowed<'a>(door: &'a mut dyn Door, cell: &RefCell<u8>, at: usize) -> &'a mut u8 {
    let value = door.read(at);
    *cell.borrow_mut() += value;
    tokio::task::yield_now().await;
    let inner = door.lock();
    *inner += 1;
    inner
}

pub async fn generic<R: std::io::Read, F: Fn(&[u8]) -> T, T>(mut reader: R, f: F) -> std::io::Result<T> {
    let mut data = vec![0; 4];
    let n = reader.read(&mut data)?;
    Ok(f(&data[..n]))
}

pub fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        if n == 0 {
            return 0;
        }
        boxed(n - 1).await + 1
    })
}

pub async fn closures(paths: &[PathBuf], limit: usize) -> Vec<&Path> {
    let mut count = 0;
    let mut keep = |path: &PathBuf| {
        count += 1;
        count <= limit && path.exists()
    };
    let kept: Vec<_> = paths.iter().filter(|path| keep(path)).map(PathBuf::as_path).collect();
    let r#type = kept.len();
    assert!(r#type <= limit, "{} of {}", r#type, paths.len());
    kept
}

pub async fn tasks(n: u64) -> u64 {
    let mut set = tokio::task::JoinSet::new();
    for i in 0..n {
        set.spawn(async move { i });
    }
    let first = tokio::spawn(boxed(1));
    let mut sum = u64::from(first.await.unwrap_or(0));
    while let Some(done) = set.join_next().await {
        sum += done.unwrap_or(0);
    }
    tokio::select! {
        biased;
        value = boxed(2) => sum + u64::from(value),
        () = tokio::time::sleep(std::time::Duration::from_millis(1)), if n > 1 => sum,
    }
}

pub async fn never(stop: bool) -> ! {
    loop {
        if stop {
            std::process::exit(1);
        }
        tokio::task::yield_now().await;
    }
}

pub async fn unused(a: u8, _b: u8) {
    let c = 1;
    let mut d = 2;
    std::thread::sleep(std::time::Duration::from_nanos(1));
}

// since 2021
pub async fn captured(pair: (String, String), list: [u8; 3]) -> usize {
    let (first, second) = (pair.0, pair.1);
    let longer = || first.len().max(second.len());
    let sum: u8 = list.into_iter().sum();
    let n = longer() + usize::from(sum);
    println!("{n} {first:>9}");
    n
}

pub async fn or_patterns(value: Result<u8, u8>) -> u8 {
    let (Ok(value) | Err(value)) = value;
    let Some(value) = value.checked_add(1) else { return 0 };
    value
}

// since 2024
pub async fn chained(path: &Path, cell: &RefCell<Vec<u8>>) -> usize {
    if let Some(name) = path.file_name()
        && let Some(name) = name.to_str()
        && path.is_file()
    {
        return name.len();
    }
    cell.borrow().len()
}

pub async fn async_closures(values: &[u8]) -> usize {
    let mut seen = Vec::new();
    let mut look = async |value: &u8| {
        tokio::task::yield_now().await;
        seen.push(*value);
    };
    for value in values {
        look(value).await;
    }
    seen.len()
}
