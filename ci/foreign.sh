#!/usr/bin/env bash
# Runs the test suite of a published crate with all workers armed and without, and prints both times, both results and what
# was found: `ci/foreign.sh [NAME VERSION [CARGO'S ARGUMENTS...]]`; without any, wiremock's. `ROUNDS=5` runs each as often,
# in turn.
#
# The crate's source comes from the registry; each of its test programs gets `use guard_runtime as _;`, and nothing else is
# changed. Works in the target folder, in the plain dev profile. What cannot be had, or fails as it is, is SKIPPED.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:-wiremock}
version=${2:-0.6.5}
if [ $# -gt 2 ]; then arguments=("${@:3}"); else arguments=(); fi
[ $# -gt 0 ] || arguments=(--tests)
rounds=${ROUNDS:-3}
export CARGO_TERM_COLOR=never

skip() {
    echo "SKIPPED: $*"
    exit 0
}

root=$PWD
target=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
work=$target/foreign
mkdir -p "$work/fetch/src"
: >"$work/fetch/src/lib.rs"
cat >"$work/fetch/Cargo.toml" <<TOML
[package]
name = "fetch"
version = "0.0.0"
edition = "2021"

[workspace]

[dependencies]
$name = "=$version"
TOML
(cd "$work/fetch" && cargo fetch --quiet) 2>"$work/log" || skip "$name $version cannot be fetched"
manifest=$(cd "$work/fetch" && cargo metadata --format-version 1 --offline |
    tr ',' '\n' | sed -n "s|.*\"manifest_path\":\"\(.*/$name-$version/Cargo.toml\)\".*|\1|p" | head -n 1)
[ -n "$manifest" ] || skip "$name $version is not where cargo keeps sources"
crate=$work/$name-$version
rm -rf "$crate"
cp -r "$(dirname "$manifest")" "$crate"
chmod -R u+w "$crate"

# As a workspace of its own, with one more dependency for its tests.
printf '\n[dev-dependencies.guard-runtime]\npath = "%s/guard-runtime"\n' "$root" >>"$crate/Cargo.toml"
grep -q '^\[workspace' "$crate/Cargo.toml" || printf '\n[workspace]\n' >>"$crate/Cargo.toml"
rm -f "$crate/Cargo.lock"
arm() {
    [ ! -f "$1" ] || printf '\n%suse guard_runtime as _;\n' "$2" >>"$1"
}
arm "$crate/src/lib.rs" '#[cfg(test)] '
for test in "$crate"/tests/*.rs; do arm "$test" ''; done

suite() {
    (cd "$crate" && CARGO_TARGET_DIR=$work/target "$@" cargo test --quiet "${arguments[@]}" 2>&1)
}
echo "building $name $version ..."
suite env >"$work/plain.log" || { tail -n 20 "$work/plain.log"; skip "its tests fail as they are"; }

results() {
    sed -n 's/^test result: \(.*\); finished.*/\1/p' "$1" | sort | uniq -c
}
# Wall time, and that of the processors.
measure() {
    local start
    start=$(date +%s%N)
    TIMEFORMAT='%U %S'
    { time suite env "${@:2}" >"$work/$1.log" || true; } 2>"$work/$1.cpu"
    printf '%s %s\n' $((($(date +%s%N) - start) / 1000000)) "$(tail -n 1 "$work/$1.cpu")" >>"$work/$1.times"
}
rm -f "$work"/*.times "$work/findings"
for _ in $(seq "$rounds"); do
    measure plain NO_BLOCK_ACTION=off
    rm -f "$work/findings"
    measure armed NO_BLOCK_ARM=workers NO_BLOCK_ACTION=log NO_BLOCK_FORMAT=json "NO_BLOCK_OUTPUT=$work/findings"
done
best() {
    sort -n "$work/$1.times" | head -n 1
}
read -r plain plain_user plain_sys < <(best plain)
read -r armed armed_user armed_sys < <(best armed)
echo "plain: $plain ms, ${plain_user} s + ${plain_sys} s; $(results "$work/plain.log")"
echo "armed: $armed ms, ${armed_user} s + ${armed_sys} s; $(results "$work/armed.log")"
echo "x$(awk "BEGIN { printf \"%.2f\", $armed / $plain }") of the time, the best of $rounds"
[ "$(results "$work/plain.log")" = "$(results "$work/armed.log")" ] || { echo "the results differ"; exit 1; }
places() {
    grep '"kind"' "$work/findings" | sed 's/.*"kind":"\([^"]*\)","api":"\([^"]*\)","engine":"[^"]*","location":\("[^"]*"\|null\).*/\1 \2 \3/'
}
[ -s "$work/findings" ] || { echo "nothing was found"; exit 0; }
echo "found, by how many test programs:"
places | sort | uniq -c | sort -rn
