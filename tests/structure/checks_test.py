# SPDX-License-Identifier: Apache-2.0
"""The checks of the tree find what they are there for: each is shown a tree with one thing wrong."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SPDX = '// SPDX-License-Identifier: Apache-2.0\n'
# Put together, so that the checks do not find it in this file.
GONE = 'docs/' + 'gone.md'
HEADER = SPDX + '// Thing: an example.\n#pragma once\n'


class ChecksTest(unittest.TestCase):
    def run_check(self, check, files, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding='utf-8')
            return subprocess.run([sys.executable, HERE / check, *arguments], capture_output=True, text=True,
                                  check=False, env={**os.environ, 'BERTH_TREE': folder})

    def assert_finds(self, message, check, files, *arguments):
        done = self.run_check(check, files, *arguments)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(message, done.stdout)

    def assert_passes(self, check, files, *arguments):
        done = self.run_check(check, files, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_arrow_against_the_table_is_found(self):
        self.assert_finds('server/base may not include server/net', 'check_arrows.py',
                          {'server/base/thing.h': HEADER + '#include "net/server.h"\n'})

    def test_an_arrow_of_the_table_passes(self):
        self.assert_passes('check_arrows.py', {'server/net/thing.h': HEADER + '#include "base/bytes.h"\n'})

    def test_a_folder_that_the_table_does_not_know_is_found(self):
        self.assert_finds('does not say', 'check_arrows.py', {'server/misc/thing.h': HEADER})

    def test_a_plugin_that_includes_the_server_is_found(self):
        self.assert_finds('a plugin may not', 'check_arrows.py',
                          {'plugins/x/x.cpp': SPDX + '#include "base/bytes.h"\n', 'server/base/bytes.h': HEADER})

    def test_an_sdk_that_includes_the_server_is_found(self):
        self.assert_finds('the SDK may not', 'check_arrows.py',
                          {'sdk/include/berth/x.h': HEADER + '#include "base/bytes.h"\n', 'server/base/bytes.h': HEADER})

    def test_a_library_outside_its_home_is_found(self):
        self.assert_finds('torch/ belongs in plugins/', 'check_arrows.py',
                          {'server/core/thing.cpp': SPDX + '#include <torch/script.h>\n'})

    def test_a_missing_licence_line_is_found(self):
        self.assert_finds('SPDX', 'check_files.py', {'server/base/thing.cpp': 'int a;\n'})

    def test_a_header_without_its_sentence_is_found(self):
        self.assert_finds('second line', 'check_files.py', {'server/base/thing.h': SPDX + '#pragma once\n'})

    def test_a_path_of_a_machine_is_found(self):
        self.assert_finds('path of somebody', 'check_files.py', {'notes.txt': 'see /ho' + 'me/jane/notes\n'})

    def test_a_large_file_is_found(self):
        self.assert_finds('at most', 'check_files.py', {'data.bin': 'x' * (6 * 1024 * 1024)})

    def test_a_long_line_of_cmake_is_found(self):
        self.assert_finds('CMakeLists.txt:2: 121 columns', 'check_files.py',
                          {'CMakeLists.txt': SPDX.replace('//', '#') + 'x' * 121 + '\n'})

    def test_a_dead_link_is_found(self):
        self.assert_finds('gone.md does not exist', 'check_links.py', {'README.md': f'[it]({GONE})\n'})

    def test_a_dead_heading_is_found(self):
        self.assert_finds('no such heading', 'check_links.py', {'README.md': '# Title\n[it](#titel)\n'})

    def test_a_page_named_by_a_source_is_looked_for(self):
        self.assert_finds(GONE, 'check_links.py', {'a.cpp': f'// See {GONE}\n'})

    def test_good_links_pass(self):
        self.assert_passes('check_links.py', {'README.md': '# One `two`: three\n[a](#one-two-three) [b](b.md)\n', 'b.md': ''})

    def test_a_header_that_needs_another_first_is_found(self):
        self.assert_finds('thing.h', 'check_headers.py', {'server/base/thing.h': HEADER + 'std::string text();\n'},
                          'c++')

    def test_routes_that_nobody_is_asked_for_are_found(self):
        added = 'dialects::add_one(*router, service);\n'
        tested = {'tests/dialects/guarded_server.h': HEADER + 'dialects::add_one(*router_, service_);\n'}
        self.assert_passes('check_routes.py', {'server/app_routes.cpp': SPDX + added, **tested})
        self.assert_finds('lacks add_two', 'check_routes.py',
                          {'server/app_routes.cpp': SPDX + added + 'add_two(*router);\n', **tested})
        self.assert_finds('lacks add_one', 'check_routes.py', {'server/app_routes.cpp': SPDX + added})

    def test_an_empty_tree_is_no_success(self):
        self.assert_finds('nothing was looked at', 'check_arrows.py', {})


if __name__ == '__main__':
    unittest.main()
