#!/usr/bin/env bash
# The soak at length: `ci/soak.sh [ROUNDS]`. 1000 rounds, the default, are some five million guarded polls; the tests
# run 20.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
SOAK_ROUNDS=${1:-1000} exec cargo test -p guard-tests --test soak -- --nocapture
