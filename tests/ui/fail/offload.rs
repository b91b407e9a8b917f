//! What `#[offload]` cannot be put on, and options that it does not have.

#![allow(unused)]

use guard_runtime::{Pool, offload};
use std::borrow::Cow;
use std::path::Path;

struct Store;

impl Store {
    #[offload]
    fn line(&self, at: usize) -> usize {
        at
    }

    #[offload]
    fn clear(self: &mut Self) {}
}

#[offload]
fn borrows(path: &Path, text: &str, bytes: &mut [u8], cow: Cow<'_, str>, store: &Store) {}

#[offload]
async fn is_async() {}

// SAFETY: nothing has to hold: it is refused.
#[offload]
unsafe fn is_unsafe() {}

#[offload]
extern "C" fn is_foreign() {}

trait Lines {
    #[offload]
    fn line(self) -> usize;
}

#[offload]
struct NoFunction;

#[offload(pol = Pool::builder("io").build())]
fn misspelt() {}

#[offload(sync = one, sync = two)]
fn twice() {}

#[offload(deadline = "soon")]
fn soon() {}

#[offload(sync = self::now)]
fn elsewhere() {}

#[offload(sync = Self)]
fn itself() {}

#[offload(deadline = "1s")]
fn forever() -> ! {
    loop {}
}

// The item stays: nothing more is said about these calls.
fn main() {
    Store.line(1);
    let _ = is_async();
    is_foreign();
    misspelt();
    twice();
    soon();
    elsewhere();
    itself();
    forever as fn() -> !;
    let _ = NoFunction;
}
