#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy over our sources, as a build tree compiles them.
#   lint.sh [--build DIR] [PATH-PREFIX…]     lint.sh server/net plugins
# Fails where clang-tidy finds something (.clang-tidy says what counts).
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/default
if [ "${1:-}" = --build ]; then
  build=$2
  shift 2
fi
[ -e "$build/compile_commands.json" ] || { echo "lint: configure first: packaging/build.sh default" >&2; exit 2; }

# Sources of the compilation database that lie under one of the prefixes (none: all that are ours).
sources() {
  python3 - "$build/compile_commands.json" "$@" <<'PYTHON'
import json, os, sys
root = os.getcwd() + '/'
ours = {entry['file'][len(root):] for entry in json.load(open(sys.argv[1])) if entry['file'].startswith(root)}
prefixes = tuple(sys.argv[2:]) or ('server/', 'sdk/', 'plugins/', 'tests/')
print('\n'.join(sorted(name for name in ours if name.startswith(prefixes))))
PYTHON
}

sources "$@" | xargs -r -P "$(nproc)" -n 1 clang-tidy --quiet -p "$build" 2>/dev/null
