//! The source files of the crate being compiled, as far as what no macro is told can be found in them.
//!
//! They are the files below the folder of the crate's first one: what `#[path]`, `include!` or a build script brings from
//! elsewhere is not seen, and files that belong to another crate in the same folder are. So whoever asks takes an answer
//! that fails safely. There are limits on files and bytes; beyond them nothing is known.

use super::arguments::arguments;
use std::path::{Path, PathBuf};

/// Folders deeper than this are another thing than modules.
const DEPTH: usize = 16;

/// A crate of more files, or more text, is not read to its end.
const FILES: usize = 4_000;
const BYTES: usize = 64 << 20;

/// Hands each file's text over until `wants_more` says no. False where not all could be read.
pub(super) fn each(wants_more: &mut dyn FnMut(&str) -> bool) -> bool {
    root(&arguments()).is_some_and(|root| each_below(&root, wants_more))
}

/// The same below a folder.
pub(super) fn each_below(folder: &Path, wants_more: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut reading = Reading { files: FILES, bytes: BYTES, done: false, wants_more };
    reading.folder(folder, DEPTH)
}

/// The folder of the crate's first file.
fn root(args: &[String]) -> Option<PathBuf> {
    let file = args.iter().find(|arg| arg.ends_with(".rs") && !arg.starts_with('-'))?;
    let folder = Path::new(file).parent()?;
    Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() })
}

struct Reading<'a> {
    files: usize,
    bytes: usize,
    done: bool,
    wants_more: &'a mut dyn FnMut(&str) -> bool,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> bool {
        let Ok(entries) = folder.read_dir() else { return false };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let Ok(kind) = entry.file_type() else { return false };
            let path = entry.path();
            let read = if kind.is_dir() {
                entry.file_name() == "target" || depth > 0 && self.folder(&path, depth - 1)
            } else {
                path.extension().is_none_or(|extension| extension != "rs") || self.file(&path)
            };
            if !read || self.done {
                return read;
            }
        }
        true
    }

    fn file(&mut self, path: &Path) -> bool {
        let Ok(text) = std::fs::read_to_string(path) else { return false };
        let (Some(files), Some(bytes)) = (self.files.checked_sub(1), self.bytes.checked_sub(text.len()))
        else {
            return false;
        };
        (self.files, self.bytes) = (files, bytes);
        self.done = !(self.wants_more)(&text);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{each_below, root};
    use std::path::PathBuf;

    #[test]
    fn a_crate_is_the_folder_of_its_first_file() {
        let root = |args: &[&str]| root(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert_eq!(root(&["rustc", "--cfg=x.rs", "src/lib.rs"]), Some(PathBuf::from("src")));
        assert_eq!(root(&["rustc", "main.rs"]), Some(PathBuf::from(".")));
        assert_eq!(root(&["rustc", "-"]), None);
    }

    #[test]
    fn files_are_handed_over_until_one_is_enough() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut all, mut one) = (0, 0);
        assert!(each_below(&own, &mut |_| {
            all += 1;
            true
        }));
        assert!(each_below(&own, &mut |_| {
            one += 1;
            false
        }));
        assert!(all > 50 && one == 1, "{all} {one}");
        assert!(!each_below(&own.join("missing"), &mut |_| true), "what cannot be read is not known");
    }
}
