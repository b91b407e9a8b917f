//! Test: the project's file is obeyed in every unit of a package, an edit counts, and a bad one is one error.

use super::packages::{cargo_check, guard_runtime, line_of, target_dir, write_package};

const FILE: &str = r#"
[[api]]
path = "own_file::legacy::load"
kind = "fs"
arguments = "<&str>"
instead = "use `legacy::load_later`"

[[api]]
path = "own_file::legacy::Client::fetch"
kind = "net"
receiver = "mut"
generics = "<T>"

[[offloader]]
name = "on_a_pool"
argument = 1

[levels]
sleep = "allow"
lock = "deny"
"#;

const USER: &str = r#"
#![forbid(unused_imports)]
pub mod legacy {
    pub fn load<P>(_: P) {}
    pub struct Client<T>(pub T);
    impl<T> Client<T> { pub fn fetch(&mut self) {} }
}
pub mod other {
    pub fn load(_: u8) {}
    pub struct Client;
    impl Client { pub fn fetch(&self) {} }
}
pub fn on_a_pool(_: u8, run: impl FnOnce()) { run() }
use legacy::Client;
#[guard_runtime::no_block]
pub async fn called(client: &mut Client<u8>) {
    legacy::load("a"); // 1
    client.fetch(); // 2
    on_a_pool(1, || drop(std::fs::read("a")));
    std::thread::sleep(std::time::Duration::ZERO);
    drop(std::fs::read("a")); // 3
}
#[guard_runtime::no_block]
pub async fn look_alikes(client: other::Client) {
    other::load(1);
    client.fetch();
}
#[cfg(lock)]
#[guard_runtime::no_block]
pub async fn denied(lock: &std::sync::Mutex<u8>) -> u8 { *lock.lock().unwrap() }
"#;

/// A package with this file; whether it compiles, and what is said of it.
fn compile(file: &str, user: &str) -> (bool, String) {
    let folder = target_dir().join("stub-crates/own_file");
    let more = format!("[dependencies]\n{}[workspace]\n", guard_runtime());
    write_package(&folder, "own_file", "1.0.0", &more, user);
    // Another unit of the package, which has the library for a dependency and other names at its root.
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    let other =
        "#[guard_runtime::no_block]\npub async fn outside() {\n    own_file::legacy::load(\"a\");\n}\n";
    std::fs::write(folder.join("tests/outside.rs"), other).unwrap();
    std::fs::write(folder.join("no-block.toml"), file).unwrap();
    cargo_check(&folder)
}

#[test]
fn the_file_is_obeyed_an_edit_counts_and_a_bad_one_is_one_error() {
    let (success, said) = compile(FILE, USER);
    assert!(success, "{said}");
    let places: Vec<_> = said
        .lines()
        .filter(|line| line.contains("in_async_code"))
        .filter_map(|line| {
            line.split(' ').next()?.strip_suffix(':')?.rsplit_once(':').map(|(place, _)| place)
        })
        .collect();
    let line = |mark: &str| format!("src/lib.rs:{}", line_of(USER, mark));
    for place in [&line("// 1"), &line("// 2"), &line("// 3"), "tests/outside.rs:3"] {
        assert!(places.contains(&place), "nothing at {place}: {said}");
    }
    let distinct: std::collections::BTreeSet<_> = places.iter().collect();
    assert_eq!(distinct.len(), 4, "{said}");

    // The file alone has changed.
    let (success, said) = compile(&FILE.replace("kind = \"net\"", "kind = \"nett\""), USER);
    let errors = said
        .lines()
        .filter(|line| line.contains("no-block.toml, line 10") || line.contains("did you mean `net`?"));
    assert!(!success && errors.count() == 1, "{said}");

    let (success, said) = compile(FILE, &USER.replace("#[cfg(lock)]", ""));
    assert!(!success && said.contains("`std::sync::Mutex::lock` blocks"), "{said}");
}
