use guard_runtime::no_block;
use std::sync::Mutex;

#[no_block(deny(fs, lock))]
async fn denied(path: &std::path::Path, shared: &Mutex<u8>) -> std::io::Result<u8> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    Ok(*shared.lock().unwrap())
}

#[no_block(deny(all))]
async fn look_alike(shared: &tokio::sync::Mutex<u8>) -> u8 {
    *shared.lock().await
}

fn main() {}
