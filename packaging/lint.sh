#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that the sources are as clang-format leaves them, and that clang-tidy finds nothing in them (.clang-tidy says what counts).
#   lint.sh [--jobs N] [PATH-PREFIX…]     lint.sh server/net plugins
# A file that passed is looked at again only once it, a header of ours that it includes, or the rules have changed: break off at will.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in cmake clang++ clang-tidy clang-format python3; do
  command -v "$tool" >/dev/null || { echo "lint: no $tool here; packaging/install-dependencies.sh --test" >&2; exit 2; }
done

format=0
python3 tests/structure/check_format.py || format=$?
# 77: another version of clang-format, which formats differently.
[ "$format" -ne 77 ] || format=0

# A build tree that is only configured: it knows how every source is compiled, fuzzers and benchmarks too.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset lint >"$log" 2>&1 || { cat "$log" >&2; exit 2; }
python3 packaging/tidy.py build/lint "$@"
exit "$format"
