//! DATA ONLY: other crates' types that lead to what they hold, as std's `Arc` and `MutexGuard` do.

/// A type through which methods of another are called.
pub(crate) struct Wrapper {
    pub(crate) krate: &'static str,
    pub(crate) generics: &'static str,
    /// Its path in the crate.
    pub(crate) ty: &'static str,
    /// What it leads to.
    pub(crate) inner: &'static str,
}

const fn wrapper(
    krate: &'static str,
    generics: &'static str,
    ty: &'static str,
    inner: &'static str,
) -> Wrapper {
    Wrapper { krate, generics, ty, inner }
}

pub(crate) const WRAPPERS: &[Wrapper] = &[
    wrapper("parking_lot", "<'a, R: ?Sized>", "MutexGuard<'a, R>", "R"),
    wrapper("parking_lot", "<'a, R: ?Sized>", "RwLockReadGuard<'a, R>", "R"),
    wrapper("parking_lot", "<'a, R: ?Sized>", "RwLockWriteGuard<'a, R>", "R"),
    wrapper("parking_lot", "<'a, R: ?Sized>", "MappedMutexGuard<'a, R>", "R"),
    wrapper("parking_lot", "<'a, R: ?Sized>", "ReentrantMutexGuard<'a, R>", "R"),
    wrapper("once_cell", "<R>", "sync::Lazy<R>", "R"),
    wrapper("once_cell", "<R>", "unsync::Lazy<R>", "R"),
    wrapper("dashmap", "<'a, K, R>", "mapref::one::Ref<'a, K, R>", "R"),
    wrapper("dashmap", "<'a, K, R>", "mapref::one::RefMut<'a, K, R>", "R"),
    wrapper("r2d2", "<M: ManageConnection>", "PooledConnection<M>", "<M as ManageConnection>::Connection"),
];
