//! What guarded futures do, in one process: no test depends on a time, nor on the order of the others.

mod accounts;
mod actions;
mod actor;
mod attribute;
mod cancel;
mod cpu;
mod deadlines;
mod entry;
mod executor;
mod fan;
mod futures;
mod here;
mod marked;
mod nested;
mod offload;
mod offloaded;
mod pool;
mod region;
mod rows;
mod saturation;
mod spawned;
mod stats;
mod streams;
mod support;
mod testing;
mod tokens;
