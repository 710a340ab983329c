# SPDX-License-Identifier: Apache-2.0
"""The documentation's links: what they point at exists, headings included; so do the pages that sources name."""

import re

import tree

LINK = re.compile(r'\]\(([^)\s]+)\)')
HEADING = re.compile(r'^#+\s+(.*?)\s*$', re.MULTILINE)
CODE_BLOCK = re.compile(r'^```.*?^```', re.MULTILINE | re.DOTALL)
PAGE_NAMED = re.compile(r'(?<![\w/.-])docs/[\w/-]+\.md')


def anchor(heading):
    """How a heading is addressed, as forges do it."""
    words = re.sub(r'[`*]|\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
    return re.sub(r'[^\w\- ]', '', words).replace(' ', '-')


def anchors(path):
    return {anchor(match[1]) for match in HEADING.finditer(CODE_BLOCK.sub('', path.read_text(encoding='utf-8')))}


def link_problem(page, link):
    if re.match(r'[a-z]+:', link):
        return None
    name, _, fragment = link.partition('#')
    target = (tree.ROOT / page).parent / name if name else tree.ROOT / page
    if not target.exists():
        return f'{link} does not exist'
    if fragment and target.suffix == '.md' and fragment not in anchors(target):
        return f'{link}: no such heading'
    return None


def main():
    problems, looked_at = [], 0
    for path in tree.files():
        content = tree.text(path)
        if content is None:
            continue
        for match in PAGE_NAMED.finditer(content):
            looked_at += 1
            if not (tree.ROOT / match[0]).is_file():
                problems.append(f'{path}: names {match[0]}, which does not exist')
        if path.suffix == '.md':
            for match in LINK.finditer(CODE_BLOCK.sub('', content)):
                looked_at += 1
                problem = link_problem(path, match[1])
                if problem:
                    problems.append(f'{path}: {problem}')
    tree.finish(problems, looked_at)


main()
