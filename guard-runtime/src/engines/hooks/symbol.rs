//! The libc functions that the hooks forward to: found once, early, without allocation.

use super::hook::set_errno;
use std::ffi::{CStr, c_int, c_long, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// One libc function: its name, and where the next definition after ours is.
pub(super) struct Symbol {
    name: &'static CStr,
    /// The symbol version to ask for. `RTLD_NEXT` without one yields the *oldest*, which for a few names behaves
    /// differently (`realpath`) or is another data layout (`pthread_cond_wait`).
    version: Option<&'static CStr>,
    at: AtomicPtr<c_void>,
}

/// Looked for and not there: an address that no function has.
const MISSING: *mut c_void = ptr::without_provenance_mut(1);

impl Symbol {
    pub(super) const fn new(name: &'static CStr, version: Option<&'static CStr>) -> Symbol {
        Symbol { name, version, at: AtomicPtr::new(ptr::null_mut()) }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name.to_str().unwrap_or_default()
    }

    /// The address of libc's function, or `None` if this libc has none of that name.
    #[inline(always)]
    pub(super) fn get(&self) -> Option<*mut c_void> {
        let at = self.at.load(Ordering::Relaxed);
        if at > MISSING { Some(at) } else { self.look_up() }
    }

    /// Normally done by the constructor in `start.rs`; a library whose own constructor ran earlier and called a
    /// hooked function gets here too. Two threads may do it at once: they find the same.
    #[cold]
    fn look_up(&self) -> Option<*mut c_void> {
        if self.at.load(Ordering::Relaxed) == MISSING {
            return None;
        }
        let mut at = ptr::null_mut();
        if let Some(version) = self.version {
            // SAFETY: both texts are NUL-terminated and static.
            at = unsafe { libc::dlvsym(libc::RTLD_NEXT, self.name.as_ptr(), version.as_ptr()) };
        }
        // Other architectures number their first version differently and have one only.
        if at.is_null() {
            // SAFETY: the text is NUL-terminated and static.
            at = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
        }
        if at.is_null() {
            // SAFETY: no argument; it drops this thread's error text, which the program would take for its own.
            unsafe { libc::dlerror() };
            at = MISSING;
        }
        self.at.store(at, Ordering::Relaxed);
        (at != MISSING).then_some(at)
    }
}

/// A symbol's name for the dynamic linker, from a text that ends in NUL.
pub(super) const fn nul_terminated(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("not a name that ends in NUL"),
    }
}

/// The version a row of the table names, if it names one.
pub(super) const fn only(versions: &[&'static CStr]) -> Option<&'static CStr> {
    match versions {
        [version] => Some(*version),
        _ => None,
    }
}

/// What a hook returns for a function that this libc does not have: the error value, with `ENOSYS` set.
pub(super) trait Refusal {
    const VALUE: Self;
}

macro_rules! refusals {
    ($($type:ty = $value:expr;)*) => {
        $(impl Refusal for $type {
            const VALUE: Self = $value;
        })*
    };
}

refusals! {
    c_int = -1;
    isize = -1;
    c_long = -1;
    c_uint = 0;
    usize = 0;
    () = ();
}

impl<T> Refusal for *mut T {
    const VALUE: Self = ptr::null_mut();
}

/// See [`Refusal`].
#[cold]
pub(super) fn refuse<R: Refusal>() -> R {
    set_errno(libc::ENOSYS);
    R::VALUE
}
