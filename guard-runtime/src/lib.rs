//! (README becomes the crate documentation.)

pub mod offload;
mod config;
mod detect;
mod guarded;
mod probe;
mod region;
mod report;
mod site;
pub mod testing;

pub use guard_macros::{allow_blocking, no_block};
pub use site::{Kind, ParseKindError};
