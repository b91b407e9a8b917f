#!/usr/bin/env bash
# Puts `#[no_block(warn(all))]` on every async fn of published crates and says whether they still compile, warn as before
# and pass their tests; then plants one blocking call in each and looks whether it is warned about.
#
# And calls APIs of the catalogue in two major versions of the crates that have them: warned about in both, or silent where
# a version lacks the API; never an error.
#
#   ci/wild.sh                    every crate of the lists below
#   ci/wild.sh NAME...            some of them; `rows`, or `rows-NAME`: the APIs alone
#   WILD_TESTS=1 ci/wild.sh ...   runs their unit tests as well, with and without the attribute
#
# Needs cargo and python3. Works in the target folder; sources come from the registry, by name and version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v python3 >/dev/null || { echo "SKIPPED: wild needs python3"; exit 0; }
exec python3 - "$@" <<'PY'
import collections, json, os, re, shutil, subprocess, sys

# name, version, cargo's arguments
CRATES = [
    ("object_store", "0.12.4", "--no-default-features --features fs,http,aws"),
    ("redis", "0.32.7", "--features tokio-comp,aio,connection-manager"),
    ("rumqttc", "0.25.0", "--no-default-features"),
    ("tokio-tungstenite", "0.28.0", ""),
    ("bb8", "0.9.0", ""),
    ("deadpool", "0.12.3", "--features rt_tokio_1"),
    ("tower-http", "0.6.6", "--features full"),
    ("tokio-postgres", "0.7.13", ""),
    ("async-compression", "0.4.32", "--features tokio,gzip"),
    ("reqwest", "0.12.23", "--no-default-features --features json,stream"),
    ("tokio-util", "0.7.16", "--features full"),
    ("lapin", "3.7.2", "--no-default-features --features rustls--ring"),
]

root = os.getcwd()
meta = json.loads(subprocess.run(["cargo", "metadata", "--no-deps", "--format-version=1"], capture_output=True, text=True, check=True).stdout)
work = os.path.join(meta["target_directory"], "wild")
target = os.path.join(work, "target")
env = dict(os.environ, CARGO_TARGET_DIR=target, CARGO_TERM_COLOR="never")


def source(name, version):
    """The crate's source folder, fetched by cargo."""
    folder = os.path.join(work, "fetch", name)
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    open(os.path.join(folder, "src", "lib.rs"), "w").close()
    with open(os.path.join(folder, "Cargo.toml"), "w") as f:
        f.write(f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n{name} = {{ version = "={version}", default-features = false }}\n')
    out = subprocess.run(["cargo", "metadata", "--format-version=1"], cwd=folder, env=env, capture_output=True, text=True)
    if out.returncode:
        return None
    for package in json.loads(out.stdout)["packages"]:
        if package["name"] == name and package["version"] == version:
            return os.path.dirname(package["manifest_path"])


def copy(src, variant):
    name = os.path.basename(src)
    # The same path in both variants: then cargo builds the dependencies once, and messages are the same.
    to = os.path.join(work, variant, name)
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(src, to)
    subprocess.run(["chmod", "-R", "u+w", to])
    # Its versions may be older than what guard-runtime needs.
    if os.path.exists(os.path.join(to, "Cargo.lock")):
        os.remove(os.path.join(to, "Cargo.lock"))
    with open(os.path.join(to, "Cargo.toml"), "a") as f:
        f.write(f'\n[dependencies.guard-runtime]\npath = "{root}/guard-runtime"\n\n[workspace]\n')
    return to


ASYNC = re.compile(r"^(\s*)((?:pub(?:\([^)]*\))?\s+)?(?:unsafe )?async fn (\w+))")


def annotate(folder, plant):
    """Annotates every async fn with a body; returns how many, and where calls were planted."""
    count, planted = 0, []
    for at, _, files in os.walk(os.path.join(folder, "src")):
        for file in sorted(files):
            if not file.endswith(".rs"):
                continue
            path = os.path.join(at, file)
            lines = open(path).read().split("\n")
            out, depth_doc, doc = [], 0, False
            for i, line in enumerate(lines):
                found = ASYNC.match(line)
                # A signature may go on for lines: it has a body if a brace comes before a semicolon.
                rest = "\n".join(lines[i:i + 40])
                sig = re.search(r"[;{]", re.sub(r"\[[^\]]*;[^\]]*\]", "", rest[rest.find("fn "):]))
                if found and sig and sig.group() == "{" and "macro_rules!" not in "\n".join(lines[max(0, i - 30):i]):
                    # Above what makes a sync fn of it, such as `#[tokio::test]`.
                    above = len(out)
                    while above and re.match(r"\s*(#\[|//)", out[above - 1]):
                        above -= 1
                    makes_sync = [k for k in range(above, len(out)) if re.search(r"(::test|::main)\b", out[k])]
                    out.insert(makes_sync[0] if makes_sync else len(out), found.group(1) + "#[::guard_runtime::no_block(warn(all))]")
                    count += 1
                    # What comes after is compiled with the tests alone.
                    tests = any("#[cfg(test)]" in above for above in lines[:i])
                    if plant and not tests and line.rstrip().endswith("{"):
                        out.append(line)
                        out.append("::std::thread::sleep(::std::time::Duration::from_nanos(1));")
                        planted.append((os.path.relpath(path, folder), len(out)))
                        continue
                out.append(line)
            open(path, "w").write("\n".join(out))
    return count, planted


def check(folder, args, lib=True):
    out = subprocess.run(["cargo", "check", "--lib", "--message-format=json", *args.split()], cwd=folder, env=env, capture_output=True, text=True)
    messages = []
    for line in out.stdout.splitlines():
        try:
            m = json.loads(line)
        except ValueError:
            continue
        if m.get("reason") == "compiler-message" and m["manifest_path"].startswith(folder):
            messages.append(m["message"])
    return out.returncode, messages, out.stderr


def words(messages):
    """The other warnings, without places: the attribute's lines move those."""
    kinds = collections.Counter()
    for m in messages:
        ours = "in_async_code" in m["message"]
        if not ours and m["spans"] and "guard_runtime" not in m["message"]:
            kinds[m["message"]] += 1
    return kinds


def unit_tests(folder, args):
    out = subprocess.run(["cargo", "test", "--lib", *args.split(), "--", "--test-threads=2"], cwd=folder, env=dict(env, NO_BLOCK_ACTION="log", NO_BLOCK_OUTPUT=os.path.join(folder, "guard.log")), capture_output=True, text=True)
    names = sorted(set(re.findall(r"^test (\S+) \.\.\. (\w+)", out.stdout, re.M)))
    if out.returncode and not names:
        print(f"note: the tests of {os.path.basename(folder)} do not build here:", out.stderr.strip().splitlines()[-1:])
    return names, out.returncode


failed = []
chosen = [c for c in CRATES if not sys.argv[1:] or c[0] in sys.argv[1:]]
for name, version, args in chosen:
    src = source(name, version)
    if not src:
        print(f"SKIPPED: {name} {version} cannot be had")
        continue
    plain = copy(src, "crates")
    rc, before, err = check(plain, args)
    if rc:
        print(f"SKIPPED: {name} {version} does not compile here as it is: {err.strip().splitlines()[-1:]}")
        continue
    tests_before = unit_tests(plain, args) if os.environ.get("WILD_TESTS") else None
    annotated = copy(src, "crates")
    count, _ = annotate(annotated, plant=False)
    rc, after, err = check(annotated, args)
    errors = [m["rendered"] for m in after if m["level"] == "error"]
    ours = [m for m in after if "in_async_code" in m["message"]]
    lost, new = words(before) - words(after), words(after) - words(before)
    problem = []
    if rc or errors:
        problem.append(f"{len(errors)} errors\n" + "\n".join(errors[:4]) + ("" if errors else err[-1500:]))
    if lost or new:
        problem.append(f"other warnings lost {dict(lost)}, new {dict(new)}")
    if tests_before is not None and not problem:
        tests_after = unit_tests(annotated, args)
        if tests_after != tests_before:
            problem.append(f"tests differ: {sorted(set(tests_before[0]) ^ set(tests_after[0]))[:6]}")
    if not problem:
        _, planted = annotate(copy(src, "crates"), plant=True)
        _, messages, _ = check(annotated, args)
        seen = {(s["file_name"], s["line_start"]) for m in messages if "std::thread::sleep" in m["message"] for s in m["spans"]}
        # A file with one seen is compiled; what its `cfg`s leave out of it, the other variant of the fn stands for.
        compiled = {file for file, _ in seen}
        missed = [at for at in planted if at[0] in compiled and at not in seen]
        if not planted:
            print(f"note: {name}: no place to plant a call")
        elif not seen or len(missed) > len(planted) // 10:
            problem.append(f"of {len(planted)} planted calls, {len(seen)} were warned about; not: {missed[:8]}")
        else:
            print(f"     {len(seen)} of {len(planted)} planted calls warned about; the rest is not compiled here, {len(missed)} of it by a `cfg` in a file that is")
    tested = f", {len(tests_before[0])} tests" if tests_before else ""
    print(f"{name} {version}: {count} async fns{tested}, {len(ours)} warned calls: {'FAILED' if problem else 'ok'}")
    for m in ours[:8]:
        s = [s for s in m["spans"] if s["is_primary"]][0]
        print("    ", f'{s["file_name"]}:{s["line_start"]}', m["message"].split("`")[3])
    for text in problem:
        print(text)
    if problem:
        failed.append(name)

# name, versions, features, functions: a line with `// WARN` is warned about in each version that compiles it
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
]


def rows(name, version, features, code):
    folder = os.path.join(work, "rows", f"{name}-{version}")
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    more = {"diesel": 'libsqlite3-sys = { version = "*", features = ["bundled"] }\n', "rusqlite": 'parking_lot = "0.12"\n', "pbkdf2": 'sha2 = "0.10"\n'}.get(name, "")
    with open(os.path.join(folder, "Cargo.toml"), "w") as f:
        f.write(f'[package]\nname = "rows"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\nguard-runtime = {{ path = "{root}/guard-runtime" }}\n{more}{name} = {{ version = "{version}", features = {json.dumps(features)} }}\n')
    source = "#![forbid(unused_imports)]\n#![allow(dead_code)]\n" + re.sub(r"^async fn", "#[guard_runtime::no_block(warn(all))]\nasync fn", code.strip(), flags=re.M) + "\n"
    with open(os.path.join(folder, "src", "lib.rs"), "w") as f:
        f.write(source)
    rc, messages, err = check(folder, "")
    errors = [m["rendered"] for m in messages if m["level"] == "error"]
    if rc and not errors:
        return f"SKIPPED: {name} {version}: {err.strip().splitlines()[-1:]}"
    said = {s["line_start"] for m in messages if "in_async_code" in m["message"] for s in m["spans"] if s["is_primary"]}
    expected = {i + 1 for i, line in enumerate(source.split("\n")) if "// WARN" in line}
    if errors or said != expected:
        failed.append(f"{name}-{version}")
        return f"{name} {version}: FAILED: not warned {sorted(expected - said)}, unexpected {sorted(said - expected)}\n" + "\n".join(errors[:3])
    return f"{name} {version}: {len(said)} calls warned, the rest silent: ok"


for name, versions, features, code in ROWS:
    if not sys.argv[1:] or f"rows-{name}" in sys.argv[1:] or "rows" in sys.argv[1:]:
        for version in versions:
            print(rows(name, version, features, code))
print("wild:", "FAILED " + " ".join(failed) if failed else "all as before")
sys.exit(1 if failed else 0)
PY
