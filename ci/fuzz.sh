#!/usr/bin/env bash
# Fuzzes the expander of `#[no_block]` for a minute, or for the number of seconds given: `ci/fuzz.sh 600`. Before that, for
# a fifth of that time, generated fns are compiled with and without the attribute, other ones each time.
#
# Needs cargo-fuzz and a nightly toolchain; without cargo-fuzz it says so and at least runs what the fuzzer would run on
# a nightly's or stable's test build: the random bodies of the unit tests, ten times as many.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}

# What rustc says of either: the same warnings at the same places (`tests/generated.rs`).
seed=$(date +%s)
until=$((SECONDS + seconds / 5 + 1))
while [ "$SECONDS" -lt "$until" ]; do
    echo "generated fns: GENERATED_SEED=$seed"
    GENERATED=${GENERATED:-1000} GENERATED_SEED=$seed cargo test --quiet -p guard-tests --test generated
    seed=$((seed + 1))
done

if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
    echo "SKIPPED: fuzz needs cargo-fuzz (\`cargo install cargo-fuzz\`) and a nightly toolchain; random bodies instead"
    RANDOM_BODIES=${RANDOM_BODIES:-20000} cargo test -p guard-runtime-macros --release --lib random_bodies
    exit 0
fi
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
CARGO_TARGET_DIR=$target/fuzz cargo +nightly fuzz run --fuzz-dir fuzz expander -- "-max_total_time=$seconds" -max_len=4096
