// The control: the same calls with the engines off, and with no guard around them.
// env: NO_BLOCK_ACTION=off
// forbid: {
// forbid: blocking call

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(async {
        guard_runtime::guard(async { std::fs::read_to_string("/etc/hostname").map_or(0, |text| text.len()) })
            .await;
    })
    .await
    .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1));
}
