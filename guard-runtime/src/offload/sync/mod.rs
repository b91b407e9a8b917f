//! The locks that a pool is built on. The model checks put loom's in their place.

mod latch;
mod lock;

pub(crate) use latch::{Latch, hold};
pub(crate) use lock::{Condvar, Mutex, lock, wait, wait_for};
pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::AtomicBool;
pub(crate) use std::thread::yield_now;
