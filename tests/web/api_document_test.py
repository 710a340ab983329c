# SPDX-License-Identifier: Apache-2.0
"""The server's API document, as a public validator sees it; and the validator, which must refuse what is wrong.

   api_document_test.py BERTH PLUGINS_DIR MODELS_DIR NODE_MODULES
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
BERTH, PLUGINS, MODELS, NODE_MODULES = (pathlib.Path(argument) for argument in sys.argv[1:5])
SKIPPED = 77
MINIMAL = {'swagger': '2.0', 'info': {'title': 'x', 'version': '1'},
           'paths': {'/x': {'get': {'responses': {'200': {'description': 'OK'}}}}}}


def validate(document):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(document, file)
        file.flush()
        return subprocess.run(['node', HERE / 'validate_api_document.cjs', file.name], capture_output=True, text=True,
                              check=False, env={**os.environ, 'NODE_PATH': str(NODE_MODULES)})


class Server:
    """A server on a free port, with the folders given."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [BERTH, 'serve', '--listen-ip', '127.0.0.1', '--listen-port', '0', '--plugins-dir', PLUGINS,
             '--models-dir', MODELS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            address = re.search(r'http://127\.0\.0\.1:\d+', line)
            if address:
                self.address = address[0]
                return self
        raise RuntimeError('the server did not start: ' + self.process.stderr.read())

    def __exit__(self, *error):
        self.process.terminate()
        self.process.communicate(timeout=60)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return answer.read()


class ApiDocumentTest(unittest.TestCase):
    def test_the_validator_passes_a_minimal_document(self):
        done = validate(MINIMAL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_validator_refuses_a_document_without_responses(self):
        self.assertEqual(validate({**MINIMAL, 'paths': {'/x': {'get': {}}}}).returncode, 1)

    def test_the_servers_document_is_valid_and_names_its_models(self):
        with Server() as server:
            document = json.loads(server.get('/swagger.json'))
            page = server.get('/api').decode()
        done = validate(document)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('/v2/models/greeter/predict/', document['paths'])
        self.assertNotRegex(page, r'(src|href)="(https?:)?//')


if __name__ == '__main__':
    if not (NODE_MODULES / '@apidevtools').is_dir():
        print('skipped: the build could not fetch the validator from npm')
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
