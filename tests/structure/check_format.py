# SPDX-License-Identifier: Apache-2.0
"""Sources are as clang-format leaves them. Versions format differently, so only Debian 12's (14) is asked."""

import re
import subprocess
import sys

import tree

VERSION = '14'
SKIPPED = 77


def main():
    told = subprocess.run(['clang-format', '--version'], capture_output=True, text=True, check=True).stdout
    if re.search(r'version (\d+)', told)[1] != VERSION:
        print(f'skipped: this is {told.strip()}; the tree is formatted by version {VERSION}')
        sys.exit(SKIPPED)
    sources = [str(path) for path in tree.files() if path.suffix in tree.SOURCES]
    checked = subprocess.run(['clang-format', '--dry-run', '-Werror', *sources], cwd=tree.ROOT,
                             capture_output=True, text=True, check=False)
    problems = [line for line in checked.stderr.splitlines() if 'error:' in line]
    if checked.returncode != 0 and not problems:
        problems = [checked.stderr]
    tree.finish(problems, len(sources))


main()
