//! The room for well-known macros: whose arguments are looked into, and how they are put back.

mod argument;
mod arguments;
mod form;
mod json;
mod select;
mod visit;

pub(crate) use argument::Argument;
pub(crate) use form::makes_value;
pub(crate) use visit::visit;
