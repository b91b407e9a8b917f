//! The environment of a program that has more rights than whoever started it: not its own, so nothing of it is read.

use std::ffi::OsString;

/// One of our variables, if the environment is to be believed.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    if is_privileged() { None } else { std::env::var_os(name) }
}

/// Whether the program runs with rights that its caller lacks: set-user-ID, set-group-ID, with capabilities of its own.
pub(crate) fn is_privileged() -> bool {
    system::is_privileged()
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
mod system {
    use std::ffi::c_ulong;

    unsafe extern "C" {
        // In every C library that there is for Linux.
        #[link_name = "getauxval"]
        fn told_by_the_kernel(what: c_ulong) -> c_ulong;
    }

    const AT_SECURE: c_ulong = 23;

    pub(super) fn is_privileged() -> bool {
        // SAFETY: it looks into a table that the kernel has left in this process, and gives 0 for what is not there.
        unsafe { told_by_the_kernel(AT_SECURE) != 0 }
    }
}

#[cfg(all(
    any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly",
        target_os = "solaris",
        target_os = "illumos"
    ),
    not(miri)
))]
mod system {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn issetugid() -> c_int;
    }

    pub(super) fn is_privileged() -> bool {
        // SAFETY: it has no arguments and cannot fail.
        unsafe { issetugid() != 0 }
    }
}

#[cfg(any(
    miri,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly",
        target_os = "solaris",
        target_os = "illumos"
    ))
))]
mod system {
    /// Where there is no such thing.
    pub(super) fn is_privileged() -> bool {
        false
    }
}
