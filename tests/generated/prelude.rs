//! What generated fns work with (`tests/generated.rs`).
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

/// Macros of the user's own: one has a name that is known, and takes nothing but a call.
macro_rules! info {
    ($f:ident($a:expr)) => {
        drop($f($a))
    };
}

macro_rules! set {
    ($place:expr, $value:expr) => {
        $place = $value
    };
}

pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub trait Conn {
    type Item;
    fn fetch(&self, n: u64) -> BoxFuture<'static, Self::Item>;
}

#[derive(Debug)]
pub struct Error;

impl From<std::io::Error> for Error {
    fn from(_: std::io::Error) -> Self {
        Error
    }
}

pub trait Look {
    fn read(&self, n: u64) -> u64;
}

/// Has methods called as blocking ones are.
pub struct Door(u64);

impl Door {
    pub fn new(n: u64) -> Self {
        Door(n)
    }
    pub fn open(mut self) -> Self {
        self.0 += 1;
        self
    }
    pub fn wait(self, n: u64) -> u64 {
        self.0 + n
    }
    pub fn lock(&self) -> u64 {
        self.0
    }
    pub fn exists(&self) -> bool {
        self.0 > 1
    }
    pub fn set(&mut self, n: u64) {
        self.0 = n;
    }
    pub async fn fetch(&self, n: u64) -> u64 {
        self.0 + n
    }
}

impl Look for Door {
    fn read(&self, n: u64) -> u64 {
        self.0 + n
    }
}

pub trait ReadDoor {
    fn read_door(&self, n: u64) -> u64;
}

impl ReadDoor for String {
    fn read_door(&self, n: u64) -> u64 {
        n
    }
}

pub struct Inner;

impl Inner {
    pub fn lock(&self, n: u64) -> u64 {
        n
    }
}

pub struct Shared {
    pub inner: Inner,
    pub list: Vec<u64>,
}

impl Shared {
    pub async fn joined(&self, n: u64) -> u64 {
        self.list.len() as u64 + n
    }
}

pub struct Rooms {
    pub door: u64,
    pub more: u64,
}

pub mod tools {
    pub fn write(a: u64, b: u64) -> u64 {
        a ^ b
    }
}

pub fn read(n: u64) -> u64 {
    n
}

pub fn id<T>(value: T) -> T {
    value
}

pub fn apply(f: impl Fn(u64) -> u64, n: u64) -> u64 {
    f(n)
}

pub fn fails(n: u64) -> Result<u64, Error> {
    if n > 50 { Err(Error) } else { Ok(n) }
}

pub async fn work(n: u64) -> u64 {
    n
}

#[must_use]
pub fn important(n: u64) -> u64 {
    n
}

#[deprecated(note = "use `id`")]
pub fn old(n: u64) -> u64 {
    n
}

pub fn size(n: usize) -> u64 {
    n as u64
}

pub fn zero() -> usize {
    0
}
