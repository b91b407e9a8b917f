#!/usr/bin/env bash
# Every check of this project: `ci/check.sh` runs them all, `ci/check.sh NAME...` some, `ci/check.sh list` names them.
# What cannot be had on this machine (a tool, a toolchain, a target) prints a line `SKIPPED: ...` and is passed over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The cheap ones first; `off` before the tests, because it rebuilds the two crates in the one target folder.
CHECKS="fmt clippy docs deny package features msrv targets miri off tests api words loom release doctests commands portability optimized"
NIGHTLY=nightly

export CARGO_TERM_COLOR=never
if [ "${CI:-}" = true ]; then
    export CARGO_INCREMENTAL=0
fi

notes=$(mktemp)
trap 'rm -f "$notes"' EXIT

note() {
    echo "$*"
    echo "  $*" >>"$notes"
}

skip() {
    note "SKIPPED: $*"
}

# Ends the check that cannot run at all.
without() {
    skip "$*"
    exit 77
}

target_dir() {
    cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'
}

# Whether cargo's subcommand $1 is there or could be added as rustup's component $2.
component() {
    cargo "$1" --version >/dev/null 2>&1 || rustup component add "$2" >/dev/null 2>&1
}

# Whether the toolchain $1 is there or could be installed.
toolchain() {
    rustup run "$1" rustc --version >/dev/null 2>&1 ||
        rustup toolchain install "$1" --profile minimal --no-self-update >/dev/null 2>&1
}

# Whether the standard library for target $1 is there or could be added.
target() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ] || rustup target add "$1" >/dev/null 2>&1
}

# Clippy with warnings as errors, which finds what is unused in one configuration; `cargo check` where there is none.
lint() {
    if component clippy clippy; then
        cargo clippy --quiet "$@" -- -D warnings
    else
        cargo check --quiet "$@"
    fi
}

# The names in the [features] table of guard-runtime.
features() {
    awk '/^\[/ { on = $0 == "[features]" } on && /^[a-z_-]+ *=/ { print $1 }' guard-runtime/Cargo.toml
}

check_fmt() {
    component fmt rustfmt || without "rustfmt cannot be installed"
    cargo fmt --all --check
}

# The examples warn by design; everything else is clean.
check_clippy() {
    component clippy clippy || without "clippy cannot be installed"
    cargo clippy --workspace --exclude guard-examples --all-targets -- -D warnings
    cargo clippy -p guard-examples --all-targets -- -D warnings -A deprecated
}

check_docs() {
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps -p guard-runtime -p guard-runtime-macros
}

# What is published builds by itself, from the files that are packaged; and README's Start holds for it.
check_package() {
    local packages user
    # Older ones cannot package a crate together with one that it depends on.
    [ "$(cargo --version | cut -d . -f 2)" -ge 90 ] || without "this cargo verifies no packages that need each other"
    cargo package --quiet --allow-dirty --all-features -p guard-runtime-macros -p guard-runtime
    packages="$(target_dir)/package"
    user="$packages/user"
    mkdir -p "$user/src"
    {
        printf '[package]\nname = "user"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n'
        start toml
        echo '[patch.crates-io]'
        for name in guard-runtime guard-runtime-macros; do
            echo "$name = { path = \"../$(cd "$packages" && ls -d "$name"-[0-9]*/ | tail -n 1)\" }"
        done
    } >"$user/Cargo.toml"
    start rust >"$user/src/main.rs"
    (
        cd "$user"
        touch service.toml
        RUST_BACKTRACE=0 CARGO_TARGET_DIR="$packages/target" cargo run --quiet
    ) 2>&1 | tee "$user/said" || true
    grep -q 'warning: use of deprecated method' "$user/said"
    grep -q 'blocking call on an executor thread: std::fs::read_to_string (fs)' "$user/said"
}

# The first block of README's Start in the language $1.
start() {
    awk -v fence="^\`\`\`$1" '/^## / { on = $0 == "## Start" } on && code && /^```/ { exit } code { print } on && $0 ~ fence { code = 1 }' README.md
}

# Licences, sources and double versions of what users get; advisories too, where their list can be fetched.
check_deny() {
    local deny="cargo deny --manifest-path guard-runtime/Cargo.toml --all-features" checks="bans licenses sources" unknown
    if ! cargo deny --version >/dev/null 2>&1; then
        skip "cargo-deny is not installed: the licences alone are looked at"
        unknown=$(cargo tree -p guard-runtime --all-features -e normal,build --target all --prefix none -f '{l}' |
            sed 's/ AND /\n/g' | grep -vwF -f <(sed -n '/^allow = /,/]/ s/^ *"\(.*\)",$/\1/p' deny.toml)) || true
        [ -z "$unknown" ] || { echo "not among the licences of deny.toml: $unknown"; return 1; }
        return
    fi
    if $deny fetch db >/dev/null 2>&1; then
        checks="$checks advisories"
    else
        skip "the advisories cannot be fetched"
    fi
    $deny check --hide-inclusion-graph $checks
}

# Each feature alone, the pairs that could lean on each other, none, all, and the release profile.
check_features() {
    local set
    for set in "" $(features) tokio,intercept tokio,always workers,intercept workers,always intercept,always \
        rayon,tracing rayon,workers rayon,always default,always; do
        echo "features: ${set:-none}"
        lint -p guard-runtime --lib --benches --no-default-features --features "$set"
    done
    # The call guard alone, as on the platforms that have no hooks.
    cargo test --quiet -p guard-runtime --lib --no-default-features --features tokio,json
    for set in "" always; do
        echo "release, features: default $set"
        lint --release -p guard-runtime --features "$set"
    done
}

# The published crates and a user's crate of the older edition, in a workspace and with a lockfile of their own: the
# workspace's lockfile may hold newer versions for the tests' and examples' sake.
check_msrv() {
    local msrv copy shared
    msrv=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    toolchain "$msrv" || without "Rust $msrv cannot be installed"
    shared=$(target_dir)
    copy="$shared/msrv"
    rm -rf "$copy"
    mkdir -p "$copy/user/src"
    cp -R guard-macros guard-runtime README.md "$copy"
    cp examples/quickstart.rs "$copy/user/src/main.rs"
    sed 's/^members = .*/members = ["guard-macros", "guard-runtime", "user"]/' Cargo.toml >"$copy/Cargo.toml"
    cat >"$copy/user/Cargo.toml" <<-EOF
	[package]
	name = "user"
	version = "0.0.0"
	edition = "2021"
	rust-version.workspace = true
	[dependencies]
	guard-runtime = { path = "../guard-runtime" }
	tokio = { workspace = true, features = ["macros", "rt-multi-thread"] }
	EOF
    (
        cd "$copy"
        export CARGO_TARGET_DIR=$shared
        cargo "+$msrv" check -p guard-runtime -p guard-runtime-macros --all-features
        cargo "+$msrv" check -p user
    )
}

# Where the hooks do not exist, the crate has to build without them.
check_targets() {
    local target
    for target in x86_64-unknown-linux-musl x86_64-apple-darwin x86_64-pc-windows-gnu; do
        target "$target" || { skip "the target $target cannot be installed"; continue; }
        echo "target: $target"
        lint -p guard-runtime --target "$target"
    done
    target=wasm32-unknown-unknown
    target $target || { skip "the target $target cannot be installed"; return; }
    echo "target: $target"
    lint -p guard-runtime --no-default-features --features json --target $target
}

check_miri() {
    if ! rustup run "$NIGHTLY" cargo miri --version >/dev/null 2>&1; then
        rustup toolchain install "$NIGHTLY" --profile minimal --component miri,rust-src --no-self-update \
            >/dev/null 2>&1 || without "a nightly toolchain with Miri cannot be installed"
    fi
    cargo "+$NIGHTLY" miri setup >/dev/null 2>&1 || without "Miri's standard library cannot be built"
    # Isolation off: the tests take the time. A filter that matches nothing would pass, hence the look at the count.
    # What stands behind the unsafe code of regions, of notes, of the pools' latches, and of the closures that their slots
    # lend.
    export MIRIFLAGS="-Zmiri-disable-isolation"
    cargo "+$NIGHTLY" miri test -p guard-tests --test behavior -- region:: cancel::shutdown cancel::dropping 2>&1 |
        tee "$notes.tests"
    cargo "+$NIGHTLY" miri test -p guard-runtime --lib -- offload::sync region::notes arm::turn 2>&1 | tee -a "$notes.tests"
    unset MIRIFLAGS
    ! grep -q '^test result: ok. 0 passed' "$notes.tests"
}

# With the guard built out, the program that would panic prints its result.
check_off() {
    local printed
    printed=$(NO_BLOCK_BUILD=off cargo run --quiet --example quickstart)
    [ "$printed" = "$(head -n 1 examples/quickstart.rs)" ] || { echo "quickstart printed: $printed"; return 1; }
}

check_tests() {
    if ! cargo nextest --version >/dev/null 2>&1; then
        echo "installing cargo-nextest"
        timeout 600 cargo install --quiet --locked cargo-nextest || skip "cargo-nextest cannot be installed: cargo test runs alone"
    fi
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --no-fail-fast 2>&1 | tee "$notes.tests"
    else
        cargo test --workspace --lib --bins --tests --examples --no-fail-fast 2>&1 | tee "$notes.tests"
    fi
}

# The public API is the one that is listed.
check_api() {
    cargo test --quiet --workspace --test api -- --ignored --nocapture 2>&1 | tee "$notes.tests"
    # So that a note of what was skipped is seen.
    grep '^SKIPPED' "$notes.tests" | sed 's/^/  /' >>"$notes" || true
}

# The compiler's words do not depend on the component rust-src, which rust-analyzer brings: its notes then quote std. It is
# tried with a compiler of its own, since the developer's is theirs.
check_words() {
    local version home
    version=$(rustc --version | cut -d ' ' -f 2)
    home="$(target_dir)/rustup"
    rustup --version >/dev/null 2>&1 || without "there is no rustup"
    RUSTUP_HOME=$home rustup toolchain install "$version" --profile minimal --component rust-src --no-self-update \
        >/dev/null 2>&1 || without "Rust $version cannot be installed with rust-src"
    RUSTUP_HOME=$home RUSTUP_TOOLCHAIN=$version cargo test --workspace --test ui 2>&1 | tee "$notes.tests"
}

# Every order of events in what has atomics and locks of its own; the tests do it less deeply.
check_loom() {
    LOOM_MAX_PREEMPTIONS=3 cargo test --release -p guard-tests --test loom 2>&1 | tee "$notes.tests"
}

# Off means the original body: asserted where the guard is off, which is in release builds.
check_release() {
    cargo test --release -p guard-tests --test release 2>&1 | tee "$notes.tests"
    # And with `always`: it counts, and stays silent unless told otherwise.
    cargo test --release -p guard-tests --test always --features always 2>&1 | tee -a "$notes.tests"
    ! grep -q '^test result: ok. 0 passed' "$notes.tests"
}

check_doctests() {
    cargo test --workspace --doc
}

# The commands of README, as they stand there.
check_commands() {
    cargo run --example service
    cargo test --workspace
}

# The ways to build a program that matter; the slow ones are for `ci/portability.sh all`.
check_portability() {
    ci/portability.sh 2>&1 | tee "$notes.ways"
    grep '^SKIPPED' "$notes.ways" | sed 's/^/  /' >>"$notes" || true
    rm -f "$notes.ways"
}

check_optimized() {
    ci/optimized.sh
}

# Runs one check and adds its line to the closing table. Errexit holds inside: the subshell is no condition.
run() {
    local name=$1 start=$SECONDS status=0 word=ok
    echo
    echo "=== $name"
    set +e
    (set -e; "check_$name")
    status=$?
    set -e
    if [ $status -eq 77 ]; then
        word=skipped
    elif [ $status -ne 0 ]; then
        word=FAILED
        failed="$failed $name"
    fi
    if [ -f "$notes.tests" ]; then
        grep -E '^ *Summary \[|^test result:' "$notes.tests" >>"$notes" || true
        rm -f "$notes.tests"
    fi
    printf '  %-10s %-7s %4d s\n' "$name" "$word" $((SECONDS - start)) >>"$notes"
}

if [ "${1:-}" = list ]; then
    printf '%s\n' $CHECKS
    exit
fi
for name in "$@"; do
    [[ " $CHECKS " == *" $name "* ]] || { echo "no check is called '$name'; there are: $CHECKS" >&2; exit 2; }
done

failed=
for name in ${*:-$CHECKS}; do
    run "$name"
done
echo
echo "=== summary"
cat "$notes"
if [ -n "$failed" ]; then
    echo "failed:$failed"
    exit 1
fi
echo "no check failed in $SECONDS s"
