// Where a call may stand, and what rustc's own attributes do to the warning.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::fs::File;
use std::io::Result;
use futures::FutureExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;

#[no_block]
async fn allowed_by_rustc(path: &Path) -> bool {
    #[allow(deprecated)]
    path.exists();
    #[expect(deprecated)]
    path.is_dir();
    #[allow(deprecated)]
    let there = path.exists();
    there
}

#[no_block]
async fn of_a_part(files: &[(u8, File)], i: usize) -> Result<u64> {
    struct Wrap(File);
    impl Wrap {
        fn me(&self) -> &Self {
            self
        }
    }
    let wrap = Wrap(File::open("a")?);
    Ok(files[i].1.metadata()?.len() + wrap.me().0.metadata()?.len() + (*files).first().unwrap().1.metadata()?.len())
}

#[no_block]
async fn conditions(path: &Path) -> u8 {
    if let Ok(file) = File::open(path)
        && file.metadata().is_ok()
    {
        return 1;
    }
    while path.exists() {
        break;
    }
    let Ok(_file) = File::open(path) else { return 2 };
    match path.metadata() {
        Ok(found) if found.len() > 1 && path.is_file() => 3,
        _ => 4,
    }
}

#[no_block]
async fn inner_blocks(path: &Path) -> bool {
    let nested = async { path.exists() };
    let moved = async move { path.is_dir() };
    let looks = async || path.is_file();
    let makes = |path: std::path::PathBuf| async move { path.is_symlink() };
    nested.await && moved.await && looks().await && makes(path.to_owned()).await
}

fn boxed(path: &Path) -> std::pin::Pin<Box<dyn Future<Output = bool> + '_>> {
    #[no_block]
    fn inner(path: &Path) -> std::pin::Pin<Box<dyn Future<Output = bool> + '_>> {
        Box::pin(async move { path.exists() })
    }
    inner(path)
}

#[no_block]
fn returned(path: &Path) -> impl Future<Output = bool> {
    let path = path.to_owned();
    async move { path.exists() }
}

#[no_block]
fn boxed_by_a_method(path: PathBuf) -> futures::future::BoxFuture<'static, bool> {
    async move { path.canonicalize().is_ok() }.boxed()
}

#[no_block]
fn kept(path: PathBuf, early: bool) -> Pin<Box<dyn Future<Output = bool> + Send>> {
    if early {
        return Box::pin(async { std::fs::read("a").is_ok() });
    }
    let future = async move { path.read_link().is_ok() };
    Box::pin(future)
}

#[no_block]
async fn closures(path: &Path, cell: &tokio::sync::OnceCell<bool>) -> bool {
    let there = || path.symlink_metadata().is_ok();
    let first = cell.get_or_init(|| async { path.is_file() }).await;
    *first || there()
}

macro_rules! looping {
    ($name:ident, $label:lifetime) => {
        #[no_block]
        async fn $name(path: &Path) -> bool {
            $label: loop {
                if path.read_dir().is_ok() {
                    break $label true;
                }
            }
        }
    };
}

looping!(labelled, 'around);

#[async_trait::async_trait]
trait Load {
    async fn load(&self, path: &Path) -> bool;

    #[no_block]
    async fn provided(&self, path: &Path) -> bool
    where
        Self: Sync,
    {
        path.exists()
    }
}

#[async_trait::async_trait]
impl Load for u8 {
    #[no_block]
    async fn load(&self, path: &Path) -> bool {
        path.exists()
    }
}

fn slot(key: &str) -> usize {
    key.len()
}

#[no_block(warn(all))]
async fn looked_through(
    shards: &[std::sync::Mutex<u8>],
    file: std::panic::AssertUnwindSafe<File>,
    mut chain: std::io::Chain<File, &[u8]>,
) -> Result<u8> {
    let one = *shards[slot("a") % shards.len()].lock().unwrap();
    file.sync_all()?;
    std::io::Read::read(&mut chain, &mut [0])?;
    let lazy = std::cell::LazyCell::new(|| std::sync::Mutex::new(one));
    let held = *lazy.lock().unwrap();
    Ok(held)
}

fn main() {
    let _ = (boxed, returned, boxed_by_a_method, kept, labelled);
}
