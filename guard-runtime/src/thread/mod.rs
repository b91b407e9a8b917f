//! What the current thread can be asked: what tokio says it runs, what the kernel says it did, what its stack is, whose
//! memory it runs in.
//!
//! Hooks ask, between a call and its caller: nothing here may panic, whatever the kernel says.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

pub(crate) mod executor;
#[cfg(hooks_target)]
pub(crate) mod kernel;
#[cfg(not(hooks_target))]
#[path = "no_kernel.rs"]
pub(crate) mod kernel;
#[cfg(hooks_target)]
pub(crate) mod name;
#[cfg(hooks_target)]
pub(crate) mod process;
#[cfg(not(hooks_target))]
#[path = "no_process.rs"]
pub(crate) mod process;
#[cfg(hooks_target)]
pub(crate) mod stack;
#[cfg(not(hooks_target))]
#[path = "no_stack.rs"]
pub(crate) mod stack;
