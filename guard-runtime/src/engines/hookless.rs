//! Stands in for the libc hooks in a build that has none, and says why.

use crate::model::{Kind, ON, Record};

/// Whether there are hooks.
pub(crate) const BUILT: bool = false;

/// Nothing happens before `main`.
macro_rules! before_main {
    ($start:path) => {
        const _: extern "C" fn() = $start;
    };
}
pub(crate) use before_main;

/// There is nothing to start.
pub(crate) fn start() {}

/// Nothing is armed in a forked child that was not in its parent.
pub(crate) fn in_children(_then: unsafe extern "C" fn()) {}

/// There is nothing to wait for.
pub(crate) fn around_forks(_before: unsafe extern "C" fn(), _after: unsafe extern "C" fn()) {}

/// Whether the hooks are in force, else why not.
pub(crate) fn status() -> Result<(), String> {
    let why = if !cfg!(feature = "intercept") {
        "built without the feature `intercept`"
    } else if cfg!(no_block_build_off) {
        "built with NO_BLOCK_BUILD=off"
    } else if !ON {
        "a release build without the feature `always`"
    } else if cfg!(any(miri, fuzzing)) {
        "left out under Miri and fuzzing"
    } else if cfg!(hooks_sanitized) {
        "left out under the thread and memory sanitizers, which take libc's place themselves"
    } else {
        "only on Linux with musl or a dynamic glibc, on x86_64 and aarch64"
    };
    Err(why.to_owned())
}

/// The hooks that are out of force.
pub(crate) fn unresolved() -> Vec<&'static str> {
    Vec::new()
}

/// Whether libc's functions are ours.
pub(crate) fn in_force() -> bool {
    false
}

/// Nothing was forgotten.
pub(crate) fn forget() {}

/// Has hooks forget calls like this one.
pub(crate) fn ignore(_record: &Record, _on_pool: bool, _parked: bool) {}

/// Whether a blocking call of this kind is seen here, so that its call site need not report it too.
pub(crate) fn sees(_kind: Kind) -> bool {
    false
}
