use guard_runtime::no_block;

#[no_block]
fn sync_function() {}

#[no_block]
const fn const_function() {}

#[no_block]
struct Unit;

#[no_block]
enum Choice {
    One,
}

#[no_block]
type Alias = Unit;

#[no_block]
static STATIC: u8 = 1;

#[no_block]
const CONSTANT: u8 = 1;

#[no_block]
unsafe extern "C" {}

#[no_block]
use std::path::Path;

#[no_block]
fn clonable() -> impl Future<Output = u8> + Clone {
    std::future::ready(1)
}

#[no_block]
fn runs() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {})
}

#[tokio::main]
#[no_block]
async fn main() {
    // The items are still there.
    sync_function();
    const_function();
    clonable().await;
    let _ = runs;
    let _: Option<(&Path, [u8; CONSTANT as usize], Alias, Unit)> = None;
    let _ = (Choice::One, STATIC);
}
