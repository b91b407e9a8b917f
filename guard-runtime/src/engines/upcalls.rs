//! What engines start in upper floors: the one table of functions, which `start.rs` registers before `main`.

use std::sync::OnceLock;

/// Functions of upper floors.
pub(crate) struct Upcalls {
    /// Starts the thread that reports what armed workers have noted. Whether there is one. Allocates.
    pub(crate) start_thread: fn() -> bool,
    /// Reports what armed workers have noted.
    pub(crate) hand_over: fn(),
    /// Whether violations are given to the user's code.
    pub(crate) has_handler: fn() -> bool,
    /// Has a copied process begin anew.
    pub(crate) in_child: fn(),
}

static UPCALLS: OnceLock<Upcalls> = OnceLock::new();

/// Puts the table in force, for good.
pub(crate) fn register(upcalls: Upcalls) {
    // The first one stays: there is but one.
    let _ = UPCALLS.set(upcalls);
}

/// See [`Upcalls`].
#[cold]
pub(crate) fn start_thread() -> bool {
    UPCALLS.get().is_some_and(|upcalls| (upcalls.start_thread)())
}

/// See [`Upcalls`].
pub(crate) fn hand_over() {
    if let Some(upcalls) = UPCALLS.get() {
        (upcalls.hand_over)();
    }
}

/// See [`Upcalls`].
pub(crate) fn has_handler() -> bool {
    UPCALLS.get().is_some_and(|upcalls| (upcalls.has_handler)())
}

/// See [`Upcalls`].
pub(crate) fn in_child() {
    if let Some(upcalls) = UPCALLS.get() {
        (upcalls.in_child)();
    }
}
