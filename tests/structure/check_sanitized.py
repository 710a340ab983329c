# SPDX-License-Identifier: Apache-2.0
"""packaging/check-sanitizers.sh leaves out no GoogleTest program. Given: ctest, and the build folder."""

import json
import re
import subprocess
import sys

import tree


def tests(*arguments):
    """The command of every test that ctest would run, by its name."""
    ctest, build = sys.argv[1:]
    done = subprocess.run([ctest, '--test-dir', build, '--show-only=json-v1', *arguments], capture_output=True, text=True,
                          check=True)
    return {test['name']: test.get('command', []) for test in json.loads(done.stdout)['tests']}


def main():
    script = tree.text('packaging/check-sanitizers.sh')
    everything = tests()
    kept = tests('--label-exclude', re.search(r"--label-exclude '([^']+)'", script)[1])
    left_out = sorted(everything.keys() - kept.keys())
    tree.finish([f'{name}: left out of check-sanitizers.sh' for name in left_out
                 if any(word.startswith('--gtest_filter') for word in everything[name])], len(left_out))


main()
