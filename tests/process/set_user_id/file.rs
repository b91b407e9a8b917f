//! A program's file that runs with the rights of another user than whoever starts it.

use std::ffi::CString;
use std::fs::{self, Permissions};
use std::mem::MaybeUninit;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// A user who has nothing.
const NOBODY: u32 = 65_534;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Whether such a file can be made, and would be obeyed.
pub(crate) fn is_possible() -> Result<(), &'static str> {
    let folder = CString::new(folder().as_os_str().as_encoded_bytes()).expect("a path");
    let mut stat = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the text is NUL-terminated, and the other pointer is to writable memory of the right size.
    if unsafe { libc::statvfs(folder.as_ptr(), stat.as_mut_ptr()) } != 0 {
        return Err("the file system cannot be asked");
    }
    // SAFETY: the call has succeeded, so it has filled the struct.
    if unsafe { stat.assume_init() }.f_flag & libc::ST_NOSUID != 0 {
        return Err("the file system obeys no set-user-ID");
    }
    // SAFETY: it has no arguments.
    if unsafe { libc::geteuid() } != 0 {
        return Err("only root can give a file to another user");
    }
    // SAFETY: the numbers after it are unused.
    if unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) } != 0 {
        return Err("no program that is started here gets more rights");
    }
    Ok(())
}

fn path(name: &str) -> PathBuf {
    folder().join(format!("{name}-of-nobody"))
}

/// What [`copy`] has made is not left to whoever finds it.
pub(crate) fn remove(name: &str) {
    fs::remove_file(path(name)).expect("it is there");
    fs::remove_dir_all(folder().join("everybodys")).expect("it is there");
}

/// A copy of this program, which another user owns, and a folder beside it that everybody may write to.
pub(crate) fn copy(program: &Path, name: &str) -> PathBuf {
    let open = folder().join("everybodys");
    let _ = fs::remove_dir_all(&open);
    fs::create_dir_all(&open).expect("a folder");
    fs::set_permissions(&open, Permissions::from_mode(0o777)).expect("its owner may");
    let copy = path(name);
    fs::copy(program, &copy).expect("there is room");
    chown(&copy, Some(NOBODY), None).expect("root may");
    fs::set_permissions(&copy, Permissions::from_mode(0o4755)).expect("root may");
    assert_eq!(fs::metadata(&copy).expect("it is there").mode() & 0o4000, 0o4000);
    copy
}
