//! What the current thread can be asked: what tokio says it runs, what the kernel says it did, what its stack is.

pub(crate) mod executor;
#[cfg(hooks_target)]
pub(crate) mod kernel;
#[cfg(not(hooks_target))]
#[path = "no_kernel.rs"]
pub(crate) mod kernel;
#[cfg(hooks_target)]
pub(crate) mod name;
#[cfg(hooks_target)]
pub(crate) mod stack;
#[cfg(not(hooks_target))]
#[path = "no_stack.rs"]
pub(crate) mod stack;
