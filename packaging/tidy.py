# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the sources of a build tree and says each finding once. Standard library only.

   tidy.py BUILD_DIR [--jobs N] [PATH-PREFIX…]

What passed leaves a stamp in BUILD_DIR/tidy: a file is skipped while nothing changed that its verdict came from.
"""

import argparse
import collections
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FINDING = re.compile(r'^(/\S+:\d+:\d+: (?:warning|error): .*?)(?: \[([\w.,-]+)\])?$')
# What clang-tidy holds for one file that includes LibTorch.
GB_A_JOB = 2


def default_jobs():
    available = os.sysconf('SC_AVPHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30
    return max(1, min(len(os.sched_getaffinity(0)), int(available / GB_A_JOB)))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--jobs', type=int, default=default_jobs())
    parser.add_argument('prefixes', nargs='*')
    return parser.parse_intermixed_args()


def own_sources(build, prefixes):
    """{path relative to ROOT: its entry in the compilation database} of what lies under a prefix (none: of all)."""
    found = {}
    for entry in json.loads((build / 'compile_commands.json').read_text(encoding='utf-8')):
        path = pathlib.Path(entry['file'])
        if not path.is_relative_to(ROOT) or path.is_relative_to(build.resolve()):
            continue
        name = str(path.relative_to(ROOT))
        if not prefixes or name.startswith(tuple(prefixes)):
            found.setdefault(name, entry)
    return dict(sorted(found.items()))


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@functools.lru_cache(maxsize=None)
def config_of(folder):
    """The checks that hold in a folder and their options, without the comments beside them."""
    return subprocess.run(['clang-tidy', '--dump-config', folder / 'any.cpp', '--'], cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout


def rules_of(name, entry, version):
    """What decides the verdict beside the text: clang-tidy, how the file is compiled, what .clang-tidy says there."""
    decisive = [version, entry['command'], config_of((ROOT / name).parent)]
    return hashlib.sha256('\0'.join(decisive).encode()).hexdigest()


def inputs_of(entry):
    """The file and every header of ours it includes. Debian's headers change with Debian alone and are not asked."""
    compiler, *options = shlex.split(entry['command'])
    output = options.index('-o')
    command = [compiler, *options[:output], *options[output + 2:], '-MM', '-MT', 'inputs']
    told = subprocess.run(command, cwd=entry['directory'], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        return None
    paths = told.stdout.replace('\\\n', ' ').split(':', 1)[1].split()
    return {path: digest(os.path.join(entry['directory'], path)) for path in paths}


class Stamp:
    """What a file's last verdict without findings came from."""

    def __init__(self, build, name):
        self.path = build / 'tidy' / (name + '.json')

    def still_holds(self, rules):
        try:
            stamp = json.loads(self.path.read_text(encoding='utf-8'))
            return stamp['rules'] == rules and all(digest(path) == was for path, was in stamp['inputs'].items())
        except (OSError, ValueError, KeyError):
            return False

    def write(self, rules, inputs):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({'rules': rules, 'inputs': inputs}), encoding='utf-8')


def findings_in(output):
    """(the finding's line, its check, the lines that explain it) of each finding."""
    found = []
    for line in output.splitlines():
        match = FINDING.match(line)
        if match:
            found.append((match[1], match[2] or 'unnamed', []))
        if found:
            found[-1][2].append(line)
    return found


def look_at(build, name, entry, rules):
    """The file's findings. One without any is stamped, with its inputs as they were before clang-tidy read them."""
    inputs = inputs_of(entry)
    run = subprocess.run(['clang-tidy', '--quiet', '-p', build, entry['file']], cwd=ROOT, capture_output=True, text=True,
                         check=False)
    found = findings_in(run.stdout)
    if run.returncode != 0 and not found:
        found = [(f'{name}: clang-tidy failed', 'failure', [f'{name}: clang-tidy failed ({run.returncode})', run.stderr])]
    if not found and inputs is not None:
        Stamp(build, name).write(rules, inputs)
    return found


def main():
    options = arguments()
    version = subprocess.run(['clang-tidy', '--version'], capture_output=True, text=True, check=True).stdout
    sources = own_sources(options.build, options.prefixes)
    if not sources:
        sys.exit('tidy: no source of ours there')
    rules = {name: rules_of(name, entry, version) for name, entry in sources.items()}
    due = [name for name in sources if not Stamp(options.build, name).still_holds(rules[name])]
    print(f'clang-tidy: {len(sources)} files, {len(due)} to look at', flush=True)

    seen, checks = set(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(look_at, options.build, name, sources[name], rules[name]): name for name in due}
        for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
            found = [finding for finding in future.result() if finding[0] not in seen]
            print(f'[{number}/{len(due)}] {futures[future]}', flush=True)
            for line, check, explained in found:
                if line not in seen:
                    seen.add(line)
                    checks[check] += 1
                    print('\n'.join(explained), flush=True)
    print(f'clang-tidy: {len(seen)} findings' + ''.join(f'\n  {count:4} {check}' for check, count in checks.most_common()))
    sys.exit(1 if seen else 0)


main()
