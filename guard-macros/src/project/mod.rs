//! The room for the project's own `no-block.toml`: what it may hold, and what expansions carry of it.

mod api;
mod file;
mod find;
mod rule;
mod site;
mod values;

pub(crate) use file::{BadFile, Project};
pub(crate) use site::rules;
pub(crate) use site::{site, track};
