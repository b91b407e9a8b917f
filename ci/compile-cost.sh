#!/usr/bin/env bash
# What the attribute costs in `cargo check`: a crate of 500 async fns of five candidate calls each, as it is, with
# `#[no_block]`, and with `#[tracing::instrument]`. Prints instructions where `perf` counts them here, else seconds of
# processor time (the best of five, in turns: the machine may be busy with others), and ratios.
#
# Fails where `#[no_block]` costs more than `#[tracing::instrument]`, by more than what such a measurement is off by.
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

# Whether instructions can be counted here: they do not depend on who else is at work.
counted() {
    perf stat -x, -e instructions:u -o "$work/perf" true 2>/dev/null && grep -q '^[0-9]' "$work/perf"
}

if counted; then unit="G instr." margin=1.02 rounds=2; else unit=s margin=1.1 rounds=5; fi

check() {
    cd "$work"
    CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$target/compile-cost-target" "$@" cargo check --quiet >&2
}

# What one `cargo check` of the crate alone takes: millions of instructions, or milliseconds that this subshell's children
# have used.
once() {
    touch "$work/src/lib.rs"
    if [ "$unit" = s ]; then
        (check)
        times >"$work/times"
        tail -n 1 "$work/times" | awk -F'[ms ]+' '{ printf "%d\n", ($1 * 60 + $2 + $3 * 60 + $4) * 1000 }'
    else
        (check perf stat -x, -e instructions:u -o "$work/perf")
        awk -F, '/^[0-9]/ { printf "%d\n", $1 / 1000000 }' "$work/perf"
    fi
}

attributes=("" "#[guard_runtime::no_block]" "#[tracing::instrument(skip_all)]")
best=("" "" "")
# The first round builds the dependencies.
for round in $(seq 0 "$rounds"); do
    for which in 0 1 2; do
        write "${attributes[which]}"
        now=$(once)
        if [ "$round" != 0 ] && { [ -z "${best[which]}" ] || [ "$now" -lt "${best[which]}" ]; }; then best[which]=$now; fi
    done
done

awk -v p="${best[0]}" -v g="${best[1]}" -v t="${best[2]}" -v unit="$unit" -v margin="$margin" 'BEGIN {
    printf "plain      %6.2f %s\n", p / 1000, unit
    printf "no_block   %6.2f %s  x%.2f\n", g / 1000, unit, g / p
    printf "instrument %6.2f %s  x%.2f\n", t / 1000, unit, t / p
    if (g > t * margin) {
        printf "compile-cost: FAILED: no_block costs x%.2f of what instrument does\n", g / t
        exit 1
    }
}'
