#!/usr/bin/env bash
# Builds a small program as those who test optimised builds do (`opt-level` 1 to 3, thin and fat LTO, line tables alone, and
# none), arms its workers, and looks whether each blocking call is reported at its line, as the user's own, and nothing else.
#
#   ci/optimized.sh            two of them, as CI does
#   ci/optimized.sh all        each
#   ci/optimized.sh NAME...    some: one two three thin fat full no_lines no_symbols
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

QUICK="one fat"
ALL="one two three thin fat full no_lines no_symbols"
export CARGO_TERM_COLOR=never

if [ "$(uname -sm)" != "Linux x86_64" ] && [ "$(uname -sm)" != "Linux aarch64" ]; then
    echo "SKIPPED: hooks are for Linux"
    exit
fi
root=$PWD
target=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
crate=$target/optimized/blocks
mkdir -p "$crate/src"

profile() {
    printf '\n[profile.%s]\ninherits = "dev"\n' "$1"
    shift
    printf '%s\n' "$@"
}

{
    cat <<TOML
[package]
name = "blocks"
version = "0.0.0"
edition = "2021"

[workspace]

[dependencies]
guard-runtime = { path = "$root/guard-runtime" }
tokio = { version = "1.54", default-features = false, features = ["rt-multi-thread", "macros", "time"] }
TOML
    lines='debug = "line-tables-only"'
    profile one 'opt-level = 1' "$lines"
    profile two 'opt-level = 2' "$lines"
    profile three 'opt-level = 3' "$lines"
    profile thin 'opt-level = 3' 'lto = "thin"' "$lines"
    profile fat 'opt-level = 3' 'lto = "fat"' 'codegen-units = 1' "$lines"
    profile full 'opt-level = 3' 'debug = 2'
    profile no_lines 'opt-level = 3' 'debug = 0'
    profile no_symbols 'opt-level = 3' 'debug = 0' 'strip = "symbols"'
} >"$crate/Cargo.toml"

cat >"$crate/src/main.rs" <<'RUST'
use guard_runtime as _;
use std::thread::sleep;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(5);

async fn handler(n: u64) -> u64 {
    sleep(SHORT); // BLOCKS
    n
}

fn helper() -> bool {
    std::fs::metadata("Cargo.toml").is_ok() // BLOCKS
}

struct ByHand;

impl std::future::Future for ByHand {
    type Output = ();
    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        sleep(SHORT); // BLOCKS
        std::task::Poll::Ready(())
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    tokio::spawn(async { sleep(SHORT) /* BLOCKS */ }).await.unwrap();
    let twice = async {
        let a = handler(1).await;
        tokio::task::yield_now().await;
        a + handler(2).await
    };
    println!("{}", tokio::spawn(twice).await.unwrap());
    let _ = tokio::spawn(async { std::fs::read_to_string("/etc/hostname") /* BLOCKS */ }).await.unwrap();
    println!("{}", tokio::spawn(async { helper() }).await.unwrap());
    tokio::spawn(ByHand).await.unwrap();
    let limited = tokio::time::timeout(SHORT * 100, async { sleep(SHORT) /* BLOCKS */ });
    tokio::spawn(limited).await.unwrap().unwrap();
    // Where it may block.
    tokio::task::spawn_blocking(|| sleep(SHORT)).await.unwrap();
    tokio::spawn(async { tokio::task::block_in_place(|| sleep(SHORT)) }).await.unwrap();
    let local = tokio::task::spawn_blocking(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::sleep(SHORT).await });
    });
    local.await.unwrap();
    // Workers wait for work.
    tokio::time::sleep(SHORT * 4).await;
}
RUST

expected=$(grep -n BLOCKS "$crate/src/main.rs" | cut -d: -f1)

run() {
    local program found=0 line log=$target/optimized/$1.log
    CARGO_TARGET_DIR=$target/optimized cargo build --quiet --profile "$1" --manifest-path "$crate/Cargo.toml"
    program=$target/optimized/$1/blocks
    NO_BLOCK_ARM=workers NO_BLOCK_ACTION=log "$program" >"$log" 2>&1 || { cat "$log"; return 1; }
    case "$1" in
        # Nobody can say where: but that it was, and that it is nobody's known.
        no_lines) grep -q 'blocking call' "$log" && ! grep -q 'main.rs' "$log" || { cat "$log"; return 1; } ;;
        no_symbols) ! grep -q 'blocking call' "$log" && grep -q 'symbols' "$log" || { cat "$log"; return 1; } ;;
        *)
            for line in $expected; do
                grep -q "at src/main.rs:$line:" "$log" || { cat "$log"; echo "not reported: src/main.rs:$line"; return 1; }
                found=$((found + 1))
            done
            [ "$(grep -c 'blocking call' "$log")" -eq $found ] || { cat "$log"; echo "more than $found reports"; return 1; }
            ! grep -qE 'in dependency|package is unknown' "$log" || { cat "$log"; echo "not known as the user's own"; return 1; }
            ;;
    esac
}

case "${1:-}" in
    "") names=$QUICK ;;
    all) names=$ALL ;;
    *) names=$* ;;
esac
failed=
for name in $names; do
    start=$SECONDS
    set +e
    (set -e; run "$name")
    status=$?
    set -e
    [ $status -eq 0 ] || failed="$failed $name"
    printf '%-12s %-7s %4d s\n' "$name" "$([ $status -eq 0 ] && echo ok || echo FAILED)" $((SECONDS - start))
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
