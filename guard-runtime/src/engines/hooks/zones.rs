//! The time-zone database: a file or two that whoever asks for the local time reads, once or when they have changed.

use std::ffi::CStr;
use std::sync::OnceLock;

/// What says which zone this machine is in.
const LOCAL: &[&[u8]] = &[b"/etc/localtime", b"/etc/timezone", b"/etc/TZ"];
/// Where distributions keep all of them, below whatever root.
const FOLDERS: &[&[u8]] = &[b"/share/zoneinfo", b"/lib/zoneinfo", b"/etc/zoneinfo"];

/// The folder that `TZDIR` named when the program began, as far as it fits.
static TZDIR: OnceLock<([u8; MOST], usize)> = OnceLock::new();
const MOST: usize = 256;

/// Reads the environment: later another thread may be changing it. Allocates nothing.
pub(super) fn prepare() {
    // SAFETY: before `main` no other thread changes the environment; the text is NUL-terminated.
    let value = unsafe { libc::getenv(c"TZDIR".as_ptr()) };
    if value.is_null() {
        return;
    }
    // SAFETY: the environment's values are NUL-terminated.
    let value = unsafe { CStr::from_ptr(value) }.to_bytes();
    let value = value.strip_suffix(b"/").unwrap_or(value);
    if value.starts_with(b"/") && value.len() < MOST {
        let mut folder = [0; MOST];
        folder.iter_mut().zip(value).for_each(|(to, byte)| *to = *byte);
        let _ = TZDIR.set((folder, value.len()));
    }
}

/// Whether a path, which begins at the root, leads to the database or into it.
pub(super) fn holds(path: &[u8]) -> bool {
    let own = TZDIR.get().and_then(|(folder, len)| folder.get(..*len));
    LOCAL.contains(&path)
        || FOLDERS.iter().any(|folder| has_folder(path, folder))
        || own.is_some_and(|own| path.strip_prefix(own).is_some_and(is_end))
}

fn has_folder(path: &[u8], folder: &[u8]) -> bool {
    let mut rests = (0..path.len()).filter_map(|at| path.get(at..)?.strip_prefix(folder));
    path.starts_with(b"/") && rests.any(is_end)
}

fn is_end(rest: &[u8]) -> bool {
    rest.is_empty() || rest.starts_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_told_from_files_of_like_names() {
        for path in [
            "/etc/localtime",
            "/etc/timezone",
            "/usr/share/zoneinfo",
            "/usr/share/zoneinfo/Etc/UTC",
            "/nix/store/0123-tzdata-2025b/share/zoneinfo/Europe/Paris",
            "/usr/share/lib/zoneinfo/tzdata.zi",
        ] {
            assert!(holds(path.as_bytes()), "{path}");
        }
        for path in [
            "/etc/localtime.bak",
            "/home/me/zoneinfo/x",
            "share/zoneinfo/x",
            "/usr/share/zoneinfos",
            "/etc/tz",
            "",
        ] {
            assert!(!holds(path.as_bytes()), "{path}");
        }
    }
}
