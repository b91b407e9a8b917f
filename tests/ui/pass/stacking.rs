// Other attributes above and below, in either order.
#![deny(warnings)]

use guard_runtime::no_block;
use std::path::Path;

#[no_block(allow(fs))]
#[tracing::instrument(skip(path))]
pub async fn above_instrument(path: &Path, n: u8) -> Result<bool, std::io::Error> {
    tracing::info!(there = path.exists(), "n is {n}");
    Ok(path.try_exists()? && n > 0)
}

#[tracing::instrument(err, skip_all, fields(n = n))]
#[no_block(allow(fs))]
pub async fn below_instrument(path: &Path, n: u8) -> Result<bool, std::io::Error> {
    Ok(path.try_exists()? && n > 0)
}

#[async_trait::async_trait]
pub trait Load: Sync {
    async fn load(&self, path: &Path) -> bool;
    async fn save(&mut self, text: &str) -> usize;
    async fn both<'a>(&'a self, text: &'a str) -> &'a str;
    async fn default(&self, n: u8) -> u8 {
        n
    }
}

/// The attribute on the methods: async-trait has made them of another form by then.
#[async_trait::async_trait]
impl Load for u8 {
    #[no_block(allow(fs))]
    async fn load(&self, path: &Path) -> bool {
        path.exists()
    }
    #[no_block]
    #[tracing::instrument(skip(self))]
    async fn save(&mut self, text: &str) -> usize {
        *self += 1;
        text.len()
    }
    #[tracing::instrument(skip(self))]
    #[no_block]
    async fn both<'a>(&'a self, text: &'a str) -> &'a str {
        text
    }
    #[no_block]
    async fn default(&self, n: u8) -> u8 {
        n + *self
    }
}

/// Above async-trait: it sees async fns.
#[no_block(allow(fs))]
#[async_trait::async_trait]
impl Load for u16 {
    async fn load(&self, path: &Path) -> bool {
        path.exists()
    }
    async fn save(&mut self, text: &str) -> usize {
        *self += 1;
        text.len()
    }
    async fn both<'a>(&'a self, text: &'a str) -> &'a str {
        text
    }
}

/// Below async-trait, on the whole impl.
#[async_trait::async_trait]
#[no_block(allow(fs))]
impl Load for u32 {
    async fn load(&self, path: &Path) -> bool {
        path.exists()
    }
    async fn save(&mut self, text: &str) -> usize {
        *self += 1;
        text.len()
    }
    async fn both<'a>(&'a self, text: &'a str) -> &'a str {
        text
    }
}

#[no_block]
#[async_trait::async_trait]
pub trait Provided {
    async fn bodiless(&self) -> u8;
    async fn provided(&self) -> u8
    where
        Self: Sync,
    {
        self.bodiless().await
    }
}

#[async_trait::async_trait]
#[no_block]
pub trait ProvidedBelow {
    async fn bodiless(&self) -> u8;
    async fn provided(&self) -> u8
    where
        Self: Sync,
    {
        self.bodiless().await
    }
}

fn is_send<T: Send>(_: T) {}

#[no_block]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let path = Path::new("a");
    is_send(above_instrument(path, 1));
    is_send(below_instrument(path, 1));
    let (mut small, mut middle, mut large) = (1_u8, 1_u16, 1_u32);
    is_send(small.load(path));
    is_send(middle.load(path));
    is_send(large.load(path));
    assert_eq!(small.save("ab").await + middle.save("ab").await + large.save("ab").await, 6);
    assert_eq!(small.both("a").await.len() + usize::from(small.default(1).await), 4);
    let boxed: Box<dyn Load> = Box::new(small);
    assert_eq!(boxed.both("a").await, "a");
}
