// An impl block, a trait, a module: every async fn inside; an attribute inside wins.
#![deny(deprecated)]

use guard_runtime::no_block;
use std::path::Path;
use std::pin::Pin;

struct Store;

#[no_block]
impl Store {
    async fn covered(&self, path: &Path) -> bool {
        path.exists()
    }

    fn sync(&self, path: &Path) -> bool {
        path.exists()
    }

    #[no_block(allow(fs))]
    async fn allowed(&self, path: &Path) -> bool {
        path.exists()
    }

    #[no_block(skip)]
    async fn skipped(&self, path: &Path) -> bool {
        path.exists()
    }
}

#[no_block]
#[allow(async_fn_in_trait)]
pub trait Load {
    async fn bodiless(&self, path: &Path) -> bool;

    async fn provided(&self, path: &Path) -> bool {
        path.exists() || self.bodiless(path).await
    }
}

#[no_block]
impl Load for Store {
    async fn bodiless(&self, path: &Path) -> bool {
        path.is_dir()
    }
}

#[async_trait::async_trait]
pub trait Boxed {
    async fn above(&self, path: &Path) -> bool;
}

#[no_block]
#[async_trait::async_trait]
impl Boxed for u8 {
    async fn above(&self, path: &Path) -> bool {
        path.is_file()
    }
}

#[async_trait::async_trait]
#[no_block]
impl Boxed for u16 {
    async fn above(&self, path: &Path) -> bool {
        path.is_file()
    }
}

#[no_block(warn(lock))]
mod handlers {
    use std::sync::Mutex;

    pub(super) async fn free(shared: &Mutex<u8>) -> u8 {
        *shared.lock().unwrap()
    }

    pub(super) mod deeper {
        pub(in super::super) async fn free() -> std::io::Result<Vec<u8>> {
            std::fs::read("a")
        }
    }
}

#[no_block]
fn chosen(path: &Path) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
    if path.as_os_str().is_empty() {
        return Box::pin(std::future::ready(false));
    }
    Box::pin(async move { path.exists() })
}

#[no_block]
async fn spawns() -> bool {
    tokio::spawn(async { Path::new("a").exists() }).await.unwrap()
}

fn main() {
    let _ = (Store::covered, Store::sync, Store::allowed, Store::skipped);
    let _ = (handlers::free, handlers::deeper::free, chosen, spawns);
}
