//! Misuse of the attributes `main` and `test`: one error each, and the item stays.

#[guard_runtime::main]
fn sync_function() {}

#[guard_runtime::main]
struct Unit;

#[guard_runtime::test]
mod inside {}

#[guard_runtime::main]
impl Unit {}

trait Runs {
    #[guard_runtime::main]
    async fn run();
}

#[guard_runtime::main(flavour = "current_thread")]
async fn misspelled() -> u8 {
    1
}

#[guard_runtime::main(flavor = "single_thread")]
async fn no_such_flavor() -> u8 {
    2
}

#[guard_runtime::main(flavor = current_thread)]
async fn no_text() -> u8 {
    3
}

#[guard_runtime::main(worker_threads)]
async fn no_value() -> u8 {
    4
}

#[guard_runtime::main(worker_threads = 0)]
async fn no_workers() -> u8 {
    5
}

#[guard_runtime::main(worker_threads = 2, flavor = "current_thread", worker_threads = 3)]
async fn one_thread() -> u8 {
    6
}

#[guard_runtime::main(start_paused = true, unhandled_panic = "shut_down")]
async fn many_threads() -> u8 {
    7
}

#[guard_runtime::main(crate = "tokio")]
async fn no_path() -> u8 {
    8
}

#[guard_runtime::main("current_thread")]
async fn no_option() -> u8 {
    9
}

#[guard_runtime::main(flavor = "local")]
async fn wrong_type() -> u8 {
    let answer = "ten";
    answer
}

#[guard_runtime::test]
async fn with_parameters(_number: u8) {}

#[guard_runtime::test]
#[test]
async fn twice() {}

#[guard_runtime::main]
async fn main(arguments: Vec<String>) {
    let _ = arguments;
    let _: Unit = Unit;
    sync_function();
    let _ = [misspelled(), no_such_flavor(), no_text(), no_value(), no_workers(), one_thread(), many_threads()];
    let _ = [no_path(), no_option(), wrong_type()];
}

#[allow(dead_code)]
fn rules() {
    guard_runtime::project_rules!("rules.toml");
}
