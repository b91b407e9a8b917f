//! The room for the types of rows, by which rustc tells what is called: how the catalogue makes them, and a probe names
//! them.

mod catalog;
mod names;
mod row_type;
mod stubs;

pub(crate) use catalog::{catalog, catalog_data};
pub(crate) use names::{absolute, parse, type_name, unnamed_lifetimes};
pub(crate) use row_type::local_row;
pub(crate) use stubs::stub_of;
