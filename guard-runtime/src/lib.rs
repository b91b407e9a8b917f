#![doc = include_str!("../README.md")]
//! # Where to look
//!
//! [`no_block`] and [`guard`] watch futures, [`allow_blocking()`] and [`NoBlock::allow_blocking`] excuse them,
//! [`offload()`] repairs them. [`Config`] says what a violation does, [`set_handler`] hands it over as a [`Violation`],
//! [`status`] tells whether anything is watched at all, and [`testing`] turns violations into test results.

mod arm;
mod config;
mod detect;
#[cfg(feature = "workers")]
mod entry;
mod guarded;
mod here;
#[cfg(feature = "tokio")]
pub mod offload;
mod probe;
mod project;
mod region;
mod report;
mod site;
pub mod testing;

#[cfg(feature = "workers")]
pub use arm::build_armed;
pub use config::{Action, Config, Format, Limit, install};
#[cfg(feature = "tokio")]
pub use guard_macros::offload;
pub use guard_macros::{allow_blocking, blocking, no_block, project_rules};
#[cfg(feature = "workers")]
pub use guard_macros::{main, test};
pub use guarded::{Allowed, Guarded, NoBlock, allow_blocking, guard};
pub use here::{Here, here};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use offload::{Pool, offload, offload_in_place};
#[doc(hidden)]
pub use probe::blocking;
pub use report::{EngineStatus, Stats, Status, Violation, set_handler, stats, status};
pub use site::{Kind, ParseKindError};

/// Longer documents.
#[cfg(any(doc, doctest))]
pub mod book {
    #[doc = include_str!("../docs/catalogue.md")]
    pub mod catalogue {}
    #[doc = include_str!("../docs/mistakes.md")]
    pub mod mistakes {}
    #[cfg(feature = "tokio")]
    #[doc = include_str!("../docs/offload.md")]
    pub mod offloading {}
    #[doc = include_str!("../docs/probes.md")]
    pub mod probes {}
    #[doc = include_str!("../docs/project.md")]
    pub mod project {}
}

/// What the expansions of the macros call. No part of the API: it changes with any version.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "workers")]
    pub use crate::entry::{Drive, block_on, block_on_to_end};
    pub use crate::guarded::guarded;
    #[cfg(feature = "tokio")]
    pub use crate::offload::{OffloadError, default_pool, offload};
    pub use crate::probe::*;
    pub use crate::project::{Rule, put_in_force};
    pub use crate::region::{AllowGuard, allow};
    pub use crate::site::{Api, Kind, Site};
    pub use std;
    #[cfg(feature = "workers")]
    pub use tokio;
}
