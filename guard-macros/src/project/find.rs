//! Where the file is: the nearest one upward from a package, but no higher than its workspace or its repository.
//!
//! Its text becomes code, so it must not come from a folder that somebody else may write to.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const FILE: &str = "no-block.toml";

/// The file that counts for the package in this folder.
pub(super) fn find(package: &Path) -> Option<PathBuf> {
    for folder in package.ancestors().take(depth(package)) {
        let file = folder.join(FILE);
        if file.is_file() {
            return Some(file);
        }
    }
    None
}

/// How many folders are looked into, the package's own included: up to the first that is a root. A package outside of
/// any workspace and repository is by itself.
fn depth(package: &Path) -> usize {
    package.ancestors().position(is_root).map_or(1, |above| above + 1)
}

/// Whether a folder is the root of a repository or of a workspace.
fn is_root(folder: &Path) -> bool {
    // A file in a submodule and in a second work tree.
    folder.join(".git").exists() || is_workspace(&folder.join("Cargo.toml"))
}

fn is_workspace(manifest: &Path) -> bool {
    /// What was found in a text. Each expansion asks, and reading is cheaper than parsing.
    static KNOWN: Mutex<Vec<(PathBuf, String, bool)>> = Mutex::new(Vec::new());
    let Ok(text) = std::fs::read_to_string(manifest) else { return false };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((.., is)) = known.iter().find(|(at, old, _)| at == manifest && *old == text) {
        return *is;
    }
    let is = has_workspace(&text);
    known.retain(|(at, ..)| at != manifest);
    known.push((manifest.to_owned(), text, is));
    is
}

/// Whether a manifest is that of a workspace.
fn has_workspace(manifest: &str) -> bool {
    let parsed = toml_span::parse(manifest);
    parsed.is_ok_and(|value| value.as_table().is_some_and(|table| table.contains_key("workspace")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_member_of_a_workspace_is_none() {
        assert!(has_workspace("[package]\nname = \"a\"\n[workspace.dependencies]\n"));
        assert!(has_workspace("workspace.members = []\n") && has_workspace("[workspace]"));
        assert!(!has_workspace("[package]\nworkspace = \"../..\"\n[lints]\nworkspace = true\n"));
        assert!(!has_workspace("# [workspace]\n") && !has_workspace("[workspace") && !has_workspace(""));
    }

    /// A folder with a `no-block.toml` in and above each of these, where some are roots.
    #[test]
    fn the_search_ends_at_the_root_of_the_workspace_or_the_repository() {
        let top = std::env::temp_dir().join(format!("guard-find-{}", std::process::id()));
        let package = top.join("outer/inner/member");
        fs::create_dir_all(&package).unwrap();
        let (outer, root) = (top.join("outer"), top.join("outer/inner"));
        let put = |folder: &Path, name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        put(&package, "Cargo.toml", "[package]\n");
        put(&top, FILE, "");
        put(&outer, FILE, "");
        // By itself, unless the temporary folder lies in somebody's repository.
        assert!(find(&package).is_none() || top.ancestors().any(is_root));
        // A workspace without the file, and one with it.
        put(&root, "Cargo.toml", "[workspace]\n");
        assert_eq!(find(&package), None);
        put(&root, FILE, "");
        assert_eq!(find(&package), Some(root.join(FILE)));
        // A repository, which has no workspace; its `.git` may be a file.
        put(&root, "Cargo.toml", "[package]\n");
        fs::remove_file(root.join(FILE)).unwrap();
        put(&outer, ".git", "gitdir: elsewhere\n");
        assert_eq!(find(&package), Some(outer.join(FILE)));
        fs::remove_file(outer.join(FILE)).unwrap();
        assert_eq!(find(&package), None);
        // The nearest one counts.
        put(&package, FILE, "");
        put(&outer, FILE, "");
        assert_eq!(find(&package), Some(package.join(FILE)));
        fs::remove_dir_all(top).unwrap();
    }
}
