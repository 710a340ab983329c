#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the package models/digits/1, its self-test and its samples again, from scikit-learn's copy of the UCI optical digits.

    apt-get install python3-torch python3-sklearn python3-pil
    python3 models/digits/make.py            # writes beside itself; less than a minute on one core

The split and the seed are fixed. Weights that another machine trains may differ in their last bits; the held-out
accuracy that the script measures is written into model.yaml, and it refuses to write anything below 0.98.
LibTorch 1.13 must be able to load the file, so make it with PyTorch 1.13 (Debian 12): newer LibTorch reads it too.
"""
import pathlib
import textwrap

import numpy
import torch
from PIL import Image
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20221121
HELD_OUT = 360  # the last ones: the data set is in the order of its writers, so hardly any wrote for both parts
EPOCHS = 120
BATCH = 64
SAMPLE_SIDE = 64
SELF_TEST_CASE = '  - {{name: the digit {digit}, file: self_test/digit-{digit}.png, label: "{digit}"}}\n'


class Digits(torch.nn.Module):
    """Logits of the ten digits from (N, 1, 8, 8) with values 0..1, light on dark or dark on light."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 24, 3, padding=1), torch.nn.BatchNorm2d(24), torch.nn.ReLU(),
            torch.nn.Conv2d(24, 48, 3, padding=1), torch.nn.BatchNorm2d(48), torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(48, 64, 3, padding=1), torch.nn.BatchNorm2d(64), torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Dropout(0.3), torch.nn.Linear(256, 10))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # The left and right edges are paper, whatever the digit: where they are light, the drawing is turned round.
        paper = (images[:, :, :, :1].mean((1, 2, 3)) + images[:, :, :, 7:].mean((1, 2, 3))) / 2
        light = (paper > 0.5).to(images.dtype).reshape(-1, 1, 1, 1)
        return self.layers(images * (1 - light) + (1 - images) * light)


def as_grey(pixels):
    """0..16, as the data set counts ink, to the 0..255 of an 8-bit PNG."""
    return numpy.rint(pixels * (255 / 16)).astype(numpy.uint8)


def varied(images, generator):
    """Moved, scaled and turned a little: what a digit drawn by somebody else and cut out by hand looks like."""
    count = images.shape[0]
    angle = (torch.rand(count, generator=generator) - 0.5) * 0.35
    zoom = 0.9 + torch.rand(count, 2, generator=generator) * 0.3
    move = (torch.rand(count, 2, generator=generator) - 0.5) * 0.3
    cosine, sine = torch.cos(angle), torch.sin(angle)
    turn = torch.stack([torch.stack([cosine * zoom[:, 0], -sine, move[:, 0]], 1),
                        torch.stack([sine, cosine * zoom[:, 1], move[:, 1]], 1)], 1)
    grid = torch.nn.functional.affine_grid(turn, list(images.shape), align_corners=False)
    return torch.nn.functional.grid_sample(images, grid, align_corners=False)


def trained(images, labels):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = Digits().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images), generator=generator)
        for first in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[first:first + BATCH]
            clean, wanted = images[chosen], labels[chosen]
            logits = model(torch.cat([clean, varied(clean, generator)]))
            loss = torch.nn.functional.cross_entropy(logits, wanted.repeat(2), label_smoothing=0.02)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def accuracy(model, images, labels):
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


def write_samples(model, images, labels):
    """The first held-out image of each digit, enlarged as an ordinary PNG, checked as a server would read it."""
    folder = HERE / "samples"
    folder.mkdir(exist_ok=True)
    for digit in range(10):
        index = int((labels == digit).nonzero()[0])
        grey = Image.fromarray((images[index, 0] * 255).round().to(torch.uint8).numpy())
        large = grey.resize((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.BICUBIC)
        small = numpy.asarray(large.resize((8, 8), Image.Resampling.BOX), dtype=numpy.float32) / 255
        if int(model(torch.from_numpy(small).reshape(1, 1, 8, 8)).argmax()) != digit:
            raise SystemExit(f"the sample of {digit} is not recognised")
        large.save(folder / f"digit-{digit}.png", optimize=True)


def write_self_test(model, images, labels):
    """The second held-out image of each digit as it is, for the package to be tried with when it is loaded."""
    folder = HERE / "1" / "self_test"
    folder.mkdir(parents=True, exist_ok=True)
    for digit in range(10):
        index = int((labels == digit).nonzero()[1])
        if int(model(images[index:index + 1]).argmax()) != digit:
            raise SystemExit(f"the self-test's {digit} is not recognised")
        grey = Image.fromarray((images[index, 0] * 255).round().to(torch.uint8).numpy())
        grey.save(folder / f"digit-{digit}.png", optimize=True)


def write_package(model, held_out, train_count, held_out_count):
    folder = HERE / "1"
    folder.mkdir(exist_ok=True)
    torch.jit.freeze(torch.jit.script(model)).save(str(folder / "model.pt"))
    (folder / "labels.txt").write_text("".join(f"{digit}\n" for digit in range(10)))
    (folder / "model.yaml").write_text(textwrap.dedent(f"""\
        # SPDX-License-Identifier: Apache-2.0
        # Written by models/digits/make.py. What each key means: docs/models.md.
        plugin: image_classifier

        metadata:
          name: digits
          version: "1"
          description: A small convolutional network that reads one handwritten digit, 0 to 9
          authors: [The Berth authors]
          license: Apache-2.0
          accuracy: {held_out:.4f}
          accuracy_measured_on: the last {held_out_count} of {train_count + held_out_count} images, not used for training
          data: >-
            Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository,
            1998, https://doi.org/10.24432/C50P49 (the 1797 images that scikit-learn carries)
          data_license: CC BY 4.0

        model: model.pt
        labels: labels.txt
        output: logits

        # One digit that fills the image, light on dark or dark on light. 8x8 squares of ink from 0 to 1: in an 8-bit
        # image 255 is what the data set counts as 16.
        input:
          width: 8
          height: 8
          channels: grey
          resize: stretch
          interpolation: area
          divide_by: 255

        # Held-out digits, one of each: a version that reads one of them wrong does not come to serve.
        self_test:
        """) + "".join(SELF_TEST_CASE.format(digit=digit) for digit in range(10)))


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    digits = load_digits()
    images = torch.from_numpy(as_grey(digits.images)).to(torch.float32).div(255).unsqueeze(1)
    labels = torch.from_numpy(digits.target).to(torch.int64)
    train, held_out = range(len(labels) - HELD_OUT), range(len(labels) - HELD_OUT, len(labels))
    model = trained(images[train], labels[train])
    right = accuracy(model, images[held_out], labels[held_out])
    turned = accuracy(model, 1 - images[held_out], labels[held_out])
    print(f"held-out accuracy {right:.4f}, dark on light {turned:.4f}")
    if min(right, turned) < 0.98:
        raise SystemExit("below 0.98: nothing written")
    write_package(model, right, len(train), len(held_out))
    write_self_test(model, images[held_out], labels[held_out])
    write_samples(model, images[held_out], labels[held_out])


if __name__ == "__main__":
    main()
