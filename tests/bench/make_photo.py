#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a JPEG that costs what a photograph of 500x375 pixels costs to decode: shapes, gradients and grain."""
import sys

import torch
import torchvision

HEIGHT, WIDTH, GRAIN = 375, 500, 12

torch.manual_seed(1)
y, x = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
waves = [((x * fx + y * fy) / 40).sin() for fx, fy in ((1, 0.3), (0.2, 1), (0.7, 0.7))]
pixels = torch.stack(waves) * 90 + 128 + torch.randn(3, HEIGHT, WIDTH) * GRAIN
torchvision.io.write_jpeg(pixels.clamp(0, 255).to(torch.uint8), sys.argv[1], quality=90)
