#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and measures everything in one run. Prints the table of docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-dependencies.sh --bench
packaging/build.sh default -DBERTH_BUILD_BENCH=ON -- all bench_models
build/default/bin/berth-bench "$@"
