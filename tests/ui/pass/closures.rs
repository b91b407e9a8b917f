// Closures that leave the function: they capture what they did without the attribute.
#![deny(warnings)]

use guard_runtime::no_block;
use std::path::{Path, PathBuf};

type Check<'a> = Box<dyn Fn(&str) -> bool + Send + 'a>;

struct Files<'a> {
    root: &'a Path,
}

#[no_block(allow(all))]
async fn by_name<'a>(root: &'a Path, names: &'a [PathBuf]) -> Check<'a> {
    match names {
        [root] => assert!(!root.exists()),
        _ => {}
    }
    if let Some(root) = names.first() {
        let _ = root.exists();
    }
    Box::new(|name| names.iter().any(|known| known.exists()) && root.exists() && name.is_empty())
}

#[no_block(allow(all))]
async fn by_field<'a>(files: &'a Files<'a>) -> Check<'a> {
    keep(|name| {
        {
            let files = name;
            let _ = Path::new(files).exists();
        }
        files.root.exists()
    })
}

#[no_block(allow(all))]
async fn through_a_reference<'a>(path: &'a mut PathBuf) -> Check<'a> {
    let other: &'a mut PathBuf = path;
    keep(|_| other.exists())
}

fn keep<'a>(check: impl Fn(&str) -> bool + Send + 'a) -> Check<'a> {
    Box::new(check)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut path = PathBuf::from(".");
    assert!(!runtime.block_on(by_name(Path::new("."), &[]))(""));
    assert!(runtime.block_on(by_field(&Files { root: Path::new(".") }))("x"));
    assert!(runtime.block_on(through_a_reference(&mut path))(""));
}
