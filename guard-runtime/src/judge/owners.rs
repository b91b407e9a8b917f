//! Whose code is what: the user's own, or a dependency's, by its source file, or by its crate where no file is known.

use super::verdict::Owner;
use crate::model::{Guarding, Site};
use crate::region;
use std::sync::{OnceLock, PoisonError, RwLock};

/// The crates that guards were met in, and which are the user's own.
static OWN: RwLock<Vec<&'static str>> = RwLock::new(Vec::new());

/// Remembers the crate of a guard, if it is the user's own.
pub(crate) fn meet(site: &Site) {
    let krate = site.krate();
    if krate.is_empty() || is_own_crate(krate) || is_foreign_path(site.manifest_dir) {
        return;
    }
    OWN.write().unwrap_or_else(PoisonError::into_inner).push(krate);
}

/// Whether no thread is in the middle of something here.
pub(crate) fn is_idle() -> bool {
    OWN.try_write().is_ok()
}

/// Whether a crate is known to be the user's own. Not knowing it says nothing.
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
    let rest = beyond(path, home).replace('\\', "/");
    FOREIGN.iter().any(|folder| rest.contains(folder))
        || rest.starts_with("vendor/")
        // The system's C headers.
        || path.starts_with("/usr/include/")
}

/// Where cargo and the toolchain keep what is not the user's.
const FOREIGN: &[&str] = &[REGISTRY, GIT, RUSTC, "/rust/deps/", VENDOR, "/rustlib/src/"];
const REGISTRY: &str = "/registry/src/";
const GIT: &str = "/git/checkouts/";
const RUSTC: &str = "/rustc/";
const VENDOR: &str = "/vendor/";

/// A path from where it parts from `home` on, with the slash before: what both lie in says nothing.
fn beyond<'p>(path: &'p str, home: Option<&str>) -> &'p str {
    let home = home.unwrap_or_default();
    let same = path.split('/').zip(home.split('/')).take_while(|(a, b)| a == b);
    let shared: usize = same.map(|(part, _)| part.len() + 1).sum();
    if shared == 0 || home.is_empty() { path } else { path.get(shared - 1..).unwrap_or_default() }
}

/// A dependency's or the toolchain's file, from its package on, where its folder tells.
pub(crate) fn foreign_name(file: &str) -> Option<&str> {
    let kept = |folder: &&str| beyond(file, home()).split_once(*folder);
    let (_, rest) = [REGISTRY, GIT, RUSTC].iter().find_map(kept)?;
    Some(rest.split_once('/').map_or(rest, |(_, rest)| rest))
}

/// Name and version of the package that a file of cargo's folders belongs to.
pub(crate) fn package(file: &str) -> Option<(String, String)> {
    package_seen_from(file, home())
}

fn package_seen_from(file: &str, home: Option<&str>) -> Option<(String, String)> {
    let file = beyond(file, home);
    for folder in [REGISTRY, VENDOR] {
        let Some((_, rest)) = file.split_once(folder) else { continue };
        let mut parts = rest.split('/');
        // Below `registry/src` there is a folder per registry.
        let package = if folder == VENDOR { parts.next()? } else { parts.nth(1)? };
        return Some(split_version(package));
    }
    let (_, rest) = file.split_once(GIT)?;
    let repository = rest.split('/').next()?;
    Some((repository.rsplit_once('-').map_or(repository, |(name, _)| name).to_owned(), String::new()))
}

/// The crate and the module that a file of Rust holds, by where it lies: what names begin with.
pub(crate) fn module(file: &str) -> Option<String> {
    let file = file.strip_suffix(".rs")?;
    let (package, rest) = match file.rsplit_once("/src/") {
        Some((package, rest)) => (package.rsplit('/').next()?, rest),
        // A test, an example, or what a build script has made.
        None => (file.rsplit('/').next()?, ""),
    };
    let package = if is_foreign_path(file) { split_version(package).0 } else { package.to_owned() };
    let rest = rest.strip_suffix("/mod").unwrap_or(rest);
    let path = match rest {
        "" | "lib" | "main" | "mod" => package,
        // A program beside the package's own.
        _ if rest.starts_with("bin/") => rest["bin/".len()..].trim_end_matches("/main").to_owned(),
        _ => format!("{package}/{rest}"),
    };
    Some(path.replace('-', "_").replace('/', "::"))
}

/// `serde_json-1.0.140` in two.
fn split_version(package: &str) -> (String, String) {
    package
        .match_indices('-')
        .find(|(at, _)| package[at + 1..].starts_with(|first: char| first.is_ascii_digit()))
        .map_or_else(
            || (package.to_owned(), String::new()),
            |(at, _)| (package[..at].to_owned(), package[at + 1..].to_owned()),
        )
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

    #[test]
    fn names_begin_with_what_their_file_holds() {
        for (file, expected) in [
            (
                "/home/me/.cargo/registry/src/index.example-0/tokio-1.54.1/src/runtime/task/core.rs",
                "tokio::runtime::task::core",
            ),
            ("/home/me/.cargo/registry/src/index.example-0/http-body-1.0.0/src/lib.rs", "http_body"),
            ("/rustc/0123456789abcdef/library/std/src/fs.rs", "std::fs"),
            ("/rustc/0123456789abcdef/library/core/src/option/mod.rs", "core::option"),
            ("/work/service/src/config.rs", "service::config"),
            ("/work/my-service/src/main.rs", "my_service"),
            ("/work/service/src/bin/load-all.rs", "load_all"),
            ("/work/service/tests/all.rs", "all"),
        ] {
            assert_eq!(module(file).as_deref(), Some(expected), "{file}");
        }
        assert_eq!(module("/work/sqlite3.c"), None);
    }

    #[test]
    fn packages_are_told_by_their_folder() {
        let of =
            |file: &str| package_seen_from(file, None).map(|(name, version)| format!("{name} {version}"));
        let registry = "/home/me/.cargo/registry/src/index.example-0/";
        assert_eq!(
            of(&format!("{registry}libsqlite3-sys-0.35.0/sqlite3/sqlite3.c")).unwrap(),
            "libsqlite3-sys 0.35.0"
        );
        assert_eq!(of("/home/me/.cargo/git/checkouts/my-dep-00aa/bb11/src/lib.rs").unwrap(), "my-dep ");
        assert_eq!(of("/home/me/app/vendor/serde/src/lib.rs").unwrap(), "serde ");
        assert_eq!(of("/home/me/app/src/lib.rs"), None);
        // A project that lies below such a folder itself.
        let of = |file: &str| package_seen_from(file, Some("/work/vendor/app")).map(|(name, _)| name);
        assert_eq!(of("/work/vendor/app/vendor/serde/src/lib.rs").unwrap(), "serde");
        assert_eq!(of("/work/vendor/app/src/lib.rs"), None);
    }
}
