#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a package for benchmarks: ResNet-18's shape with random weights, 224x224 pixels, 1000 labels.

    apt-get install python3-torch python3-torchvision
    python3 models/make_resnet18.py FOLDER           # e.g. build/models/resnet18/1

Nothing of it is committed: it is 45 MB and knows nothing. It costs what a trained one costs.
"""
import argparse
import pathlib
import textwrap

import torch
import torchvision

SEED = 18
CLASSES = 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="the package's folder; made where it is missing")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    model = torchvision.models.resnet18(weights=None, num_classes=CLASSES).eval()
    torch.jit.freeze(torch.jit.script(model)).save(str(folder / "model.pt"))
    (folder / "labels.txt").write_text("".join(f"class-{index:03}\n" for index in range(CLASSES)))
    (folder / "model.yaml").write_text(textwrap.dedent("""\
        # SPDX-License-Identifier: Apache-2.0
        # Written by models/make_resnet18.py.
        plugin: image_classifier

        metadata:
          name: resnet18
          version: "1"
          description: ResNet-18 with random weights, for benchmarks only
          license: Apache-2.0

        model: model.pt
        labels: labels.txt
        output: logits

        input:
          width: 224
          height: 224
          channels: rgb
          resize: crop
          shorter_side: 256
          divide_by: 255
          mean: [0.485, 0.456, 0.406]
          std: [0.229, 0.224, 0.225]
        """))


if __name__ == "__main__":
    main()
