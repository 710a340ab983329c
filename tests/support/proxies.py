# SPDX-License-Identifier: Apache-2.0
"""nginx and HAProxy in front of a server, from config/examples, for tests: on a free port, ended with the test."""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'config/examples'
PATIENCE_S = 60


def find(program):
    """Its path, also where that is no user's; None where it is not installed."""
    return shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/usr/local/sbin')


def replaced(text, *changes):
    """Each (what, with what) must be there."""
    for old, new in changes:
        if old not in text:
            raise AssertionError(f'the example has no {old!r} any more')
        text = text.replace(old, new)
    return text


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Proxy:
    """with Nginx('berth.conf', server.address) as proxy: proxy.port, proxy.tls"""

    end_signal = None  # which it ends on when what it serves is done

    def __init__(self, example, upstream):
        self.example, self.upstream = example, upstream.removeprefix('http://')

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = pathlib.Path(self.folder.name)
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                        '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                        '-keyout', self.home / 'key.pem', '-out', self.home / 'fullchain.pem'],
                       check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=self.home / 'fullchain.pem')
        self.log = (self.home / 'log').open('a+')
        for _ in range(5):  # somebody else may take the port before the proxy does
            self.port = free_port()
            command = self.write_configuration()
            # In a group of its own: nginx's workers would outlive a master that is killed.
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                            start_new_session=True)
            if self.wait_until_it_listens():
                return self
            if 'in use' not in self.said().lower():
                break
        said = self.said()
        self.__exit__()
        raise RuntimeError('the proxy did not start:\n' + said)

    def wait_until_it_listens(self):
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            try:  # that it has the certificate says that it is not somebody else
                with socket.create_connection(('127.0.0.1', self.port), PATIENCE_S) as probe, \
                        self.tls.wrap_socket(probe, server_hostname='localhost'):
                    return True
            except OSError:
                pass
            if time.monotonic() > deadline:
                self.kill()
            time.sleep(0.01)
        return False

    def said(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors='replace')

    def stop(self):
        """Its exit code, once it has done what it was doing."""
        self.process.send_signal(self.end_signal)
        return self.process.wait(timeout=PATIENCE_S)

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def __exit__(self, *error):
        self.kill()
        self.log.close()
        self.folder.cleanup()


class Nginx(Proxy):
    end_signal = signal.SIGQUIT

    def write_configuration(self):
        shutil.copytree(EXAMPLES / 'nginx', self.home / 'snippets', dirs_exist_ok=True)
        site = replaced((EXAMPLES / 'nginx' / self.example).read_text(),
                        ('server 127.0.0.1:5000;', f'server {self.upstream};'),
                        ('listen 443 ssl;', f'listen 127.0.0.1:{self.port} ssl;'), ('    listen [::]:443 ssl;\n', ''),
                        ('/etc/ssl/berth/fullchain.pem', str(self.home / 'fullchain.pem')),
                        ('/etc/ssl/berth/key.pem', str(self.home / 'key.pem')))
        (self.home / 'site.conf').write_text(site)
        # What Debian's nginx.conf holds around a site. As root it would serve as somebody who cannot read the folder.
        user = 'user root;' if os.geteuid() == 0 else ''
        temporary = ''.join(f'{kind}_temp_path {self.home}/{kind};\n'
                            for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        (self.home / 'nginx.conf').write_text(
            f'{user}\ndaemon off;\npid {self.home}/pid;\nerror_log stderr;\nevents {{ }}\n'
            f'http {{\naccess_log off;\n{temporary}include site.conf;\n}}\n')
        return [find('nginx'), '-e', 'stderr', '-c', self.home / 'nginx.conf', '-p', self.home]


class Haproxy(Proxy):
    end_signal = signal.SIGUSR1

    def write_configuration(self):
        (self.home / 'berth.pem').write_bytes(b''.join((self.home / name).read_bytes()
                                                       for name in ('fullchain.pem', 'key.pem')))
        site = replaced((EXAMPLES / 'haproxy' / self.example).read_text(),
                        ('server berth 127.0.0.1:5000', f'server berth {self.upstream}'),
                        ('bind :::443 v4v6', f'bind 127.0.0.1:{self.port}'),
                        ('/etc/haproxy/berth.pem', str(self.home / 'berth.pem')))
        (self.home / 'haproxy.cfg').write_text('global\n    log stdout format raw local0\n\n' + site)
        return [find('haproxy'), '-db', '-f', self.home / 'haproxy.cfg']
