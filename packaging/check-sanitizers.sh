#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the sanitizer presets and passes their tests.
#   check-sanitizers.sh [asan|tsan …]     both unless named
# Left out is what runs compilers or reads sources: a sanitizer sees nothing of it.
set -euo pipefail
cd "$(dirname "$0")/.."

presets=("$@")
[ $# -gt 0 ] || presets=(asan tsan)
packaging/install-dependencies.sh --test
for preset in "${presets[@]}"; do
  packaging/build.sh "$preset"
  ctest --preset "$preset" --parallel "$(nproc)" --label-exclude '^(fuzz|structure|web|sdk|packaging)$'
done
