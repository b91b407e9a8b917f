#!/usr/bin/env bash
# The soak at length: `ci/soak.sh [ROUNDS [SECONDS]]`, once by guards alone and once with all workers armed. 1000 rounds,
# the default, are some five million guarded polls, and sixteen threads then violate for a minute; the tests run 20
# rounds and no minute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export SOAK_ROUNDS=${1:-1000} SOAK_SECONDS=${2:-60}
cargo test -p guard-tests --test soak -- --nocapture
NO_BLOCK_ARM=workers cargo test -p guard-tests --test soak -- --nocapture
