//! The room for the walk through a body: it finds candidates by name; what replaces them is the business of `probes`.
//!
//! It stops where the code does not run in this poll: at nested items, constants, closures handed to an offloader or
//! merely stored. A call that is awaited directly is no candidate: it returned a future.

mod at_once;
mod calls;
mod candidates;
mod cfg_test;
mod closures;
mod iterators;
mod kept;
mod loops;
mod places;
mod promoted;
mod spawns;
mod walk;

pub(crate) use walk::{scan, scan_block};
