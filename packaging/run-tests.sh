#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds Berth and passes all its tests. Ends with the summary of CTest.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-dependencies.sh --test
# The benchmarks are built and not run, so that they still compile when somebody measures.
packaging/build.sh default -DBERTH_BUILD_TESTS=ON -DBERTH_BUILD_BENCH=ON -DBERTH_REQUIRE_VIEWER=ON
# Clang sees what GCC does not (who may touch what under which lock), and has the fuzzers.
packaging/build.sh clang -DBERTH_FUZZ_SECONDS=60 -- berth berth-worker request_fuzzer multipart_fuzzer infer_fuzzer
# All at once, whatever the number of cores: each looks for its minute.
ctest --preset clang --label-regex fuzz --parallel 3
BERTH_REQUIRE_POSTGRESQL=1 ctest --preset default --parallel "$(nproc)"
