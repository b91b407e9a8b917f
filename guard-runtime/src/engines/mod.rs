//! What observes: the typed call sites, the libc hooks, the pools about themselves. Engines write down what they see, and
//! nothing else.

pub(crate) mod call;
#[cfg(feature = "tokio")]
pub(crate) mod pool;
pub(crate) mod upcalls;

// The condition for hooks stands here and nowhere else; `hooks_target` (build.rs) is its part that is known before.
#[cfg(all(hooks_target, any(debug_assertions, feature = "always")))]
pub(crate) mod hooks;
#[cfg(not(all(hooks_target, any(debug_assertions, feature = "always"))))]
#[path = "hookless.rs"]
pub(crate) mod hooks;

// What lower floors are told of it.
const _: () = assert!(hooks::BUILT == crate::model::HOOKS);
