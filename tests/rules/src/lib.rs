//! What the rules of the `no-block.toml` beside this crate speak of; `tests/rules.rs` calls it.

use std::sync::OnceLock;
use std::time::Duration;

/// May block, by the file's first rule.
pub mod startup {
    /// Reads a file.
    pub fn load() -> bool {
        std::fs::read("Cargo.toml").is_ok()
    }

    /// Must not, by the second one.
    pub mod secrets {
        /// Reads a file.
        pub fn load() -> bool {
            std::fs::read("Cargo.toml").is_ok()
        }

        /// Sleeps, of which that rule does not speak.
        pub fn wait() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// What is denied, called from what is allowed.
    pub fn load_secrets() -> bool {
        secrets::load()
    }
}

/// May sleep for a while.
pub struct Legacy;

impl Legacy {
    /// Sleeps.
    pub fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Reads a file.
    pub fn load(&self) -> bool {
        std::fs::read("Cargo.toml").is_ok()
    }
}

static ONCE: OnceLock<bool> = OnceLock::new();
static TWICE: OnceLock<bool> = OnceLock::new();

/// One-time initialisation that a rule denies.
pub fn lazily() -> bool {
    *ONCE.get_or_init(|| std::fs::read("Cargo.toml").is_ok())
}

/// One that none denies.
pub fn quietly() -> bool {
    *TWICE.get_or_init(|| std::fs::read("Cargo.toml").is_ok())
}

/// A trait for types of other crates.
pub trait Load {
    /// Reads a file.
    fn load_anyhow(&self) -> bool;
}

impl Load for Vec<u8> {
    fn load_anyhow(&self) -> bool {
        std::fs::read("Cargo.toml").is_ok()
    }
}

impl Load for Legacy {
    fn load_anyhow(&self) -> bool {
        self.load()
    }
}
