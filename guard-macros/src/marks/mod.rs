//! The room for what users say of code themselves: that it blocks by design, that blocking is meant here.

mod allow;
mod blocking;

pub(crate) use allow::allow_blocking;
pub(crate) use blocking::blocking;
