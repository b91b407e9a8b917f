"""APIs of the catalogue as their crates have them: name, versions, features, functions.

A line with `// WARN` is warned about in each version that compiles it, every other line is not.
"""

BLOCK_ON = """
async fn f() -> u8 {
    PATH::block_on(async { 1 }) // WARN
}
async fn g() -> u8 {
    use PATH::block_on;
    block_on(std::future::ready(1)) // WARN
}"""

ROWS = [
    ("rusqlite", ["0.31", "0.37"], ["bundled"], """
async fn f(c: &rusqlite::Connection) -> rusqlite::Result<()> {
    c.execute("x", [])?; // WARN
    let mut s = c.prepare("x")?; // WARN
    let mut rows = s.query([])?; // WARN
    rows.next()?; // WARN
    Ok(())
}
async fn g(c: &std::sync::Arc<parking_lot::Mutex<rusqlite::Connection>>) -> rusqlite::Result<usize> {
    let c = c.lock(); // WARN
    c.execute("x", []) // WARN
}"""),
    ("redis", ["0.27", "0.32"], [], """
async fn f(c: &redis::Client) -> redis::RedisResult<i32> {
    use redis::Commands;
    let mut c = c.get_connection()?; // WARN
    c.set::<_, _, ()>("a", 1)?; // WARN
    redis::cmd("PING").query(&mut c) // WARN
}"""),
    ("reqwest", ["0.11", "0.12"], ["blocking", "json"], """
async fn f(c: &reqwest::blocking::Client) -> reqwest::Result<String> {
    reqwest::blocking::get("http://a")?; // WARN
    c.get("http://a").send()?.text() // WARN
}
async fn g(c: &reqwest::Client) -> reqwest::Result<String> {
    let sent = c.get("http://a").send().await?;
    let text = sent.text();
    text.await
}"""),
    ("dashmap", ["5", "6"], [], """
async fn f(m: &dashmap::DashMap<u8, std::sync::Mutex<u8>>) -> Option<u8> {
    m.contains_key(&1); // WARN
    let found = m.get(&1)?; // WARN
    let held = *found.lock().ok()?; // WARN
    Some(held)
}"""),
    ("parking_lot", ["0.11", "0.12"], [], """
async fn f(m: &parking_lot::Mutex<std::fs::File>, rw: &parking_lot::RwLock<u8>) -> std::io::Result<u8> {
    m.lock().sync_all()?; // WARN
    let mut held = m.lock(); // WARN
    std::io::Write::write_all(&mut *held, b"a")?; // WARN
    writeln!(held, "a")?; // WARN
    m.try_lock();
    Ok(*rw.read()) // WARN
}
use std::io::Write;"""),
    ("event-listener", ["2"], [], """
async fn f(e: &event_listener::Event) {
    e.listen().wait(); // WARN
    e.listen().await;
}"""),
    ("event-listener", ["5"], [], """
use event_listener::Listener;
async fn f(e: &event_listener::Event) {
    e.listen().wait(); // WARN
    e.listen().await;
}"""),
    ("walkdir", ["2"], [], """
async fn f(p: &std::path::Path) {
    for entry in walkdir::WalkDir::new(p).min_depth(1) { // WARN
        drop(entry);
    }
    for name in ["a"] {
        let _ = name;
    }
}"""),
    ("crossbeam-channel", ["0.4", "0.5"], [], """
async fn f(r: &crossbeam_channel::Receiver<u8>, s: &crossbeam_channel::Sender<u8>) -> u8 {
    let _ = (s.send(1), r.try_recv());
    for x in r { // WARN
        return x;
    }
    r.iter().count() as u8 + r.recv().unwrap_or(1) // WARN
}"""),
    ("tempfile", ["3"], [], """
async fn f() -> std::io::Result<()> {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new()?; // WARN
    writeln!(file, "a")?; // WARN
    file.as_file().sync_all()?; // WARN
    file.reopen()?; // WARN
    Ok(())
}"""),
    ("diesel", ["2"], ["sqlite", "r2d2"], """
use diesel::prelude::*;
async fn f(c: &mut SqliteConnection) -> QueryResult<usize> {
    let n = diesel::sql_query("x").execute(c)?; // WARN
    Ok(n + diesel::sql_query("x").execute(c)?) // WARN
}
async fn g(p: &diesel::r2d2::Pool<diesel::r2d2::ConnectionManager<SqliteConnection>>) -> QueryResult<usize> {
    let Ok(c) = p.get() else { return Ok(0) };
    let mut own: diesel::r2d2::PooledConnection<diesel::r2d2::ConnectionManager<SqliteConnection>> = c;
    diesel::sql_query("x").execute(&mut own) // WARN
}"""),
    ("redb", ["1", "2"], [], """
async fn f(d: &redb::Database) {
    let _ = redb::Database::open("a"); // WARN
    let t = d.begin_write().unwrap(); // WARN
    t.commit().unwrap();
}"""),
    ("fs-err", ["2", "3"], [], """
async fn f(p: &std::path::Path) -> std::io::Result<()> {
    use std::io::Read;
    fs_err::write(p, "a")?; // WARN
    let mut file = fs_err::File::open(p)?; // WARN
    file.read_to_end(&mut Vec::new())?; // WARN
    Ok(())
}"""),
    ("crossterm", ["0.27", "0.28"], [], """
async fn f() -> std::io::Result<()> {
    crossterm::event::read()?; // WARN
    crossterm::event::poll(std::time::Duration::ZERO)?;
    Ok(())
}"""),
    ("nix", ["0.26", "0.29"], ["process"], """
async fn f(p: nix::unistd::Pid) -> nix::Result<()> {
    use nix::sys::wait::{waitpid, WaitPidFlag};
    waitpid(p, None)?; // WARN
    waitpid(p, Some(WaitPidFlag::WNOHANG))?;
    Ok(())
}"""),
    ("serde_json", ["1"], [], """
async fn f(p: &std::path::Path) -> serde_json::Result<u8> {
    let Ok(file) = std::fs::File::open(p) else { return Ok(1) }; // WARN
    serde_json::from_reader(file) // WARN
}
async fn g(p: &[u8]) -> serde_json::Result<u8> {
    serde_json::from_reader(p)
}"""),
    ("pbkdf2", ["0.12"], ["hmac"], """
async fn f() {
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(b"a", b"b", 1, &mut [0; 9]); // WARN
}"""),
    ("rayon", ["1"], [], """
use rayon::prelude::*;
async fn f(v: &[u8], mut w: Vec<u8>) -> usize {
    w.par_sort_unstable(); // WARN
    v.par_iter().map(|x| usize::from(*x)).sum() // WARN
}"""),
    ("flume", ["0.10", "0.11"], [], """
async fn f(r: &flume::Receiver<u8>, s: &flume::Sender<u8>) -> u8 {
    let _ = s.send_async(1).await;
    for x in r { // WARN
        return x;
    }
    r.recv().unwrap_or(1) + r.try_recv().unwrap_or(1) + r.iter().next().unwrap_or(1) // WARN
}"""),
    ("postgres", ["0.19"], [], """
async fn f() -> Result<u64, postgres::Error> {
    let mut c = postgres::Client::connect("a", postgres::NoTls)?; // WARN
    let mut t = c.transaction()?; // WARN
    let n = t.execute("a", &[])?; // WARN
    t.commit()?; // WARN
    c.query("a", &[])?; // WARN
    Ok(n)
}"""),
    ("r2d2", ["0.8"], [], """
async fn f<M: r2d2::ManageConnection>(p: &r2d2::Pool<M>) -> Result<bool, r2d2::Error> {
    let one = p.get()?; // WARN
    let two = p.try_get();
    drop(one);
    Ok(two.is_some())
}"""),
    ("ureq", ["2"], [], """
async fn f(a: &ureq::Agent) -> Result<(), Box<dyn std::error::Error>> {
    ureq::get("http://a").call()?; // WARN
    a.post("http://a").send_string("b")?; // WARN
    Ok(())
}"""),
    ("ureq", ["3"], [], """
async fn f(a: &ureq::Agent) -> Result<(), Box<dyn std::error::Error>> {
    ureq::get("http://a").call()?; // WARN
    a.post("http://a").send_empty()?; // WARN
    Ok(())
}"""),
    ("url", ["2"], [], """
async fn f(u: &url::Url) -> bool {
    u.socket_addrs(|| None).is_ok() // WARN
}"""),
    ("rustls-native-certs", ["0.7", "0.8"], [], """
async fn f() {
    let _ = rustls_native_certs::load_native_certs(); // WARN
}"""),
    ("fs2", ["0.4"], [], """
use fs2::FileExt;
async fn f(file: &std::fs::File) -> std::io::Result<u64> {
    file.lock_exclusive()?; // WARN
    file.allocate(9)?; // WARN
    file.try_lock_exclusive()?;
    fs2::free_space("a") // WARN
}"""),
    ("camino", ["1"], [], """
async fn f(p: &camino::Utf8Path, b: camino::Utf8PathBuf) -> std::io::Result<bool> {
    let entries = p.read_dir_utf8()?; // WARN
    for entry in entries.flatten() { // WARN
        entry.metadata()?; // WARN
    }
    Ok(p.exists() // WARN
        && b.is_absolute())
}"""),
    ("tar", ["0.4"], [], """
async fn f(a: &mut tar::Archive<std::fs::File>, b: &mut tar::Builder<Vec<u8>>) -> std::io::Result<()> {
    a.unpack("a")?; // WARN
    b.append_path("b")?; // WARN
    b.append_dir_all("a", "b") // WARN
}"""),
    ("zip", ["0.6", "2"], [], """
async fn f(a: &mut zip::ZipArchive<std::fs::File>) -> zip::result::ZipResult<()> {
    a.extract("a") // WARN
}"""),
    ("flate2", ["1"], [], """
use std::io::{Read, Write};
async fn f(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    e.write_all(data)?; // WARN
    let packed = e.finish()?; // WARN
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut out)?; // WARN
    out.write_all(data)?;
    Ok(out)
}"""),
    ("zstd", ["0.12", "0.13"], [], """
async fn f(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let packed = zstd::encode_all(data, 0)?; // WARN
    zstd::bulk::compress(&packed, 0)?; // WARN
    zstd::decode_all(&packed[..]) // WARN
}"""),
    ("bcrypt", ["0.15", "0.17"], [], """
async fn f() -> Result<bool, bcrypt::BcryptError> {
    let hash = bcrypt::hash("a", 4)?; // WARN
    bcrypt::verify("a", &hash) // WARN
}"""),
    ("argon2", ["0.4", "0.5"], ["std"], """
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
async fn f(salt: &SaltString) -> Result<(), argon2::password_hash::Error> {
    let hash = argon2::Argon2::default().hash_password(b"a", salt)?.to_string(); // WARN
    argon2::Argon2::default().verify_password(b"a", &PasswordHash::new(&hash)?) // WARN
}"""),
    ("git2", ["0.18", "0.20"], [], """
async fn f() -> Result<(), git2::Error> {
    let r = git2::Repository::open("a")?; // WARN
    r.find_remote("origin")?.fetch(&["main"], None, None)?; // WARN
    Ok(())
}"""),
    ("pollster", ["0.3", "0.4"], [], BLOCK_ON.replace("PATH", "pollster")),
    ("smol", ["1", "2"], [], BLOCK_ON.replace("PATH", "smol")),
    ("async-io", ["1", "2"], [], BLOCK_ON.replace("PATH", "async_io")),
    ("async-std", ["1"], [], BLOCK_ON.replace("PATH", "async_std::task")),
    ("futures", ["0.3"], ["executor"], BLOCK_ON.replace("PATH", "futures::executor") + """
async fn streamed() -> usize {
    let mut pool = futures::executor::LocalPool::new();
    pool.run(); // WARN
    futures::executor::block_on_stream(futures::stream::iter([1])).count() // WARN
}"""),
]
