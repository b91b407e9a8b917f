// Names of the user's that expansions could trip over: shadowed crates and types, our own method names, raw identifiers.
#![deny(warnings)]
#![allow(dead_code)]

use guard_runtime::no_block;

pub mod without_prelude {
    #![no_implicit_prelude]

    #[::guard_runtime::no_block(warn(all), allow(fs, lock))]
    pub async fn calls(path: &::std::path::Path, lock: &::std::sync::Mutex<u8>) -> ::std::io::Result<usize> {
        let data = ::std::fs::read(path)?;
        ::std::io::copy(&mut &data[..], &mut ::std::fs::File::create(path)?)?;
        let held = lock.lock();
        let one = match held {
            ::std::result::Result::Ok(held) => *held,
            ::std::result::Result::Err(_) => return ::std::result::Result::Ok(0),
        };
        for _ in data {}
        ::std::result::Result::Ok(one as usize)
    }
}

pub mod shadowed {
    pub mod core {}
    pub mod std {}
    pub struct Option;
    pub enum Result {
        Ok,
        Some,
    }
    pub use Result::{Ok, Some};
    pub trait Future {}
    pub struct Box;
    pub trait Fn {}

    #[::guard_runtime::no_block(warn(all), allow(fs))]
    pub async fn calls(path: &::std::path::Path) -> ::std::io::Result<(Result, Option)> {
        if path.exists() {
            ::std::fs::remove_file(path)?;
        }
        let file = ::std::fs::File::open(path)?;
        file.metadata()?;
        let _ = (Box, Some);
        ::std::result::Result::Ok((Ok, Option))
    }
}

/// A blanket trait with the names that probes use.
pub trait Everything {
    fn in_async_code(&self) -> u8 {
        1
    }
    fn quiet(&self) {}
    fn denied(&self, _: u8) {}
    fn settle(&self) {}
    fn classify(&self) {}
    fn lock(&self) -> u8 {
        2
    }
    fn exists(&self) -> u8 {
        3
    }
    fn into_verdict(&self) {}
}

impl<T: ?Sized> Everything for T {}

#[no_block(warn(all), allow(fs))]
pub async fn blanket(n: &u8, path: &std::path::Path) -> u8 {
    n.quiet();
    n.denied(1);
    n.settle();
    let there = std::path::Path::exists(path) || path.is_file();
    n.in_async_code() + n.lock() + n.exists() + u8::from(there)
}

#[no_block(warn(all), allow(fs))]
pub async fn r#async(r#type: &std::path::Path, r#match: u8, mut r#ref: std::fs::File) -> std::io::Result<u8> {
    use std::io::{Read, Write};
    let r#loop = r#type.exists();
    r#ref.read_exact(&mut [0])?;
    write!(r#ref, "{}", r#match)?;
    Read::read(&mut r#ref, &mut [r#match])?;
    Ok(u8::from(r#loop))
}

#[repr(C, packed)]
pub struct Packed {
    byte: u8,
    word: u32,
    lock: std::sync::Mutex<[u8; 3]>,
}

impl Packed {
    pub fn read(self) -> u32 {
        self.word
    }
}

#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct Fields {
    byte: u8,
    inner: Inner,
}

#[derive(Clone, Copy)]
pub struct Inner(u32);

impl Inner {
    pub fn metadata(self) -> u32 {
        self.0
    }
    pub fn lock(self) -> u32 {
        self.0
    }
}

#[no_block(warn(all))]
pub async fn packed(one: Fields, other: Packed) -> u32 {
    one.inner.metadata() + one.inner.lock() + other.read()
}

#[no_block(warn(all), allow(fs, lock))]
pub async fn unsized_places(
    path: std::boxed::Box<std::path::Path>,
    lock: &std::sync::Mutex<[u8]>,
    text: &mut str,
) -> usize {
    text.make_ascii_lowercase();
    usize::from((*path).exists())
        + (*lock).lock().unwrap().len()
        + usize::from((*path).to_path_buf().is_dir())
}

macro_rules! handlers {
    ($(#[$attribute:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {
        $(#[$attribute])*
        #[no_block(warn(all), allow(fs))]
        pub async fn $name($($arg: $ty),*) -> $out $body
    };
}

handlers! {
    /// Documented.
    #[must_use]
    from_a_macro(path: &std::path::Path, n: u8) -> bool {
        let there = path.exists();
        there && n > 1 && std::fs::read(path).is_ok()
    }
}

macro_rules! calls {
    ($path:expr, $method:ident) => {
        $path.$method()
    };
}

#[no_block(warn(all), allow(fs))]
pub async fn through_a_macro(path: &std::path::Path) -> bool {
    calls!(path, exists) && calls!(path.join("a"), is_dir)
}

fn main() {}
