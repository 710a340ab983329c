# SPDX-License-Identifier: Apache-2.0
"""The project's own files, and how a check ends. Standard library only."""

import os
import pathlib
import re
import subprocess
import sys

# BERTH_TREE: another tree to look at; the checks' own test makes bad ones.
ROOT = pathlib.Path(os.environ.get('BERTH_TREE', pathlib.Path(__file__).resolve().parents[2]))
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = ('.h', '.cpp', '.c', '.cc', '.hpp')


def files():
    """Paths relative to ROOT of everything in the work tree that git does not ignore; without git, of everything but build/."""
    listed = subprocess.run(['git', '-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = {name for name in listed.stdout.split('\0') if name}
    else:
        names = {str(path.relative_to(ROOT)) for path in ROOT.rglob('*')}
    found = (pathlib.Path(name) for name in names)
    return sorted(path for path in found if path.parts[0] not in ('build', '.git') and (ROOT / path).is_file())


def text(path):
    """The file's text, or None where it is not UTF-8."""
    try:
        return (ROOT / path).read_text(encoding='utf-8')
    except UnicodeDecodeError:
        return None


def includes(path):
    """(line number, '"' or '<', what) of every #include."""
    for number, line in enumerate((text(path) or '').splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def finish(problems, looked_at):
    """Ends the program: 1 with the problems, 0 without; a check that found nothing to look at has failed."""
    if not looked_at:
        problems = ['nothing was looked at']
    for problem in problems:
        print(problem)
    print(f'{len(problems)} problems, {looked_at} looked at')
    sys.exit(1 if problems else 0)
