//! The room for the one list of blocking APIs, and of what takes code off the executor: data, and how to look it up.
//!
//! `#[no_block]` looks candidates up here by name, and `__catalog!` makes the types out of it by which the compiler tells
//! a real hit from a look-alike. To add an API, add a row to one of the tables.

mod by_path;
mod crates;
mod fine;
mod io;
mod kinds;
mod offloaders;
mod row;
mod services;
mod std_fs;
mod std_net;
mod std_sync;
mod storage;
mod wrappers;

#[cfg(test)]
pub(crate) use kinds::KINDS;
pub(crate) use kinds::{Kind, Level, kind_named, kind_names};
pub(crate) use offloaders::{OFFLOADERS, POOL_METHODS, POOL_TYPES, PoolMethod, SPAWNERS};
pub(crate) use row::{Receiver, Row, Shape};
use std::collections::HashMap;
use std::sync::OnceLock;
pub(crate) use wrappers::{WRAPPERS, Wrapper};

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    let tables = [
        std_fs::ROWS,
        std_net::ROWS,
        std_sync::ROWS,
        io::ON_EACH_KIND,
        io::FLUSH,
        io::ELSEWHERE,
        io::ROWS,
        crates::ROWS,
        services::ROWS,
        storage::ROWS,
    ];
    tables.into_iter().flatten()
}

/// The rows of a name: an expansion asks for them at every call, and there are hundreds.
pub(crate) fn rows_named(name: &str) -> &'static [&'static Row] {
    static BY_NAME: OnceLock<HashMap<&'static str, Vec<&'static Row>>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        rows().for_each(|row| by_name.entry(row.name()).or_default().push(row));
        by_name
    });
    by_name.get(name).map_or(&[], |rows| rows)
}

/// Types that rows name as arguments and a crate may lack.
pub(crate) fn stub_types() -> impl Iterator<Item = &'static str> {
    crates::STUB_TYPES.iter().copied()
}

/// Where else a crate's items may be found: a crate and a module of it.
pub(crate) fn facades(krate: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let facades = crates::FACADES.iter().filter(move |(of, _)| *of == krate);
    facades.filter_map(|(_, path)| path.split_once("::").or(Some((path, ""))))
}

/// Everything that a row may say of when it is no defect.
#[cfg(test)]
pub(crate) fn fine_texts() -> impl Iterator<Item = &'static str> {
    fine::BY_PATH.iter().chain(fine::BY_KIND).map(|(_, when)| *when)
}
