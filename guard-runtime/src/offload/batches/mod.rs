//! Fan-out: one closure for many items on a pool, with the results in the items' order.

mod all;
mod in_flight;
mod map;
mod settings;
mod settle;
mod try_map;

pub use all::All;
pub use map::Map;
pub use settle::Settle;
pub use try_map::TryMap;
