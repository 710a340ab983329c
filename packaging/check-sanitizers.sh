#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the sanitizer presets and passes their tests.
#   check-sanitizers.sh [asan|tsan …]     both unless named
# Left out are the tests that run compilers, read sources, look at packages, or need node or a proxy, and the fuzzers,
# which have sanitizers of their own. Every GoogleTest program runs.
set -euo pipefail
cd "$(dirname "$0")/.."

presets=("$@")
[ $# -gt 0 ] || presets=(asan tsan)
packaging/install-dependencies.sh --test
for preset in "${presets[@]}"; do
  packaging/build.sh "$preset"
  ctest --preset "$preset" --parallel "$(nproc)" --label-exclude '^(compiler|fuzz|packaging|structure|web)$'
done
