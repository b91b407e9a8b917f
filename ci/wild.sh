#!/usr/bin/env bash
# Puts `#[no_block(warn(all))]` on every async fn of published crates, and of small ones in the words of each edition, and
# says whether they still compile, warn as before (rustc and clippy) and pass their tests; then plants one blocking call in
# each fn and looks whether it is warned about.
#
# And calls APIs of the catalogue in two major versions of the crates that have them: warned about in both, or silent where
# a version lacks the API; never an error.
#
#   ci/wild.sh                    every crate of the lists in ci/wild/
#   ci/wild.sh NAME...            some of them; `mini`: those of each edition; `rows`, or `rows-NAME`: the APIs alone
#   WILD_TESTS=1 ci/wild.sh ...   runs their unit tests as well, with and without the attribute
#
# Needs cargo and python3. Works in the target folder; sources come from the registry, by name and version. What cannot be
# had, or does not compile as it is, is SKIPPED; where that is the most of it, the script fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v python3 >/dev/null || { echo "SKIPPED: wild needs python3"; exit 0; }
exec python3 -u ci/wild/wild.py "$@"
