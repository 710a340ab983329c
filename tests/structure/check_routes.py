# SPDX-License-Identifier: Apache-2.0
"""The test of who may use which route has every group of routes that the server has: what app_routes.cpp adds, the tests'
guarded server adds, too."""

import re

import tree

SERVER = 'server/app_routes.cpp'
TESTED = 'tests/dialects/guarded_server.h'
ADDED = re.compile(r'\b(add_\w+)\(\s*\*router')


def added_by(path):
    return set(ADDED.findall(tree.text(path) or '')) if (tree.ROOT / path).is_file() else set()


def main():
    server, tested = added_by(SERVER), added_by(TESTED)
    problems = [f'{TESTED}: lacks {name}, which {SERVER} adds' for name in sorted(server - tested)]
    problems += [f'{TESTED}: adds {name}, which {SERVER} does not' for name in sorted(tested - server)]
    tree.finish(problems, len(server))


main()
