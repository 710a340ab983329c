#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configures a preset and builds it, with as many jobs as this machine has cores and memory for.
#   build.sh PRESET [-DOPTION=VALUE…] [-- TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  options+=("$1")
  shift
done
[ $# -eq 0 ] || shift

# A file that includes LibTorch takes up to 2 GB to compile.
memory_gb=$(awk '/^MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)
jobs=$((memory_gb / 2))
[ "$jobs" -le "$(nproc)" ] || jobs=$(nproc)
[ "$jobs" -ge 1 ] || jobs=1

# Where ccache is there, what another checkout compiled serves this one too.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$preset" "${options[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
targets=()
[ $# -eq 0 ] || targets=(--target "$@")
NINJA_STATUS='[%f/%t] ' cmake --build "build/$preset" --parallel "$jobs" "${targets[@]}"
