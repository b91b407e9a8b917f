//! The tables of hooks, a file for each kind of libc function.

#[cfg(not(hooks_raw))]
mod files;
#[cfg(all(not(hooks_raw), target_arch = "x86_64"))]
mod loading;
#[cfg(not(hooks_raw))]
mod locks;
#[cfg(not(hooks_raw))]
mod next;
#[cfg(not(hooks_raw))]
mod paths;
#[cfg(hooks_raw)]
mod raw;
#[cfg(not(hooks_raw))]
mod sockets;
#[cfg(not(hooks_raw))]
mod streams;
#[cfg(not(hooks_raw))]
mod waits;

#[cfg(all(test, not(hooks_raw)))]
pub(super) use next::symbols;
#[cfg(not(hooks_raw))]
pub(super) use next::{has, prepare, unresolved};
#[cfg(hooks_raw)]
pub(super) use raw::{has, prepare, unresolved};
