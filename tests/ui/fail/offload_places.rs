//! Where `#[offload]` has no room for a second fn, or does not find it: rustc's errors, at the user's own name.

#![allow(unused)]

use guard_runtime::offload;

trait Load {
    fn load(self) -> u8;

    async fn later(self) -> u8;
}

struct Store;

impl Load for Store {
    #[offload]
    fn load(self) -> u8 {
        1
    }

    #[offload]
    fn later(self) -> u8 {
        1
    }
}

struct Settings;

impl Settings {
    // Nothing in it says that it is in an impl.
    #[offload]
    fn read(path: String) -> u8 {
        1
    }

    #[offload(sync = Self::found_now)]
    fn found(path: String) -> u8 {
        1
    }
}

fn main() {
    let _ = Settings::found("a".to_owned());
    let _ = Settings::found_now("a".to_owned());
}
