// The same call from everywhere: each time the API as its user knows it, and the user's own line.
// expect: fs std::fs::read_to_string @body
// expect: fs std::fs::read_to_string @question
// expect: fs std::fs::OpenOptions::open @chain
// expect: fs std::fs::read_to_string @deep
// expect: fs std::path::Path::exists @method
// expect: fs std::fs::File::open @closure
// expect: fs std::fs::ReadDir::next @entries
// expect: fs std::fs::metadata @generic
// expect: fs std::fs::write @trait
// expect: dns std::net::ToSocketAddrs::to_socket_addrs @flat-map
// expect: fs serde_json::to_writer @derived-write
// expect: fs serde_json::from_reader @derived-read
// expect: sleep slow::log @macro
// forbid: @derive
// forbid: "location":null
// forbid: "kind":"other"
// expect: "function":"process::process::callers::deep"
// expect: "guarded":"process::process::callers::helpers"

use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};

use guard_runtime::no_block;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")
}

#[no_block]
#[allow(deprecated)]
async fn body() -> std::io::Result<usize> {
    let text = std::fs::read_to_string(file()).unwrap(); // @body
    tokio::task::yield_now().await;
    let again = std::fs::read_to_string(file())?; // @question
    let _file = std::fs::OpenOptions::new()
        .read(true)
        .open(file()) // @chain
        .unwrap();
    Ok(text.len() + again.len())
}

fn shallow() -> usize {
    deep()
}

fn deep() -> usize {
    std::fs::read_to_string(file()).map_or(0, |text| text.len()) // @deep
}

fn methods(path: &Path) -> bool {
    path.exists() // @method
}

fn closures() -> Option<std::fs::File> {
    Some(file()).and_then(|path| {
        std::fs::File::open(path).ok() // @closure
    })
}

fn entries() -> usize {
    let entries = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    entries.count() // @entries
}

fn generic<P: AsRef<Path>>(path: P) -> u64 {
    std::fs::metadata(path).map_or(0, |data| data.len()) // @generic
}

trait Save {
    fn save(&self);
}

struct Store(PathBuf);

impl Save for Store {
    fn save(&self) {
        std::fs::write(&self.0, "x").unwrap(); // @trait
    }
}

fn resolve<S: ToSocketAddrs>(names: &[S]) -> usize {
    names.iter().flat_map(|name| name.to_socket_addrs()).flatten().count() // @flat-map
}

#[derive(serde::Serialize, serde::Deserialize)] // @derive
struct State {
    numbers: Vec<u32>,
}

#[no_block]
#[allow(deprecated)]
async fn derives(files: [std::fs::File; 2]) -> usize {
    let [into, from] = files;
    serde_json::to_writer(into, &State { numbers: vec![1, 2] }).unwrap(); // @derived-write
    tokio::task::yield_now().await;
    let state: State = serde_json::from_reader(from).unwrap(); // @derived-read
    state.numbers.len() + usize::from(slow::logged!(1)) // @macro
}

#[no_block]
async fn helpers() -> usize {
    let store: &(dyn Save + Sync) = &Store(Path::new(env!("CARGO_TARGET_TMPDIR")).join("callers.txt"));
    store.save();
    let found = usize::from(methods(&file())) + usize::from(closures().is_some());
    tokio::task::yield_now().await;
    assert!(resolve(&["localhost:80".to_string()]) > 0);
    shallow() + found + entries() + generic(file()) as usize
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(async { body().await.unwrap() + helpers().await }).await.unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("derives.json");
    std::fs::write(&path, "{\"numbers\": [1, 2]}").unwrap();
    let into = std::fs::File::create(path.with_extension("out")).unwrap();
    let from = std::fs::File::open(path).unwrap();
    tokio::spawn(derives([into, from])).await.unwrap();
}
