"""EfficientNet-Lite0 in plain PyTorch: the same network as Sources/Networks, for the training benchmark.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, table 1; the Lite
variant leaves out squeeze-and-excitation and replaces swish by ReLU6. Padding is TensorFlow's SAME, and batch
normalisation has epsilon 1e-3 and momentum 0.01 (0.99 in TensorFlow's reading), as the published weights expect.
"""

from torch import Tensor, nn

# Expansion, kernel size, stride of the first block, output channels, blocks.
STAGES = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
          (6, 3, 1, 320, 1)]


def convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, side: int = 0,
                activation: bool = True) -> list[nn.Module]:
    """Padding as TensorFlow's SAME for images of `side` pixels, convolution, normalisation, ReLU6."""
    layers: list[nn.Module] = []
    padding = kernel // 2
    if stride > 1:
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        if total % 2:  # one more at the right and bottom
            layers.append(nn.ZeroPad2d((total // 2, total - total // 2) * 2))
            padding = 0
        else:
            padding = total // 2
    layers.append(nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False))
    layers.append(nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))
    if activation:
        layers.append(nn.ReLU6(inplace=True))
    return layers


class Block(nn.Module):
    """Inverted residual: expand, depthwise, project; added to its input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int, side: int):
        super().__init__()
        inner = inputs * expansion
        layers = convolution(inputs, inner) if expansion > 1 else []
        layers += convolution(inner, inner, kernel, stride, groups=inner, side=side)
        layers += convolution(inner, outputs, activation=False)
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.adds else self.layers(x)


class EfficientNetLite0(nn.Module):
    """`[N, 3, side, side]` to logits `[N, classes]`."""

    def __init__(self, classes: int = 4, side: int = 224):
        super().__init__()
        layers = convolution(3, 32, 3, 2, side=side)
        side, channels = -(-side // 2), 32
        for expansion, kernel, stride, outputs, blocks in STAGES:
            for index in range(blocks):
                step = stride if index == 0 else 1
                layers.append(Block(channels, outputs, expansion, kernel, step, side))
                side, channels = -(-side // step), outputs
        layers += convolution(320, 1280)
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(1280, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.dropout(self.features(x).mean((2, 3))))
