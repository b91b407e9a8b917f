//! What can be asked for its type, and how the probe may name it.

use syn::Expr;

/// What a receiver expression goes back to.
#[derive(Clone, Copy)]
pub(crate) enum Root {
    /// A place: it may be named a second time.
    Place(Binding),
    /// A value, which is handed through a function; `bare` where the receiver is that value and no part of it.
    Value { bare: bool },
}

/// How the probe names a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// `&raw const place`
    Raw,
    /// `place.no_block_place()`
    Method,
    /// The same, of a variable that a closure captures by reference.
    BareCapture,
}

/// An argument that may be named a second time.
pub(crate) struct Place {
    /// Which one it is.
    pub(crate) index: usize,
    /// Without the `&mut` before it.
    pub(crate) expr: Expr,
    pub(crate) binding: Binding,
}
