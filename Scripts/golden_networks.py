#!/usr/bin/env python3
"""Writes Tests/Fixtures/networks: what PyTorch computes for networks that the tests build in Swift.

    PYTHONPATH=.deps/python python3 Scripts/golden_networks.py

every-operation.safetensors     weights, image, results and gradients of a small network with every operation of Graph
efficientnet-lite0.safetensors  ImageNet embedding and logits for one computed image, from the original .pth
efficientnet-lite2.safetensors  the same

Also checks that Scripts/convert_efficientnet_lite.py has moved every weight to its place.
"""

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

import convert_efficientnet_lite as conversion

FIXTURES = conversion.ROOT / "Tests/Fixtures/networks"
LABELS = [1, 3]  # of the two images of every-operation


def batch_norm(x, weights, name, epsilon):
    statistics = (weights[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
    return functional.batch_norm(x, *statistics, training=False, eps=epsilon)


def every_operation():
    """The graph of Tests/NetworkFixtures/EveryOperation.swift, with random weights, and the gradients of its loss."""
    generator = torch.Generator().manual_seed(1)
    random = lambda *shape: torch.randn(*shape, generator=generator) * 0.5
    weights = {
        "conv.weight": random(8, 3, 3, 3),
        "conv.bias": random(8),
        "grouped.weight": random(8, 2, 3, 3),
        "gate_linear.weight": random(16, 16),
        "gate_linear.bias": random(16),
        "side.weight": random(16, 16, 1, 1),
        "classifier.weight": random(4, 16),
        "classifier.bias": random(4),
    }
    for norm in ("norm", "grouped_norm"):
        weights |= {f"{norm}.weight": 1 + random(8), f"{norm}.bias": random(8)}
        weights |= {f"{norm}.running_mean": random(8), f"{norm}.running_var": 0.1 + random(8).square()}
    image = random(2, 3, 10, 12) * 4
    trained = [name for name in weights if not name.endswith(("running_mean", "running_var"))]
    for name in trained:
        weights[name].requires_grad_()

    x = functional.conv2d(functional.pad(image, (1, 2, 0, 1)), weights["conv.weight"], weights["conv.bias"], stride=2)
    relu6 = functional.relu6(batch_norm(x, weights, "norm", 1e-3))
    x = functional.conv2d(relu6, weights["grouped.weight"], padding=1, groups=4)
    silu = functional.silu(batch_norm(x, weights, "grouped_norm", 1e-5))
    maximum = functional.max_pool2d(relu6, 3, 2, 1)
    average = functional.avg_pool2d(silu, 3, 2, 1, count_include_pad=False)
    join = torch.cat([maximum, average], 1)
    gate = torch.sigmoid(
        functional.linear(join.mean((2, 3)), weights["gate_linear.weight"], weights["gate_linear.bias"])
    )
    gated = join * gate[:, :, None, None]
    features = gated + functional.relu(functional.conv2d(gated, weights["side.weight"]))
    embedding = features.mean((2, 3))
    logits = functional.linear(embedding, weights["classifier.weight"], weights["classifier.bias"])
    loss = functional.cross_entropy(logits, torch.tensor(LABELS))
    loss.backward()
    results = {"image": image, "features": features, "embedding": embedding, "logits": logits, "loss": loss[None]}
    gradients = {f"gradient/{name}": weights[name].grad for name in trained}
    return {name: tensor.detach() for name, tensor in (weights | results | gradients).items()}


class SamePadding(nn.Module):
    """A convolution that pads as TensorFlow's SAME does, the odd zero below and to the right."""

    def __init__(self, *arguments, **options):
        super().__init__()
        self.conv = nn.Conv2d(*arguments, bias=False, **options)

    def forward(self, x):
        (kernel, _), (stride, _) = self.conv.kernel_size, self.conv.stride
        totals = [max((-(-length // stride) - 1) * stride + kernel - length, 0) for length in x.shape[2:]]
        (top, bottom), (left, right) = ((total // 2, total - total // 2) for total in totals)
        return self.conv(functional.pad(x, (left, right, top, bottom)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, expansion, kernel, stride):
        super().__init__()
        width = inputs * expansion
        if expansion > 1:
            self.expand, self.expand_norm = SamePadding(inputs, width, 1), nn.BatchNorm2d(width, eps=1e-3)
        self.depthwise = SamePadding(width, width, kernel, stride=stride, groups=width)
        self.depthwise_norm = nn.BatchNorm2d(width, eps=1e-3)
        self.project, self.project_norm = SamePadding(width, outputs, 1), nn.BatchNorm2d(outputs, eps=1e-3)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        y = functional.relu6(self.expand_norm(self.expand(x))) if hasattr(self, "expand") else x
        y = functional.relu6(self.depthwise_norm(self.depthwise(y)))
        y = self.project_norm(self.project(y))
        return x + y if self.residual else y


# Expansion, kernel, stride, channels, blocks of each stage.
STAGES = {
    "efficientnet-lite0": [
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ],
    "efficientnet-lite2": [
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 3), (6, 5, 2, 48, 3), (6, 3, 2, 88, 4), (6, 5, 1, 120, 4), (6, 5, 2, 208, 5),
        (6, 3, 1, 352, 1),
    ],
}


class EfficientNetLite(nn.Module):
    def __init__(self, stages):
        super().__init__()
        self.stem, self.stem_norm = SamePadding(3, 32, 3, stride=2), nn.BatchNorm2d(32, eps=1e-3)
        self.blocks, inputs = nn.ModuleList(), 32
        for expansion, kernel, stride, outputs, count in stages:
            for index in range(count):
                self.blocks.append(Block(inputs, outputs, expansion, kernel, stride if index == 0 else 1))
                inputs = outputs
        self.head, self.head_norm = SamePadding(inputs, 1280, 1), nn.BatchNorm2d(1280, eps=1e-3)
        self.classifier = nn.Linear(1280, 1000)

    def forward(self, x):
        x = functional.relu6(self.stem_norm(self.stem(x)))
        for block in self.blocks:
            x = block(x)
        embedding = functional.relu6(self.head_norm(self.head(x))).mean((2, 3))
        return embedding, self.classifier(embedding)


def efficientnet_lite(name):
    original = {
        conversion.renamed(key): tensor
        for key, tensor in torch.load(conversion.source(name), map_location="cpu", weights_only=True).items()
    }
    original = {key: tensor for key, tensor in original.items() if not key.endswith("num_batches_tracked")}
    converted = load_file(conversion.target(name))
    assert original.keys() == converted.keys(), original.keys() ^ converted.keys()
    for key, tensor in original.items():
        assert torch.equal(tensor, converted[key]), f"{key} has been converted wrongly"

    network = EfficientNetLite(STAGES[name]).eval()
    parameters = dict(network.state_dict())
    own_names = {key.replace(".conv.weight", ".weight"): key for key in parameters}
    for key, tensor in original.items():
        own = key.replace("stem.conv", "stem").replace("stem.norm", "stem_norm")
        own = own.replace("head.conv", "head").replace("head.norm", "head_norm")
        parameters[own_names[own]].copy_(tensor)
    with torch.inference_mode():
        embedding, logits = network(test_image())
    return {"embedding": embedding, "logits": logits}


def test_image(side=224):
    """[1, 3, side, side], the same as in Tests/NetworksTests/TestImage.swift."""
    channel, y, x = torch.meshgrid(*(torch.arange(n, dtype=torch.float64) for n in (3, side, side)), indexing="ij")
    return (torch.sin(0.05 * x + 0.02 * y * (channel + 1)) + torch.cos(0.11 * y - channel))[None].float()


def main():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    found = {"every-operation": every_operation()} | {name: efficientnet_lite(name) for name in STAGES}
    for name, tensors in found.items():
        path = FIXTURES / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in tensors.items()}, path)
        print(f"{path.relative_to(conversion.ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
