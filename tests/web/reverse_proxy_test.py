# SPDX-License-Identifier: Apache-2.0
"""A real nginx or HAProxy, as config/examples has it, in front of the real server.

   reverse_proxy_test.py nginx|haproxy BERTH FAKES_DIR
"""

import http.client
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/support'))
import proxies  # noqa: E402
from server import Server  # noqa: E402

PROGRAM, BERTH, FAKES = sys.argv[1], *(pathlib.Path(argument).resolve() for argument in sys.argv[2:4])
PROXY, SITE, BELOW = {'nginx': (proxies.Nginx, 'berth.conf', 'berth-base-path.conf'),
                      'haproxy': (proxies.Haproxy, 'berth.cfg', 'berth-base-path.cfg')}[PROGRAM]
SKIPPED = 77
MIB = 1024 * 1024
FORGED = '203.0.113.66'


def berth(folder, *arguments):
    """A server with the example's configuration, and a limit that a test can pass."""
    plugins = pathlib.Path(folder, 'plugins')
    plugins.mkdir(exist_ok=True)
    for name in ('echo', 'crasher', 'fails_on_create'):
        if not (plugins / f'{name}.so').exists():
            (plugins / f'{name}.so').symlink_to(FAKES / f'{name}.so')
    config = pathlib.Path(folder, 'berth.yaml')
    config.write_text((ROOT / 'config/examples/behind-proxy.yaml').read_text()
                      + 'limits: {max_body_bytes: 8MiB}\nlog: {format: json}\n')
    return Server(BERTH, '--config', config, '--plugins-dir', plugins, '--models-dir', pathlib.Path(folder, 'models'),
                  *arguments)


class ReverseProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = berth(cls.folder.name).__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.proxy = PROXY(SITE, cls.server.address).__enter__()
        cls.addClassCleanup(cls.proxy.__exit__)

    def connect(self, source='127.0.0.1'):
        connection = http.client.HTTPSConnection('127.0.0.1', self.proxy.port, timeout=proxies.PATIENCE_S,
                                                 source_address=(source, 0), context=self.proxy.tls)
        self.addCleanup(connection.close)
        return connection

    def ask(self, method, path, body=None, headers=None, source='127.0.0.1', **more):
        """The answer and its body."""
        connection = self.connect(source)
        try:
            connection.request(method, path, body, headers or {}, **more)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a refusal came before all was sent, and is there to be read
        answer = connection.getresponse()
        return answer, answer.read()

    def client_of(self, request_id, headers=None):
        """Whom the server takes a request from 127.0.0.2 to be from, as it logs what it refuses."""
        answer, _ = self.ask('POST', '/v2/models/echo/predict/', b'x' * (9 * MIB),
                             {'X-Request-Id': request_id, **(headers or {})}, source='127.0.0.2')
        self.assertEqual(answer.status, 413)
        lines = [json.loads(line) for line in self.server.said().splitlines() if request_id in line]
        return lines[0]['message'].rpartition('; from ')[2]

    def test_a_prediction_comes_through(self):
        answer, body = self.ask('POST', '/v2/models/echo/predict/', json.dumps({'text': 'hello'}),
                                {'Content-Type': 'application/json', 'X-Request-Id': 'prediction-1'})
        self.assertEqual(answer.status, 200, body)
        self.assertEqual(json.loads(body)['predictions']['text'], 'hello')
        self.assertEqual(answer.headers['X-Request-Id'], 'prediction-1')

    def test_connections_to_the_server_are_kept(self):
        connection = self.connect()
        for _ in range(5):
            connection.request('GET', '/v2/models/')
            self.assertIn(b'"echo"', connection.getresponse().read())
        open_ones = [line for line in self.server.get('/metrics', key=self.server.admin_key()).decode().splitlines()
                     if line.startswith('berth_http_connections ')]
        self.assertGreaterEqual(float(open_ones[0].split()[1]), 2, 'the proxy closed its own')

    def test_an_upload_of_some_megabytes_comes_through(self):
        content = bytes(range(256)) * (5 * MIB // 256)
        form = (b'--edge\r\nContent-Disposition: form-data; name="data"; filename="a.bin"\r\n'
                b'Content-Type: application/octet-stream\r\n\r\n' + content + b'\r\n--edge--\r\n')
        headers = {'Content-Type': 'multipart/form-data; boundary=edge', 'Accept': 'application/octet-stream'}
        for chunked in (False, True):
            pieces = (form[at:at + MIB] for at in range(0, len(form), MIB)) if chunked else form
            more = {'Transfer-Encoding': 'chunked'} if chunked else {}
            answer, body = self.ask('POST', '/v2/models/echo/predict/', pieces, {**headers, **more},
                                    encode_chunked=chunked)
            self.assertEqual(answer.status, 200, body[:500])
            self.assertTrue(body == content, f'{len(body)} other bytes, chunked: {chunked}')

    def test_the_clients_address_arrives(self):
        self.assertEqual(self.client_of('address-1'), '127.0.0.2')

    def test_what_a_client_says_of_its_address_is_not_believed(self):
        for number, headers in enumerate(({'X-Forwarded-For': FORGED}, {'Forwarded': f'for={FORGED}'},
                                          {'X-Forwarded-For': FORGED, 'Forwarded': f'for={FORGED};host=evil.example'},
                                          {'X-Forwarded-For': 'garbage', 'X-Real-IP': FORGED},
                                          {'Forwarded': 'for="open'})):
            with self.subTest(headers):
                self.assertEqual(self.client_of(f'forged-{number}', headers), '127.0.0.2')

    def test_the_operators_routes_need_a_key_whoever_comes(self):
        for headers, status in (({}, 401), ({'X-Forwarded-For': '127.0.0.1'}, 401), ({'X-API-Key': 'wrong'}, 401),
                                ({'X-API-Key': self.server.admin_key()}, 200)):
            with self.subTest(headers):
                answer, body = self.ask('GET', '/v2/berth/models', headers=headers)
                self.assertEqual(answer.status, status, body)

    def test_the_servers_refusals_come_through_as_they_are(self):
        answer, body = self.ask('POST', '/v2/models/echo/predict/', b'x' * (9 * MIB), {'X-Request-Id': 'large-1'})
        self.assertEqual(answer.status, 413)
        self.assertIn('large', json.loads(body)['message'])
        self.assertEqual(answer.headers['X-Request-Id'], 'large-1')

        answer, body = self.ask('POST', '/v2/models/crasher/predict/?mode=throttled')
        self.assertEqual(answer.status, 429)
        self.assertEqual(json.loads(body)['message'], 'come again later')

        answer, body = self.ask('POST', '/v2/models/fails_on_create/predict/')
        self.assertEqual(answer.status, 503)
        self.assertIn('message', json.loads(body))
        self.assertIn('Retry-After', answer.headers)


class OtherSitesTest(unittest.TestCase):
    def test_below_a_path_of_another_site(self):
        with tempfile.TemporaryDirectory() as folder, berth(folder, '--base-path', '/berth') as server, \
                PROXY(BELOW, server.address) as proxy:
            connection = http.client.HTTPSConnection('127.0.0.1', proxy.port, timeout=proxies.PATIENCE_S,
                                                     context=proxy.tls)
            connection.request('GET', '/berth/v2/models/')
            links = json.loads(connection.getresponse().read())['models'][0]['links']
            self.assertTrue(links[0]['href'].startswith('/berth/v2/models/'), links)
            connection.request('GET', links[0]['href'])
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200, answer.read())
            connection.close()

    def test_both_end_cleanly(self):
        with tempfile.TemporaryDirectory() as folder, berth(folder) as server:
            with PROXY(SITE, server.address) as proxy:
                connection = http.client.HTTPSConnection('127.0.0.1', proxy.port, timeout=proxies.PATIENCE_S,
                                                         context=proxy.tls)
                connection.request('GET', '/v2/models/')
                self.assertEqual(connection.getresponse().status, 200)
                connection.close()
                self.assertNotRegex(proxy.said().lower(), r'\[(error|crit|alert|emerg)\]')
                # The server first: the proxy still holds a connection to it.
                server.process.terminate()
                self.assertEqual(server.process.wait(timeout=proxies.PATIENCE_S), 0, server.said())
                self.assertEqual(proxy.stop(), 0, proxy.said())


if __name__ == '__main__':
    if not proxies.find(PROGRAM) or not proxies.find('openssl'):
        print(f'skipped: {PROGRAM} and openssl are not both installed; packaging/install-dependencies.sh --test')
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
