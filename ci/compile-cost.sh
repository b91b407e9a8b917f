#!/usr/bin/env bash
# What the attribute costs in `cargo check`: a crate of 500 async fns of five candidate calls each, as it is, with
# `#[no_block]`, and with `#[tracing::instrument]`. Prints seconds of processor time (the best of three: the machine may be
# busy with others) and ratios.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
work=$target/compile-cost
mkdir -p "$work/src"
cat >"$work/Cargo.toml" <<EOF
[package]
name = "compile-cost"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
guard-runtime = { path = "$root/guard-runtime" }
tracing = "0.1"
EOF

# write ATTRIBUTE: the crate with that line above each fn.
write() {
    {
        echo '#![allow(deprecated)]'
        for i in $(seq 1 "${FNS:-500}"); do
            cat <<EOF
$1
pub async fn handler_$i(path: &std::path::Path, lock: &std::sync::Mutex<u64>) -> std::io::Result<u64> {
    if !path.exists() {
        std::fs::write(path, b"$i")?;
    }
    let file = std::fs::File::open(path)?;
    let len = file.metadata()?.len();
    *lock.lock().unwrap() += len;
    Ok(len + $i)
}
EOF
        done
    } >"$work/src/lib.rs"
}

# Milliseconds of processor time of one `cargo check` of the crate alone: what this subshell's children have used.
once() {
    touch "$work/src/lib.rs"
    (cd "$work" && CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$target/compile-cost-target" cargo check --quiet) >&2
    times >"$work/times"
    tail -n 1 "$work/times" | awk -F'[ms ]+' '{ printf "%d\n", ($1 * 60 + $2 + $3 * 60 + $4) * 1000 }'
}

best() {
    write "$1"
    local best=
    for round in 0 1 2 3; do
        local ms
        ms=$(once)
        # The first round builds the dependencies.
        [ "$round" = 0 ] && continue
        if [ -z "$best" ] || [ "$ms" -lt "$best" ]; then best=$ms; fi
    done
    echo "$best"
}

plain=$(best "")
guarded=$(best "#[guard_runtime::no_block]")
traced=$(best "#[tracing::instrument(skip_all)]")
awk -v p="$plain" -v g="$guarded" -v t="$traced" 'BEGIN {
    printf "plain      %6.2f s\n", p / 1000
    printf "no_block   %6.2f s  x%.2f\n", g / 1000, g / p
    printf "instrument %6.2f s  x%.2f\n", t / 1000, t / p
}'
