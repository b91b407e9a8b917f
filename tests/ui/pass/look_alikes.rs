// Everything here looks blocking and is not, or runs elsewhere: not one warning, with every kind on.
#![deny(warnings)]

use guard_runtime::{allow_blocking, no_block, offload};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod fs {
    pub fn read<T: std::str::FromStr>(text: &str) -> Option<T> {
        text.parse().ok()
    }
    pub fn write(_: &str, _: &str) {}
    pub struct File(pub u8);
    impl File {
        pub fn open(_: &str) -> Self {
            File(0)
        }
        pub fn metadata(&self) -> u8 {
            self.0
        }
        pub fn wait(&mut self) -> u8 {
            self.0
        }
    }
}

pub struct Command(String);

impl Command {
    pub fn output(&self) -> &str {
        &self.0
    }
    pub fn spawn(self) -> usize {
        self.0.len()
    }
}

#[derive(Default)]
pub struct Backoff(u64);

impl Backoff {
    pub async fn sleep(&mut self) {
        self.0 += 1;
        tokio::time::sleep(Duration::from_millis(self.0)).await;
    }
    pub fn lock(&self) -> u64 {
        self.0
    }
}

#[no_block(warn(all))]
pub async fn own_names(backoff: &mut Backoff, map: &HashMap<String, Backoff>) -> u64 {
    let n: u64 = fs::read("5").unwrap();
    fs::write("a", "b");
    let mut file = fs::File::open("x");
    let sum = u64::from(file.metadata()) + u64::from(file.wait());
    backoff.sleep().await;
    let command = Command(String::new());
    let len = command.output().len() + command.spawn();
    let read = |x: u64| x;
    n + sum + len as u64 + map["a"].lock() + read(3) + [1, 2].iter().map(|x| read(*x)).sum::<u64>()
}

#[no_block(warn(all))]
pub async fn tokio_types(path: &Path) -> std::io::Result<String> {
    use tokio::fs::{self, File, OpenOptions};
    use tokio::io::AsyncReadExt;
    let mut file = File::open(path).await?;
    let mut text = String::new();
    file.read_to_string(&mut text).await?;
    fs::write(path, &text).await?;
    let later = fs::rename(path, "b");
    later.await?;
    OpenOptions::new().read(true).open(path).await?.metadata().await?;
    let mutex = tokio::sync::Mutex::new(1);
    *mutex.lock().await += 1;
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    sender.send(1).await.unwrap();
    receiver.recv().await;
    let mut child = tokio::process::Command::new("true").spawn()?;
    child.wait().await?;
    tokio::net::TcpStream::connect("localhost:80").await?;
    Ok(text)
}

#[no_block(warn(all))]
pub async fn elsewhere(path: PathBuf) -> std::io::Result<usize> {
    let there = path.clone();
    let len = offload(move || std::fs::read(there).map(|data| data.len())).await?;
    let there = path.clone();
    tokio::task::spawn_blocking(move || std::fs::read(there)).await??;
    tokio::task::block_in_place(|| std::fs::read(&path))?;
    std::thread::spawn(|| std::thread::sleep(Duration::from_millis(1)));
    allow_blocking!("a probe of the macro", std::fs::read(&path)?);
    guard_runtime::allow_blocking("a probe of the function", || path.exists());
    fn nested() -> bool {
        Path::new("a").exists()
    }
    tokio::task::spawn_blocking(nested).await?;
    let stored = || Path::new("b").exists();
    tokio::task::spawn_blocking(stored).await?;
    Ok(len)
}

#[no_block(warn(all))]
pub async fn joins(parts: Vec<String>, root: &Path) -> (String, PathBuf) {
    (parts.join(","), root.join("a").join("b"))
}

#[no_block(skip)]
pub async fn skipped(path: &Path) -> bool {
    path.exists()
}

/// What type is expected of a call, its arguments are told.
#[no_block(warn(all))]
pub async fn expected() -> Option<Box<dyn std::any::Any>> {
    fn read<T>(value: T) -> Option<T> {
        Some(value)
    }
    read(Box::new(5))
}

pub struct Configured;

#[no_block(warn(all))]
impl Configured {
    #[cfg_attr(all(), no_block(skip))]
    pub async fn skipped(path: &Path) -> bool {
        path.exists()
    }
}

#[no_block(allow(fs))]
pub async fn allowed(path: &Path) -> bool {
    path.exists()
}

/// The text that a failed assertion shows is the user's.
#[no_block(warn(all), allow(fs))]
pub async fn assertion(path: &Path) {
    assert!(path.exists());
}

#[no_block(warn(all))]
pub async fn macros(mut rx: tokio::sync::mpsc::Receiver<u8>, file: tokio::fs::File) -> std::io::Result<u64> {
    let (a, b) = tokio::join!(file.metadata(), tokio::fs::read("a"));
    println!("{:?} {len}", a?.len(), len = b?.len());
    let n = loop {
        tokio::select! {
            got = rx.recv() => match got {
                Some(n) if matches!(n, 1 | 2) => break u64::from(n),
                Some(_) => continue,
                None => return Ok(0),
            },
            found = file.metadata() => break found?.len(),
        }
    };
    assert_eq!(vec![n; 2].len(), 2, "{n}");
    Ok(n)
}

/// Runs elsewhere, or once.
#[no_block(warn(all))]
pub async fn handed_on(path: PathBuf) -> bool {
    async fn on_a_pool<T>(f: impl FnOnce() -> T) -> T {
        f()
    }
    static ONCE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let once = *ONCE.get_or_init(|| Path::new("a").exists());
    let limit = Duration::from_secs(1);
    once && tokio::time::timeout(limit, on_a_pool(move || path.exists())).await.is_ok()
}

/// Memory is read and written at once, whatever it is wrapped in.
#[no_block(warn(all))]
pub async fn memory(data: &[u8]) -> std::io::Result<String> {
    use std::fmt::Write as _;
    use std::io::{BufRead, BufReader, BufWriter, Cursor, Read, Seek, Write};
    let mut out = Vec::new();
    out.write_all(data)?;
    let mut buffered = BufWriter::new(&mut out);
    buffered.write_all(b"a")?;
    buffered.flush()?;
    drop(buffered);
    let mut cursor = Cursor::new(out);
    cursor.rewind()?;
    let mut text = String::new();
    cursor.read_to_string(&mut text)?;
    let mut reader = BufReader::new(data);
    reader.read_line(&mut text)?;
    text.write_str("b").unwrap();
    let mut numbers = [1, 2].iter();
    let count = numbers.next().into_iter().count() + data.lines().count() + text.split('x').count();
    let boxed: Box<dyn Read + Send> = Box::new(Cursor::new(vec![1]));
    Ok(format!("{count} {}", boxed.bytes().count()))
}

/// A time-out of zero does not wait.
#[no_block(warn(all))]
pub async fn at_once(receiver: std::sync::mpsc::Receiver<u8>) {
    _ = receiver.recv_timeout(Duration::ZERO);
    _ = receiver.recv_timeout(Duration::from_millis(0));
    for _ in receiver.try_iter() {}
    std::thread::sleep(Duration::from_secs(0));
}

/// An address in digits is not looked up.
#[no_block]
pub async fn digits(port: u16) -> std::io::Result<usize> {
    use std::net::ToSocketAddrs;
    let by_path = ToSocketAddrs::to_socket_addrs("127.0.0.1:80")?.count();
    Ok(by_path + "[::1]:80".to_socket_addrs()?.count() + ("127.0.0.1", port).to_socket_addrs()?.count())
}

pub struct Wrapped(std::sync::Mutex<u8>);

impl std::ops::Deref for Wrapped {
    type Target = std::sync::Mutex<u8>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Wrapped {
    pub fn lock(&self) -> u8 {
        2
    }
}

/// The wrapper's own method is called, not that of what it leads to.
#[no_block(warn(all))]
pub async fn wrapped(one: &Wrapped, own: Vec<u8>) -> u8 {
    let mut sum = one.lock();
    for x in &own {
        sum += x;
    }
    for x in own {
        sum += x;
    }
    sum
}

#[derive(Default)]
pub struct Report(String);

impl Report {
    pub fn write_fmt(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.0 += &arguments.to_string();
    }
}

#[no_block(warn(all))]
pub async fn formatted(report: &mut Report, parts: &mut (Report, u8)) -> std::fmt::Result {
    use std::fmt::Write;
    write!(report, "{}", 1);
    writeln!(&mut parts.0, "{}", parts.1);
    let mut text = String::new();
    write!(text, "a")?;
    writeln!(&mut text, "b")
}

pub struct Shelf;

impl Shelf {
    pub fn read_dir(&self) -> std::vec::IntoIter<u8> {
        vec![1].into_iter()
    }
}

#[no_block(warn(all))]
pub async fn listed(shelf: &Shelf) -> usize {
    let mut books = shelf.read_dir();
    let mut sum = books.next().map_or(0, usize::from);
    for book in books.by_ref().take(1) {
        sum += usize::from(book);
    }
    for book in shelf.read_dir() {
        sum += usize::from(book);
    }
    let entries = async { shelf.read_dir() }.await;
    sum + books.map(|book| book + 1).count() + entries.count()
}

mod doors {
    pub struct Path;

    impl Path {
        pub fn exists(_: &str) -> bool {
            true
        }
    }
}

#[no_block(warn(all))]
pub async fn by_path() -> bool {
    use doors::Path;
    struct Mine;
    impl Mine {
        fn sync_all(&self) {}
    }
    <Mine>::sync_all(&Mine);
    Path::exists("a") && <Path>::exists("b")
}

#[no_block(warn(all))]
pub async fn settled_later(text: &str, numbers: &[u8]) -> std::io::Result<u64> {
    let mut slot = None;
    let other = &mut slot;
    for number in numbers.iter().map(|number| (*number).into()) {
        let number: u64 = number;
        *other = Some(number);
    }
    let list = text.split(' ').map(|word| word.parse().unwrap_or_default()).collect::<Vec<_>>();
    let first = list[0];
    let found: u64 = first;
    let mut bytes = text.as_bytes();
    let parts = (&mut bytes, 1);
    let part = parts.0;
    Ok(std::io::copy(part, &mut std::io::sink())? + found + slot.unwrap_or(0))
}

fn main() {}
