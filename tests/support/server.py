# SPDX-License-Identifier: Apache-2.0
"""A berth server for tests in Python: on a free port, its models loaded, its state its own, ended with the test."""

import os
import re
import subprocess
import tempfile
import urllib.request


class Server:
    """with Server(program, '--models-dir', …) as server: server.get('/v2/models/')"""

    def __init__(self, program, *arguments):
        self.command = [program, 'serve', '--listen-ip', '127.0.0.1', '--listen-port', '0', *arguments]

    def __enter__(self):
        self.log = tempfile.TemporaryFile('w+')
        self.state = tempfile.TemporaryDirectory()  # or what the user's own server decided would decide here, too
        self.process = subprocess.Popen([*self.command, '--state-dir', self.state.name], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            address = re.search(r'http://127\.0\.0\.1:\d+', line)
            if address:
                self.address = address[0]
            if line.startswith('ready: '):
                return self
        self.process.wait()
        self.state.cleanup()
        self.log.seek(0)
        raise RuntimeError('the server did not start:\n' + self.log.read())

    def __exit__(self, *error):
        self.process.terminate()
        self.process.communicate(timeout=60)
        self.state.cleanup()
        self.log.close()

    def said(self):
        """Its log so far. Read aside: the server writes where the file's own position is."""
        return os.pread(self.log.fileno(), 1 << 24, 0).decode(errors='replace')

    def admin_key(self):
        with open(os.path.join(self.state.name, 'admin.key')) as file:
            return file.read().strip()

    def get(self, path, key=None):
        request = urllib.request.Request(self.address + path, headers={'X-API-Key': key} if key else {})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def upload(self, path, file, field='data'):
        """Posts one file as a form does; the answer's body."""
        boundary = 'aBoundaryOfTheTest'
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{file.name}"\r\n\r\n'.encode()
                + file.read_bytes() + f'\r\n--{boundary}--\r\n'.encode())
        request = urllib.request.Request(self.address + path, body,
                                         {'Content-Type': f'multipart/form-data; boundary={boundary}'})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()
