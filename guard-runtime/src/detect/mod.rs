//! What engines hand over, and the one place that says which engines this build has.
//! Engines observe; only `report` acts.

pub(crate) mod call;
pub(crate) mod executor;
pub(crate) mod verdict;

use crate::site::{Api, Kind, Site};
use std::any::type_name;
use std::panic::Location;

/// Whether this build guards at all. Where it does not, every entry point is a no-op without state.
pub(crate) const ON: bool = cfg!(all(any(debug_assertions, feature = "always"), not(no_block_build_off)));

// The condition for hooks, once for each of the two modules and once negated; the compiler refuses any drift between
// the three. Nothing else in the crate asks for it.
#[cfg(all(
    feature = "intercept",
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    not(miri),
    not(fuzzing),
    any(debug_assertions, feature = "always"),
    not(no_block_build_off)
))]
pub(crate) mod frames;
#[cfg(all(
    feature = "intercept",
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    not(miri),
    not(fuzzing),
    any(debug_assertions, feature = "always"),
    not(no_block_build_off)
))]
pub(crate) mod intercept;

#[cfg(not(all(
    feature = "intercept",
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    not(miri),
    not(fuzzing),
    any(debug_assertions, feature = "always"),
    not(no_block_build_off)
)))]
mod without_hooks {
    //! What stands in for the hooks where they are not built.

    pub(crate) mod intercept {
        //! No hook: says so.
        pub(crate) const BUILT: bool = false;

        /// Whether the hooks are in force, else why not.
        pub(crate) fn status() -> Result<(), String> {
            Err(if !cfg!(feature = "intercept") {
                "built without the feature `intercept`"
            } else if cfg!(no_block_build_off) {
                "built with NO_BLOCK_BUILD=off"
            } else if !super::super::ON {
                "a release build without the feature `always`"
            } else if cfg!(any(miri, fuzzing)) {
                "left out under Miri and fuzzing"
            } else if cfg!(target_feature = "crt-static") {
                "the C library is linked statically"
            } else {
                "only on Linux with glibc"
            }
            .to_owned())
        }

        /// The current stack: none without an unwinder.
        pub(crate) fn capture() -> super::super::RawStack {
            super::super::RawStack::EMPTY
        }
    }

    pub(crate) mod frames {
        //! No stacks: a record is judged by what its call site said.
        use crate::detect::Record;
        use crate::detect::verdict::Judged;
        use std::sync::Arc;

        /// The verdict on a record, from its call site and from tokio's own answers.
        pub(crate) fn judge(record: &Record) -> Arc<Judged> {
            Arc::new(Judged::from_call_site(record))
        }
    }
}
#[cfg(not(all(
    feature = "intercept",
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    not(miri),
    not(fuzzing),
    any(debug_assertions, feature = "always"),
    not(no_block_build_off)
)))]
pub(crate) use without_hooks::{frames, intercept};
