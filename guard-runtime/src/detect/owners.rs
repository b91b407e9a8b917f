//! Whose code is what: the user's own, or a dependency's, by its source file, or by its crate where no file is known.

use super::Guarding;
use super::verdict::Owner;
use crate::region;
use crate::site::Site;
use std::path::Path;
use std::sync::{OnceLock, PoisonError, RwLock};

/// The crates that guards were met in, and which are the user's own.
static OWN: RwLock<Vec<&'static str>> = RwLock::new(Vec::new());

/// Remembers the crate of a guard, if it is the user's own.
#[allow(dead_code)] // Only stacks ask, and not every build has them.
pub(crate) fn meet(site: &Site) {
    let krate = site.krate();
    if krate.is_empty() || is_own_crate(krate) || is_foreign_path(site.manifest_dir) {
        return;
    }
    OWN.write().unwrap_or_else(PoisonError::into_inner).push(krate);
}

/// Whether no thread is in the middle of something here.
#[allow(dead_code)] // Only hooks ask, and not every build has them.
pub(crate) fn is_idle() -> bool {
    OWN.try_write().is_ok()
}

/// Whether a crate is known to be the user's own. Not knowing it says nothing.
#[allow(dead_code)] // Only stacks ask, and not every build has them.
pub(crate) fn is_own_crate(krate: &str) -> bool {
    OWN.read().unwrap_or_else(PoisonError::into_inner).contains(&krate)
}

/// Whose the guard's place is, by where its package or its file lies.
pub(crate) fn owner_of(guarding: Guarding) -> Owner {
    let (file, ..) = guarding.place.at();
    if guarding.is_runtime() {
        return Owner::Unknown;
    }
    let Some(site) = guarding.place.site() else {
        return if is_foreign_path(file) { Owner::Unknown } else { Owner::Workspace };
    };
    if is_foreign_path(site.manifest_dir) || is_foreign_path(file) {
        return Owner::Dependency { name: site.package.to_owned(), version: site.version.to_owned() };
    }
    Owner::Workspace
}

/// Whether a source path lies in cargo's registry or git folders, in a vendor folder, in the toolchain, or with
/// the system's.
pub(crate) fn is_foreign_path(path: &str) -> bool {
    is_foreign_seen_from(path, home())
}

/// The folder of the package that cargo runs, if it does: a project may itself lie below a folder of such a name.
fn home() -> Option<&'static str> {
    static HOME: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let _quiet = region::quiet();
        std::env::var("CARGO_MANIFEST_DIR").ok()
    };
    HOME.get_or_init(read).as_deref()
}

fn is_foreign_seen_from(path: &str, home: Option<&str>) -> bool {
    // What both lie in says nothing.
    let shared: usize = home.map_or(0, |home| {
        let same = Path::new(path).components().zip(Path::new(home).components());
        same.take_while(|(a, b)| a == b).count()
    });
    let rest: std::path::PathBuf = Path::new(path).components().skip(shared).collect();
    let rest = if shared == 0 { path.to_owned() } else { format!("/{}", rest.to_string_lossy()) };
    let rest = rest.replace('\\', "/");
    ["/registry/src/", "/git/checkouts/", "/rustc/", "/rust/deps/", "/vendor/", "/rustlib/src/"]
        .iter()
        .any(|part| rest.contains(part))
        || rest.starts_with("vendor/")
        // The system's C headers.
        || path.starts_with("/usr/include/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_dependencies_and_of_the_toolchain_are_foreign() {
        for path in [
            "/home/me/.cargo/registry/src/index.example-0/rusqlite-0.31.0/src/lib.rs",
            "/home/me/.cargo/git/checkouts/thing-0011/aabb/src/lib.rs",
            "/rustc/0123456789abcdef/library/std/src/fs.rs",
            // What std itself depends on.
            "/rust/deps/hashbrown-0.16.1/src/raw/mod.rs",
            "vendor/serde/src/lib.rs",
            "/usr/include/x86_64-linux-gnu/bits/unistd.h",
            "C:\\Users\\me\\.cargo\\registry\\src\\index.example-0\\hyper-1.0.0\\src\\lib.rs",
        ] {
            assert!(is_foreign_path(path), "{path}");
        }
        for path in [
            "src/main.rs",
            "/usr/src/app/src/main.rs",
            "/work/service/src/config.rs",
            "registry/src.rs",
            "src/vendors/list.rs",
        ] {
            assert!(!is_foreign_path(path), "{path}");
        }
    }

    #[test]
    fn a_project_may_lie_below_a_vendor_folder() {
        let foreign = |path| is_foreign_seen_from(path, Some("/work/vendor/service/app"));
        assert!(!foreign("/work/vendor/service/app/src/main.rs"));
        assert!(!foreign("/work/vendor/service/other/src/lib.rs"));
        assert!(foreign("/work/vendor/service/vendor/serde/src/lib.rs"));
        assert!(foreign("/work/vendor/service/app/vendor/serde/src/lib.rs"));
        assert!(foreign("/home/me/.cargo/registry/src/index.example-0/hyper-1.0.0/src/lib.rs"));
        assert!(foreign("vendor/serde/src/lib.rs"));
        assert!(!foreign("src/main.rs"));
    }
}
