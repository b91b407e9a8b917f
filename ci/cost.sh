#!/usr/bin/env bash
# What the first report of a process costs, in user and system time, in the plain dev profile: `ci/cost.sh`. Two programs, one
# with tokio alone and one of about 100 MB, each run in turn with and without one blocking call in a task of an armed worker.
# `ROUNDS=40` runs each as often. With valgrind, also the instructions, which no other load of the machine changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(uname -s)" = Linux ] || { echo "SKIPPED: hooks are for Linux"; exit 0; }
export CARGO_TERM_COLOR=never

root=$PWD
target=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
work=$target/cost
program() {
    mkdir -p "$work/$1/src"
    cat >"$work/$1/Cargo.toml" <<TOML
[package]
name = "$1"
version = "0.0.0"
edition = "2021"

[workspace]

[dependencies]
guard-runtime = { path = "$root/guard-runtime" }
tokio = { version = "1.54", features = ["full"] }
TOML
    cat >"$work/$1/src/main.rs"
}
program tiny <<'RUST'
use guard_runtime as _;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::args().nth(1).is_some() {
        tokio::spawn(async { std::fs::read("/etc/hostname").is_ok() }).await.unwrap();
    }
}
RUST
program large <<'RUST'
use guard_runtime as _;

/// What is in the program, though it is not called.
#[allow(dead_code)]
async fn service() {
    let app: axum::Router = axum::Router::new().route("/", axum::routing::get(|| async { "" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{:?}", regex::Regex::new("a+b").unwrap().find("aab"));
    println!("{:?}", rusqlite::Connection::open_in_memory().unwrap().execute("select 1", ()));
    println!("{:?}", syn::parse_str::<syn::File>("fn main() {}").unwrap());
    println!("{:?}", object::File::parse(&[0_u8][..]));
    println!("{:?}", clap::Command::new("large").try_get_matches());
    axum::serve(listener, app).await.unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => service().await,
        Some(_) => assert!(tokio::spawn(async { std::fs::read("/etc/hostname").is_ok() }).await.unwrap()),
        None => {}
    }
}
RUST
cat >>"$work/large/Cargo.toml" <<'TOML'
axum = "0.8"
clap = { version = "4", features = ["derive"] }
object = { version = "0.36", features = ["all"] }
regex = "1"
rusqlite = { version = "0.37", features = ["bundled"] }
syn = { version = "2", features = ["full", "extra-traits", "visit", "fold"] }
TOML

python3 - "$work" "${ROUNDS:-20}" <<'PY'
import os, re, resource, shutil, subprocess, sys

work, rounds = sys.argv[1], int(sys.argv[2])
env = dict(os.environ, CARGO_TARGET_DIR=os.path.join(work, "target"))
armed = dict(os.environ, NO_BLOCK_ARM="workers", NO_BLOCK_ACTION="log", NO_BLOCK_FORMAT="text")


def cpu(command, env):
    """Milliseconds of user and system time."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return 1e3 * (usage.ru_utime + usage.ru_stime)

    before = used()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return used() - before


def instructions(command):
    run = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    out = subprocess.run(run, env=armed, capture_output=True, text=True).stderr
    return int(re.search(r"Collected : (\d+)", out)[1]) / 1e6


for name in ["tiny", "large"]:
    folder = os.path.join(work, name)
    if subprocess.run(["cargo", "build", "--quiet"], cwd=folder, env=env).returncode:
        print(f"SKIPPED: {name} cannot be built")
        continue
    program = os.path.join(work, "target", "debug", name)
    pairs = [(cpu([program], armed), cpu([program, "block"], armed)) for _ in range(rounds)]
    without, with_one = (sum(column) / rounds for column in zip(*pairs))
    size = os.path.getsize(program) / 1e6
    text = f"{name}, {size:.0f} MB: {without:.1f} ms without a finding, {with_one:.1f} ms with one: {with_one - without:+.1f} ms"
    if shutil.which("valgrind"):
        text += f", {instructions([program, 'block']) - instructions([program]):+.0f} million instructions"
    print(text)
PY
