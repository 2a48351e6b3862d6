#!/usr/bin/env python3
"""Writes what PyTorch computes for networks that have no published weights: Tests/Fixtures/networks.

    PYTHONPATH=.deps/python python3 Scripts/golden_from_names.py

Every weight is computed from its name, here and in Tests/NetworksTests/NamedWeights.swift, so that no weights have to be
kept. For googlenet and se-resnet-18, each with 4 classes: embedding and logits of one computed image of 96 pixels, and how
many numbers training changes.
"""

import numpy
import torch
from safetensors.torch import save_file
from torch.nn import functional

from golden_networks import FIXTURES, batch_norm, test_image


def uniform(name, count):
    """From -1 to 1: SplitMix64 (Steele et al. 2014, figure 17), seeded with FNV-1a of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    x = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    x ^= x >> numpy.uint64(31)
    return 2 * (x >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53 - 1


class Layers:
    """Layers whose weights are computed from their names; counts what training changes."""

    def __init__(self):
        self.parameters = 0

    def weight(self, name, *shape):
        values = uniform(name, int(numpy.prod(shape)))
        if not name.endswith(("running_mean", "running_var")):
            self.parameters += values.size
        if len(shape) > 1:  # He et al. 2015, equation 10
            values = (6 / numpy.prod(shape[1:])) ** 0.5 * values
        elif name.endswith("norm.weight"):
            values = 1 + 0.2 * values
        elif name.endswith("running_var"):
            values = 1 + 0.5 * values
        else:
            values = 0.2 * values
        return torch.from_numpy(values.reshape(shape)).float()

    def convolution(self, x, name, channels, kernel, stride=1):
        kernels = self.weight(f"{name}.conv.weight", channels, x.shape[1], kernel, kernel)
        x = functional.conv2d(x, kernels, stride=stride, padding=kernel // 2)
        keys = [f"{name}.norm.{key}" for key in ("weight", "bias", "running_mean", "running_var")]
        return batch_norm(x, {key: self.weight(key, channels) for key in keys}, f"{name}.norm", 1e-5)

    def activated(self, *arguments, **options):
        return functional.relu(self.convolution(*arguments, **options))

    def linear(self, x, name, features):
        weight = self.weight(f"{name}.weight", features, x.shape[1])
        return functional.linear(x, weight, self.weight(f"{name}.bias", features))


INCEPTIONS = """
    3a 64 96 128 16 32 32
    3b 128 128 192 32 96 64
    4a 192 96 208 16 48 64
    4b 160 112 224 24 64 64
    4c 128 128 256 24 64 64
    4d 112 144 288 32 64 64
    4e 256 160 320 32 128 128
    5a 256 160 320 32 128 128
    5b 384 192 384 48 128 128
"""


def halved(x):
    return functional.max_pool2d(x, 3, 2, 1)


def googlenet(layers, x):
    """Szegedy et al. 2015, Table 1, with batch normalisation. INCEPTIONS: its columns from #1×1 to pool proj."""
    x = halved(layers.activated(x, "stem", 64, 7, 2))
    x = halved(layers.activated(layers.activated(x, "reduce2", 64, 1), "convolution2", 192, 3))
    for row in INCEPTIONS.split("\n")[1:-1]:
        name, *columns = row.split()
        one, reduce3, three, reduce5, five, projection = map(int, columns)
        x = halved(x) if name in ("4a", "5a") else x
        name = f"inception{name}"
        branches = [
            layers.activated(x, f"{name}.1x1", one, 1),
            layers.activated(layers.activated(x, f"{name}.3x3_reduce", reduce3, 1), f"{name}.3x3", three, 3),
            layers.activated(layers.activated(x, f"{name}.5x5_reduce", reduce5, 1), f"{name}.5x5", five, 5),
            layers.activated(functional.max_pool2d(x, 3, 1, 1), f"{name}.pool_projection", projection, 1),
        ]
        x = torch.cat(branches, 1)
    return x


def se_resnet_18(layers, x):
    """He et al. 2016, Table 1, 18 layers; squeeze-and-excitation of Hu et al. 2018 with r = 16."""
    x = halved(layers.activated(x, "stem", 64, 7, 2))
    for row, channels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            name, stride = f"conv{row + 2}.{block}", 2 if row > 0 and block == 0 else 1
            y = layers.activated(x, f"{name}.1", channels, 3, stride)
            y = layers.convolution(y, f"{name}.2", channels, 3)
            gate = functional.relu(layers.linear(y.mean((2, 3)), f"{name}.excite1", channels // 16))
            gate = torch.sigmoid(layers.linear(gate, f"{name}.excite2", channels))
            if stride == 2:
                x = layers.convolution(x, f"{name}.projection", channels, 1, stride)
            x = functional.relu(x + y * gate[:, :, None, None])
    return x


def main():
    for name, network in (("googlenet", googlenet), ("se-resnet-18", se_resnet_18)):
        layers = Layers()
        with torch.inference_mode():
            embedding = network(layers, test_image(96)).mean((2, 3))
            logits = layers.linear(embedding, "classifier", 4)
        path = FIXTURES / f"{name}.safetensors"
        count = torch.tensor([float(layers.parameters)])  # exact below 2^24
        save_file({"embedding": embedding, "logits": logits, "trainableParameters": count}, path)
        print(f"{path.name}: {layers.parameters:,} parameters, logits {[round(x, 3) for x in logits[0].tolist()]}")


if __name__ == "__main__":
    main()
