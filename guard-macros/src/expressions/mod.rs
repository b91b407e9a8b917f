//! The room for what the tokens of an expression tell by themselves: what it goes back to, which names it binds, whether
//! its type is known.

mod astray;
mod constructors;
mod expected;
mod paths;
mod patterns;
mod repeated;
mod root;
mod typed;

pub(crate) use astray::goes_astray;
pub(crate) use constructors::{fixes_its_type, holds_its_argument, passes_on};
pub(crate) use expected::{expect, types_closures};
pub(crate) use paths::{first_path, owner};
pub(crate) use patterns::{Bound, guarded};
pub(crate) use repeated::{is_simple, is_standard_stream};
pub(crate) use root::{base, moves_nothing, with_root};
pub(crate) use typed::Typed;
