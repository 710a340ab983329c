# SPDX-License-Identifier: Apache-2.0
"""The server's program loads neither LibTorch nor OpenCV, not even through another library."""

import subprocess
import sys

import tree

FORBIDDEN = ('libtorch', 'libc10', 'libopencv', 'libopenblas', 'libblas')


def main():
    listed = subprocess.run(['ldd', sys.argv[1]], capture_output=True, text=True, check=True).stdout.splitlines()
    problems = [f'{sys.argv[1]} loads {line.strip()}' for line in listed if line.strip().startswith(FORBIDDEN)]
    tree.finish(problems, len(listed))


main()
