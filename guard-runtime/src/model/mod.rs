//! What all floors speak of: plain data, which imports nothing of this crate.

mod catalogue;
mod here;
mod kind;
mod record;
mod rule;
mod site;

pub(crate) use catalogue::APIS;
pub use here::Here;
pub use kind::{Kind, ParseKindError};
pub use record::Api;
pub(crate) use record::{
    Call, ENGINES, Engine, MAX_FRAMES, NO_NAME, Note, PAGE_READS, RawStack, Record, Role, ThreadName, Ticket,
    UNSEEN_SLEEP,
};
pub use rule::Rule;
pub use site::Site;
pub(crate) use site::{Guarding, Place};

/// Whether this build guards at all. Where it does not, every entry point is a no-op without state. wasm has neither
/// threads to stall nor, on some targets, a clock.
pub(crate) const ON: bool = cfg!(all(
    any(debug_assertions, feature = "always"),
    not(no_block_build_off),
    not(target_family = "wasm")
));

/// Whether this build has hooks: `engines` has them compiled by the same condition.
pub(crate) const HOOKS: bool = ON && cfg!(hooks_target);
