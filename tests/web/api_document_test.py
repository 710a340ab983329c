# SPDX-License-Identifier: Apache-2.0
"""The server's API document, as a public validator sees it; and the validator, which must refuse what is wrong.

   api_document_test.py BERTH PLUGINS_DIR MODELS_DIR NODE_MODULES [with-viewer]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))
from server import Server  # noqa: E402

BERTH, PLUGINS, MODELS, NODE_MODULES = (pathlib.Path(argument) for argument in sys.argv[1:5])
WITH_VIEWER = 'with-viewer' in sys.argv[5:]
SKIPPED = 77
MINIMAL = {'swagger': '2.0', 'info': {'title': 'x', 'version': '1'},
           'paths': {'/x': {'get': {'responses': {'200': {'description': 'OK'}}}}}}


def validate(document):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(document, file)
        file.flush()
        return subprocess.run(['node', HERE / 'validate_api_document.cjs', file.name], capture_output=True, text=True,
                              check=False, env={**os.environ, 'NODE_PATH': str(NODE_MODULES)})


class ApiDocumentTest(unittest.TestCase):
    def test_the_validator_passes_a_minimal_document(self):
        done = validate(MINIMAL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_validator_refuses_a_document_without_responses(self):
        self.assertEqual(validate({**MINIMAL, 'paths': {'/x': {'get': {}}}}).returncode, 1)

    def test_the_servers_document_is_valid_and_names_its_models(self):
        with Server(BERTH, '--plugins-dir', PLUGINS, '--models-dir', MODELS) as server:
            document = json.loads(server.get('/swagger.json'))
            page = server.get('/api').decode()
            if WITH_VIEWER:
                self.assertIn(b'SwaggerUIBundle', server.get('/api/swagger-ui-bundle.js'))
                self.assertIn('swagger-ui-bundle.js', page)
        done = validate(document)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('/v2/models/greeter/predict/', document['paths'])
        self.assertNotRegex(page, r'(src|href)="(https?:)?//')


if __name__ == '__main__':
    if not WITH_VIEWER and not (NODE_MODULES / '@apidevtools').is_dir():
        print('skipped: the build could not fetch the validator from npm')
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
