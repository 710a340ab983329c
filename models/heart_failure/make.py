# SPDX-License-Identifier: Apache-2.0
"""Makes models/heart_failure/1 again, by the server's own training: python3 models/heart_failure/make.py BERTH

BERTH is the program, build/default/bin/berth. Standard library only.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TABLE = 'heart_failure_clinical_records.csv'
ARGUMENTS = f'data={TABLE}&model=logistic&folds=5&seed=1'


def ask(url, method='GET'):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
        return json.load(answer)


def serve(berth, folder):
    """Starts a server whose one model is the untrained one, as version 0; returns the process and its address."""
    shutil.copytree(HERE / 'untrained', folder / 'models/heart_failure/0')
    (folder / 'data').mkdir()
    shutil.copy(HERE / TABLE, folder / 'data')
    (folder / 'berth.yaml').write_text('server: {port: 0, models_dir: models, data_dir: data, state_dir: state}\n')
    server = subprocess.Popen([berth, 'serve', '--config', folder / 'berth.yaml'], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        found = re.search(r'http://127\.0\.0\.1:\d+', line)
        if found:
            address = found[0]
        if line.startswith('ready: '):
            return server, address
    sys.exit('the server did not start')


def train(address):
    trainings = f'{address}/v2/models/heart_failure/train/'
    record = ask(f'{trainings}?{ARGUMENTS}', 'POST')
    while record['status'] == 'running':
        time.sleep(0.2)
        record = ask(trainings + record['uuid'])
    if record['status'] != 'done':
        sys.exit(json.dumps(record, indent=1))
    print(json.dumps(record['result']['output'], indent=1))
    return record['result']['new_version']


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server, address = serve(sys.argv[1], folder)
        try:
            version = train(address)
        finally:
            server.terminate()
            server.communicate()
        shutil.rmtree(HERE / '1', ignore_errors=True)
        shutil.copytree(folder / 'models/heart_failure' / version, HERE / '1')


if __name__ == '__main__':
    main()
