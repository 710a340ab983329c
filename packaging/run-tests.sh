#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds Berth and passes all its tests. Ends with the summary of CTest.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-dependencies.sh --test
packaging/build.sh default -DBERTH_BUILD_TESTS=ON
ctest --preset default --parallel "$(nproc)"
