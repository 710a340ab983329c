# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` makes serves the sample models as it is, from wherever it was put.

   installed_tree_test.py CMAKE BUILD_DIR [with-vision] [with-viewer]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/support'))
from server import Server  # noqa: E402

CMAKE, BUILD = sys.argv[1:3]
WITH_VISION = 'with-vision' in sys.argv[3:]
WITH_VIEWER = 'with-viewer' in sys.argv[3:]


class InstalledTreeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name, 'opt')
        subprocess.run([CMAKE, '--install', BUILD, '--prefix', cls.prefix], check=True, stdout=subprocess.DEVNULL)
        cls.server = Server(cls.prefix / 'bin/berth').__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.folder.cleanup()

    def test_models_that_came_with_it_are_served(self):
        names = {model['name'] for model in json.loads(self.server.get('/v2/models/'))['models']}
        self.assertIn('greeter', names)

    @unittest.skipUnless(WITH_VISION, 'built without the image plugins')
    def test_a_sample_image_is_classified(self):
        answer = json.loads(self.server.upload('/v2/models/digits/predict/', ROOT / 'models/digits/samples/digit-7.png'))
        self.assertEqual(answer['status'], 'OK')
        self.assertIn('7', json.dumps(answer['predictions']))

    @unittest.skipUnless(WITH_VISION, 'built without the table plugin')
    def test_the_sample_table_model_tells_how_good_it_is(self):
        answer = json.loads(self.server.get('/v2/models/heart_failure/'))
        self.assertEqual(answer['name'], 'heart_failure')
        self.assertGreaterEqual(answer['auc'], 0.75)

    @unittest.skipUnless(WITH_VIEWER, 'built without insisting on the viewer of the API page')
    def test_the_api_page_has_its_viewer(self):
        self.assertIn(b'swagger-ui-bundle.js', self.server.get('/api'))
        self.assertIn(b'SwaggerUIBundle', self.server.get('/api/swagger-ui-bundle.js'))

    def test_the_configuration_that_came_with_it_is_valid(self):
        with Server(self.prefix / 'bin/berth', '--config', self.prefix / 'etc/berth/berth.yaml') as server:
            self.assertIn(b'greeter', server.get('/v2/models/'))

    def test_a_server_of_a_test_leaves_the_users_state_alone(self):
        with tempfile.TemporaryDirectory() as users, \
                unittest.mock.patch.dict(os.environ, {'STATE_DIRECTORY': users, 'XDG_STATE_HOME': users}):
            with Server(self.prefix / 'bin/berth') as server:
                self.assertIn(b'greeter', server.get('/v2/models/'))
            self.assertEqual(os.listdir(users), [])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
