# SPDX-License-Identifier: Apache-2.0
"""Every file: its licence line, what a header starts with, no path of somebody's machine, no large file, no long line
of CMake."""

import re

import tree

LICENCE = 'SPDX-License-Identifier: Apache-2.0'
LICENSED = tree.SOURCES + ('.py', '.sh', '.cmake', '.js', '.mjs', '.cjs', '.css', '.html', '.in')
LICENSED_NAMES = ('CMakeLists.txt', 'run')
# What `berth new` copies belongs to whom it is copied for.
UNLICENSED = ('sdk/template/',)
MAX_BYTES = 5 * 1024 * 1024
MAX_CMAKE_COLUMNS = 120  # clang-format sees to the sources
# Split, so that this file does not find itself.
MACHINE_PATH = re.compile(rb'(?<![\w.$}~-])/' + rb'(work|farm|root|home/[a-z]+|Users)' + rb'/[\w.-]+')


def licence_problem(path, lines):
    first = lines[1] if lines and lines[0].startswith(('#!', '<!')) and len(lines) > 1 else (lines or [''])[0]
    return None if LICENCE in first else 'the first line is not the SPDX line'


def header_problem(lines):
    if len(lines) < 2 or not lines[1].startswith(('// ', '/* ')):
        return 'the second line does not say what this header is'
    guarded = any(line.startswith(('#pragma once', '#ifndef ')) for line in lines)
    return None if guarded else 'no include guard'


def main():
    problems, looked_at = [], 0
    for path in tree.files():
        looked_at += 1
        data = (tree.ROOT / path).read_bytes()
        if len(data) > MAX_BYTES:
            problems.append(f'{path}: {len(data)} bytes; at most {MAX_BYTES}')
        for match in MACHINE_PATH.finditer(data):
            line = data.count(b'\n', 0, match.start()) + 1
            problems.append(f'{path}:{line}: a path of somebody\'s machine: {match[0].decode()}')
        lines = (tree.text(path) or '').splitlines()
        if path.name == 'CMakeLists.txt' or path.suffix == '.cmake':
            problems += [f'{path}:{number}: {len(line)} columns; at most {MAX_CMAKE_COLUMNS}'
                         for number, line in enumerate(lines, 1) if len(line) > MAX_CMAKE_COLUMNS]
        if str(path).startswith(UNLICENSED):
            continue
        if path.suffix in LICENSED or path.name in LICENSED_NAMES:
            problem = licence_problem(path, lines)
            if problem:
                problems.append(f'{path}: {problem}')
        if path.suffix in ('.h', '.hpp'):
            problem = header_problem(lines)
            if problem:
                problems.append(f'{path}: {problem}')
    tree.finish(problems, looked_at)


main()
