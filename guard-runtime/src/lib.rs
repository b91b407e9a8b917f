#![doc = include_str!("../README.md")]
//! # Where to look
//!
//! [`no_block`] and [`guard`] watch futures, [`allow_blocking()`] and [`NoBlock::allow_blocking`] excuse them,
//! [`offload()`] repairs them. [`Config`] says what a violation does, [`set_handler`] hands it over as a [`Violation`],
//! [`status`] tells whether anything is watched at all, and [`testing`] turns violations into test results.

// docs.rs marks with it what needs a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

// What only hooks use is unused in builds without them: in the rooms marked so, and in no other.
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod arm;
mod config;
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod engines;
#[cfg(feature = "workers")]
mod entry;
mod guarded;
mod here;
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod judge;
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod model;
#[cfg(feature = "tokio")]
pub mod offload;
mod probe;
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod region;
mod report;
mod start;
mod status;
pub mod testing;
#[cfg_attr(not(all(hooks_target, debug_assertions)), allow(dead_code, unused_imports))]
mod thread;

#[cfg(feature = "workers")]
pub use arm::build_armed;
pub use config::{Action, Config, Format, Limit, install};
#[cfg(feature = "tokio")]
pub use guard_macros::offload;
pub use guard_macros::{allow_blocking, blocking, no_block, project_rules};
#[cfg(feature = "workers")]
pub use guard_macros::{main, test};
pub use guarded::{Allowed, Guarded, NoBlock, allow_blocking, guard};
pub use here::here;
pub use model::{Here, Kind, ParseKindError};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use offload::{Pool, offload, offload_in_place};
#[doc(hidden)]
pub use probe::blocking;
pub use report::{Stats, Violation, set_handler};
pub use status::{EngineStatus, Status, stats, status};

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
    #[doc = include_str!("../docs/expansion.md")]
    pub mod expansion {}
    #[doc = include_str!("../docs/probes.md")]
    pub mod probes {}
    #[doc = include_str!("../docs/project.md")]
    pub mod project {}
    #[doc = include_str!("../docs/reports.md")]
    pub mod reports {}
}

/// What the expansions of the macros call. No part of the API: it changes with any version.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "workers")]
    pub use crate::entry::{Drive, block_on, block_on_to_end};
    pub use crate::guarded::guarded;
    pub use crate::judge::project::put_in_force;
    pub use crate::model::{Api, Kind, Rule, Site};
    #[cfg(feature = "tokio")]
    pub use crate::offload::{OffloadError, default_pool, offload};
    pub use crate::probe::*;
    pub use crate::region::{AllowGuard, allow};
    pub use std;
    #[cfg(feature = "workers")]
    pub use tokio;
}
