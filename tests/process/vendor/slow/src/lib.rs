// A dependency, by where its file lies. Its async fn blocks; so does its synchronous one.

pub(super) async fn fetch() {
    std::thread::sleep(std::time::Duration::from_millis(1));
}

pub(super) struct Client;

impl Client {
    pub(super) fn get(&self) -> u8 {
        let wait = || std::thread::sleep(std::time::Duration::from_millis(1));
        Some(7).inspect(|_| wait()).unwrap_or_default()
    }
}
