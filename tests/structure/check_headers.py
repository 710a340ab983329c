# SPDX-License-Identifier: Apache-2.0
"""Every header of the server and of its plugins compiles on its own: it includes what it uses.

A header that its source includes first is proven by the build; the others are compiled here. The SDK's have a test of
their own (tests/sdk), in the standards that plugins use.
"""

import concurrent.futures
import os
import subprocess
import sys

import tree

COMPILER = sys.argv[1]
HEADERS_OF = ('server', 'plugins')
INCLUDE_FROM = ('server', 'sdk/include', 'plugins')
# LibTorch's headers cost half a minute each; the headers that need them are compiled with their one source anyhow.
SLOW = ('torch/', 'ATen/', 'c10/')


def proven_by_the_build(header):
    source = header.with_suffix('.cpp')
    if not (tree.ROOT / source).is_file():
        return False
    _, quote, target = next(iter(tree.includes(source)), (0, '', ''))
    return quote == '"' and str(header).endswith('/' + target)


def headers():
    for path in tree.files():
        if path.suffix != '.h' or path.parts[0] not in HEADERS_OF:
            continue
        if proven_by_the_build(path) or any(target.startswith(SLOW) for _, _, target in tree.includes(path)):
            continue
        yield path


def problem(path):
    folders = [f'-I{tree.ROOT / folder}' for folder in INCLUDE_FROM]
    compiled = subprocess.run([COMPILER, '-x', 'c++', '-std=c++20', '-fsyntax-only', '-w', *folders, '-isystem', '/usr/include/opencv4', '-'],
                              input=f'#include "{tree.ROOT / path}"\n', cwd=tree.ROOT, capture_output=True, text=True,
                              check=False)
    return f'{path}: {compiled.stderr.strip()}' if compiled.returncode else None


def main():
    work = list(headers())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [found for found in pool.map(problem, work) if found]
    tree.finish(problems, len(work))


main()
