//! What guarded futures do, in one process: no test depends on a time, nor on the order of the others.

mod actions;
mod attribute;
mod entry;
mod executor;
mod futures;
mod here;
mod marked;
mod offload;
mod region;
mod support;
mod testing;
