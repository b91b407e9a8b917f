//! Code that every edition understands, annotated where a crate of that edition would.

use crate::guard::no_block;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A method named like blocking ones, on a type of the user's own.
#[derive(Debug, Default)]
pub struct Registry {
    entries: Mutex<HashMap<String, PathBuf>>,
}

impl Registry {
    /// Counts what has been added.
    ///
    /// # Panics
    ///
    /// If another thread panicked meanwhile.
    #[no_block]
    pub async fn len(&self) -> usize {
        self.entries.lock().expect("not poisoned").len()
    }

    /// Whether nothing has been added.
    #[no_block]
    pub async fn is_empty(&self) -> bool {
        self.len().await == 0
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// If there is one of that name.
    ///
    /// # Panics
    ///
    /// If another thread panicked meanwhile.
    #[no_block]
    pub async fn open(&self, name: &str, path: impl AsRef<Path> + Send) -> Result<PathBuf, String> {
        let mut entries = self.entries.lock().map_err(|_| String::from("poisoned"))?;
        if entries.contains_key(name) {
            return Err(format!("{name} is there"));
        }
        let path = path.as_ref().to_path_buf();
        let _ = entries.insert(name.to_string(), path.clone());
        Ok(path)
    }
}

/// Has the names of blocking functions for its own.
pub mod fs {
    use crate::guard::no_block;

    /// Reads nothing.
    #[must_use]
    pub const fn read(byte: u8) -> u8 {
        byte
    }

    /// Uses `read` in an async fn.
    #[no_block(deny(all))]
    pub async fn read_twice(byte: u8) -> u8 {
        read(byte) + read(byte)
    }
}

/// Reads a file, and says so.
///
/// # Errors
///
/// If there is none.
#[no_block]
pub async fn load(path: &Path) -> std::io::Result<usize> {
    #[allow(deprecated)]
    let text = std::fs::read_to_string(path)?;
    Ok(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::NoBlock as _;

    #[crate::guard::test]
    async fn annotated_code_works() {
        let registry = Registry::default();
        assert!(registry.is_empty().await);
        assert!(registry.open("a", "b").await.is_ok());
        assert_eq!(registry.open("a", "b").await, Err("a is there".to_string()));
        assert_eq!(registry.len().await, 1);
        assert_eq!(fs::read_twice(2).await, 4);
        assert!(load(Path::new("Cargo.toml")).allow_blocking("a test of the attribute").await.unwrap() > 0);
    }

    #[tokio::test]
    #[should_panic(expected = "std::fs::read_to_string")]
    #[cfg(all(debug_assertions, any(target_os = "linux", target_os = "macos", windows)))]
    async fn annotated_code_is_guarded() {
        let _ = load(Path::new("Cargo.toml")).await;
    }
}
