# SPDX-License-Identifier: Apache-2.0
"""Every header compiles on its own: it includes what it uses. The SDK's as C++17, its C ABI as C11 too.

A header that its source includes first is proven by the build; the others are compiled here.
"""

import concurrent.futures
import os
import subprocess
import sys

import tree

COMPILER, C_COMPILER = sys.argv[1:3]
ROOTS = {'server': 'server', 'sdk': 'sdk/include', 'plugins': 'plugins'}
# LibTorch's headers cost half a minute each; the headers that need them are compiled with their one source anyhow.
SLOW = ('torch/', 'ATen/', 'c10/')


def proven_by_the_build(header):
    source = header.with_suffix('.cpp')
    if not (tree.ROOT / source).is_file():
        return False
    _, quote, target = next(iter(tree.includes(source)), (0, '', ''))
    return quote == '"' and str(header).endswith('/' + target)


def jobs():
    for path in tree.files():
        if path.suffix != '.h' or path.parts[0] not in ROOTS:
            continue
        if proven_by_the_build(path) or any(target.startswith(SLOW) for _, _, target in tree.includes(path)):
            continue
        standard = 'c++17' if path.parts[0] == 'sdk' else 'c++20'
        yield path, [COMPILER, '-x', 'c++', f'-std={standard}']
        if path.name == 'abi.h':
            yield path, [C_COMPILER, '-x', 'c', '-std=c11', '-Wpedantic']


def problem(job):
    path, command = job
    folders = [f'-I{tree.ROOT / folder}' for folder in ROOTS.values()]
    compiled = subprocess.run([*command, '-fsyntax-only', '-w', *folders, '-isystem', '/usr/include/opencv4', '-'],
                              input=f'#include "{tree.ROOT / path}"\n', cwd=tree.ROOT, capture_output=True, text=True,
                              check=False)
    return f'{path}: {compiled.stderr.strip()}' if compiled.returncode else None


def main():
    work = list(jobs())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [found for found in pool.map(problem, work) if found]
    tree.finish(problems, len(work))


main()
