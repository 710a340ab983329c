# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: the arrows of docs/architecture.md, as a table."""

import tree

# Folder of server/ → the other folders of server/ that it may include. The protocol between server and worker lives in
# worker/, so that only hosting/ may know it besides.
SERVER = {
    'base': set(),
    'config': {'base'},
    'http': {'base'},
    'net': {'base', 'http'},
    'worker': {'base'},
    'packages': {'base'},
    'elf': {'base'},
    'hosting': {'base', 'elf', 'packages', 'worker'},
    'training': {'base', 'hosting'},
    'store': {'base'},
    'records': {'base', 'store'},
    'identity': {'base', 'store'},
    'core': {'base', 'hosting', 'identity', 'records', 'training'},
    'metrics': {'base', 'hosting'},
    'dialects': {'base', 'http', 'core', 'hosting', 'identity', 'records', 'training', 'metrics'},
    'cli': {'base', 'config', 'elf', 'http', 'core', 'hosting', 'identity', 'packages', 'records', 'store'},
}
# The conformance kit asks a plugin as the server does, by the server's own code.
CONFORMANCE_KIT = {'base', 'core', 'hosting'}
# A library's headers → the only places that may include them.
LIBRARIES = {
    'pistache/': ('server/net/',),
    'boost/beast': ('server/net/',),
    'boost/dll': ('server/worker/', 'server/hosting/'),
    'torch/': ('plugins/',),
    'ATen/': ('plugins/',),
    'c10/': ('plugins/',),
    'opencv2/': ('plugins/',),
    'sqlite3.h': ('server/store/',),
    'soci/': ('server/store/',),
    'yaml-cpp/': ('server/config/', 'server/hosting/', 'server/worker/', 'server/cli/'),
    'archive.h': ('server/packages/',),
    'archive_entry.h': ('server/packages/',),
    'openssl/': ('server/base/',),
    'sodium.h': ('server/identity/',),
    'jwt.h': ('server/identity/',),
    'prometheus/': ('server/metrics/',),
    'spdlog/': ('server/base/',),
    'CLI/': ('server/cli/',),
}


def place(path):
    """'server/net' for server/net/x.cpp, 'server' for server/app.h, 'plugins/vision', 'sdk'."""
    parts = path.parts
    return '/'.join(parts[:2]) if parts[0] in ('server', 'plugins') and len(parts) > 2 else parts[0]


def project_problem(path, target):
    """What is wrong with path including the project's own header `target`, or None."""
    here, folder = place(path), target.split('/')[0]
    if here.startswith('server/'):
        own = here.split('/')[1]
        if folder in SERVER and folder != own and folder not in SERVER.get(own, set()):
            return f'server/{own} may not include server/{folder}'
        if (tree.ROOT / 'plugins' / folder).is_dir() and (tree.ROOT / 'plugins' / target).is_file():
            return 'the server may not include a plugin'
    elif here.startswith('plugins'):
        if folder in SERVER and (tree.ROOT / 'server' / target).is_file():
            return 'a plugin may not include the server'
    elif here == 'sdk' and folder in SERVER and (tree.ROOT / 'server' / target).is_file():
        if path.parts[1] != 'testing':
            return 'the SDK may not include the server'
        if folder not in CONFORMANCE_KIT:
            return f'the conformance kit may not include server/{folder}'
    return None


def main():
    problems, looked_at = [], 0
    for path in tree.files():
        if path.suffix not in tree.SOURCES or path.parts[0] not in ('server', 'sdk', 'plugins'):
            continue
        looked_at += 1
        if place(path).startswith('server/') and place(path).split('/')[1] not in SERVER:
            problems.append(f'{path}: check_arrows.py does not say what server/{path.parts[1]} may include')
        for line, quote, target in tree.includes(path):
            problem = project_problem(path, target)
            for prefix, homes in LIBRARIES.items():
                if target.startswith(prefix) and not str(path).startswith(homes):
                    problem = f'{prefix} belongs in {" and ".join(homes)} only'
            if problem:
                problems.append(f'{path}:{line}: {problem}: {quote}{target}')
    tree.finish(problems, looked_at)


main()
