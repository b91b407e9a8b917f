#!/usr/bin/env bash
# Builds tests/portability in every way that matters and runs it: `ci/portability.sh` the quick ones, as CI does,
# `ci/portability.sh all` the slow ones too (other allocators, fat LTO, sanitizers), `ci/portability.sh NAME...` some.
# What cannot be had on this machine prints a line `SKIPPED: ...` and is passed over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

QUICK="debug plugin no_features off fuzzing_builds musl release links coverage"
SLOW="fat_lto jemalloc fuzzing static_glibc asan tsan"
NIGHTLY=nightly
HOST=$(rustc -vV | sed -n 's/^host: //p')

export CARGO_TERM_COLOR=never
target_dir=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

skip() {
    echo "SKIPPED: $*"
}

toolchain() {
    rustup run "$1" rustc --version >/dev/null 2>&1 ||
        rustup toolchain install "$1" --profile minimal --no-self-update >/dev/null 2>&1
}

target() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ] || rustup target add "$1" >/dev/null 2>&1
}

# Builds the program with cargo's arguments $2.. into a folder of its own, $1, and prints where it is.
build() {
    local folder=$target_dir/portability/$1
    shift
    CARGO_TARGET_DIR=$folder cargo "$@" --quiet -p guard-portability --bin portability >&2
    find "$folder" -path '*/deps/*' -prune -o -path '*/build/*' -prune -o -name portability -type f -print | head -n 1
}

# Runs the program $1 with the rest as arguments; shows its output only if it fails.
expect() {
    "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out"; echo "failed: $*"; return 1; }
    tail -n 1 "$scratch/out" | grep -q '^right$' || { cat "$scratch/out"; return 1; }
}

armed_everywhere() {
    expect "$1" armed
    expect "$1" armed fork
    expect "$1" armed exec
    expect "$1" armed threads
}

run_debug() {
    local program
    program=$(build debug build)
    armed_everywhere "$program"
}

# Coverage counts by statics of its own, in the user's code and in what the macros make of it.
run_coverage() {
    local program
    program=$(RUSTFLAGS="${RUSTFLAGS:-} -C instrument-coverage" LLVM_PROFILE_FILE=$scratch/build-%p.profraw build coverage build)
    LLVM_PROFILE_FILE=$scratch/run-%p.profraw armed_everywhere "$program"
}

run_plugin() {
    local folder=$target_dir/portability/debug program
    program=$(build debug build)
    CARGO_TARGET_DIR=$folder cargo rustc --quiet -p guard-portability --lib --crate-type cdylib
    expect "$program" armed plugin "$folder/debug/libguard_portability.so"
}

run_no_features() {
    expect "$(build debug build --no-default-features)" off
}

run_off() {
    expect "$(NO_BLOCK_BUILD=off build debug build)" off
}

run_fuzzing_builds() {
    cargo rustc --quiet -p guard-runtime --lib -- --cfg fuzzing -D warnings
}

run_fuzzing() {
    expect "$(RUSTFLAGS="--cfg fuzzing" build fuzzing build)" off
}

run_musl() {
    local target=x86_64-unknown-linux-musl program
    target $target || { skip "the target $target cannot be installed"; return; }
    program=$(build musl build --target $target)
    # The smallest containers hold such a program: no interpreter, and loaded anywhere.
    ! grep -aq '/lib/ld-musl' "$program" || { echo "not static: $program"; return 1; }
    armed_everywhere "$program"
}

# Optimized, one codegen unit, no unwinding, without symbols.
run_release() {
    local program
    program=$(CARGO_PROFILE_RELEASE_LTO=thin CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=debuginfo \
        build release build --release --features always)
    armed_everywhere "$program"
    # Without `always` nothing of the guard is there.
    expect "$(CARGO_PROFILE_RELEASE_LTO=thin CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=debuginfo \
        build release build --release)" off
}

run_fat_lto() {
    local program
    program=$(CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
        build fat_lto build --release --features always)
    armed_everywhere "$program"
}

run_jemalloc() {
    command -v make >/dev/null || { skip "jemalloc needs make"; return; }
    local program
    program=$(build jemalloc build --features jemalloc)
    armed_everywhere "$program"
}

# glibc linked statically has no next definition to forward to.
run_static_glibc() {
    local program
    program=$(RUSTFLAGS="-C target-feature=+crt-static" build static_glibc build --target "$HOST") ||
        { skip "no static glibc to link to"; return; }
    expect "$program" off
}

sanitized() {
    toolchain "$NIGHTLY" || { skip "a nightly toolchain cannot be installed"; return; }
    local program
    program=$(RUSTFLAGS="-Zsanitizer=$1 -Cunsafe-allow-abi-mismatch=sanitizer" \
        build "$1" "+$NIGHTLY" build --target "$HOST") || { skip "the $1 sanitizer cannot be had"; return; }
    echo "$program" >"$scratch/program"
}

run_asan() {
    sanitized address
    [ ! -f "$scratch/program" ] || ASAN_OPTIONS=detect_leaks=0 armed_everywhere "$(cat "$scratch/program")"
}

# It has functions of its own in libc's place, and the hooks leave them in force.
run_tsan() {
    sanitized thread
    # std is not instrumented, so what it synchronises looks like races.
    [ ! -f "$scratch/program" ] || TSAN_OPTIONS=report_bugs=0 expect "$(cat "$scratch/program")" off
}

# Two versions in one graph would both define the hooks: cargo refuses them, and says which.
run_links() {
    local crate
    for version in 0.1.0 0.2.0; do
        crate=$scratch/$version
        mkdir -p "$crate/src"
        touch "$crate/src/lib.rs"
        sed -n '/^links/p' guard-runtime/Cargo.toml >"$scratch/links"
        grep -q . "$scratch/links" || { echo "no links in guard-runtime/Cargo.toml"; return 1; }
        { printf '[package]\nname = "guard-runtime"\nversion = "%s"\nedition = "2021"\nbuild = "build.rs"\n' $version
            cat "$scratch/links"; printf '[workspace]\n'; } >"$crate/Cargo.toml"
        echo 'fn main() {}' >"$crate/build.rs"
    done
    mkdir -p "$scratch/user/src"
    touch "$scratch/user/src/lib.rs"
    cat >"$scratch/user/Cargo.toml" <<-TOML
	[package]
	name = "user"
	version = "0.0.0"
	edition = "2021"
	[workspace]
	[dependencies]
	one = { package = "guard-runtime", path = "../0.1.0" }
	two = { package = "guard-runtime", path = "../0.2.0" }
	TOML
    if (cd "$scratch/user" && cargo metadata --offline --format-version 1) >/dev/null 2>"$scratch/refusal"; then
        echo "two versions in one graph were not refused"
        return 1
    fi
    grep -q 'links to the native library `guard-runtime`' "$scratch/refusal" || { cat "$scratch/refusal"; return 1; }
}

case "${1:-}" in
    "") names=$QUICK ;;
    all) names="$QUICK $SLOW" ;;
    list) printf '%s\n' $QUICK $SLOW; exit ;;
    *) names=$* ;;
esac
for name in $names; do
    [[ " $QUICK $SLOW " == *" $name "* ]] || { echo "there is no '$name', but: $QUICK $SLOW" >&2; exit 2; }
done

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    skip "the portability program is for Linux on x86_64"
    exit
fi
failed=
for name in $names; do
    start=$SECONDS
    rm -f "$scratch/program"
    set +e
    (set -e; "run_$name")
    status=$?
    set -e
    [ $status -eq 0 ] || failed="$failed $name"
    printf '%-15s %-7s %4d s\n' "$name" "$([ $status -eq 0 ] && echo ok || echo FAILED)" $((SECONDS - start))
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
