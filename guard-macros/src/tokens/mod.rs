//! The room for tokens, whatever they mean: put at another place, looked through for a name.

mod find;
mod span;

pub(crate) use find::find_ident;
pub(crate) use span::{respan, respan_path};
