//! A user's crate of edition 2018: annotated code compiles under `deny(warnings)`, and works.

#![deny(warnings, unused_qualifications, unreachable_pub, unused_results, missing_docs, clippy::pedantic)]
#![allow(clippy::unused_async)]
#![forbid(unsafe_code, unused_imports)]

use renamed_guard as guard;

#[path = "../../shared.rs"]
mod shared;

pub use crate::shared::*;
