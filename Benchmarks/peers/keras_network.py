#!/usr/bin/env python3
"""A model package's ONNX network as a Keras model with the same weights, for the Flask peer.

As a program it checks the conversion: the logits of both on random images must agree within 1e-3.
Only the operations that the shipped networks have are known; another one ends with an error.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import onnx
from keras import layers, ops


def load(network: Path, width: int, height: int) -> keras.Model:
    """The network from `[N, height, width, 3]` to logits `[N, classes]`, channels last as TensorFlow computes on CPUs."""
    graph = onnx.load(network).graph
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    image = keras.Input((height, width, 3), name="image")
    values = {graph.input[0].name: image}
    for node in graph.node:
        attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        inputs = [values[name] for name in node.input if name in values]
        constants = [weights[name] for name in node.input if name in weights]
        values[node.output[0]] = OPERATIONS[node.op_type](inputs, constants, attributes)
    return keras.Model(image, values["logits"])


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """What TensorFlow's SAME adds before and after."""
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


def convolution(inputs: list, constants: list, attributes: dict):
    (x,), (kernel, bias) = inputs, constants
    size, strides = tuple(attributes["kernel_shape"]), tuple(attributes["strides"])
    top, left, bottom, right = attributes["pads"]
    same = [same_padding(side, k, s) for side, k, s in zip(x.shape[1:3], size, strides)]
    padding = "same"
    if same != [(top, bottom), (left, right)]:
        x, padding = layers.ZeroPadding2D(((top, bottom), (left, right)))(x), "valid"
    groups = attributes.get("group", 1)
    if groups == 1:
        layer = layers.Conv2D(kernel.shape[0], size, strides, padding)
        arranged = kernel.transpose(2, 3, 1, 0)  # ONNX [out, in, h, w], Keras [h, w, in, out]
    elif groups == x.shape[-1] == kernel.shape[0]:
        layer = layers.DepthwiseConv2D(size, strides, padding)
        arranged = kernel.transpose(2, 3, 0, 1)  # Keras [h, w, in, 1]
    else:
        raise NotImplementedError(f"a convolution in {groups} groups")
    result = layer(x)
    layer.set_weights([arranged, bias])
    return result


def dense(inputs: list, constants: list, attributes: dict):
    kernel, bias = constants
    layer = layers.Dense(bias.size)
    result = layer(inputs[0])
    layer.set_weights([kernel.T if attributes.get("transB") else kernel, bias])
    return result


def clip(inputs: list, constants: list, _: dict):
    if [float(limit) for limit in constants] != [0, 6]:
        raise NotImplementedError("Clip other than ReLU6")
    return layers.Activation("relu6")(inputs[0])


OPERATIONS = {
    "Conv": convolution, "Gemm": dense, "Clip": clip,
    "Relu": lambda inputs, *_: layers.ReLU()(inputs[0]),
    "Add": lambda inputs, *_: layers.Add()(inputs),
    "GlobalAveragePool": lambda inputs, *_: layers.GlobalAveragePooling2D()(inputs[0]),
    "Flatten": lambda inputs, *_: layers.Flatten()(inputs[0]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a model package")
    options = parser.parse_args()
    import onnxruntime
    session = onnxruntime.InferenceSession(options.model / "model.onnx")
    _, _, height, width = session.get_inputs()[0].shape
    images = np.random.default_rng(1).standard_normal((4, 3, height, width), dtype=np.float32)
    expected = np.concatenate([session.run(["logits"], {"image": image[None]})[0] for image in images])
    network = load(options.model / "model.onnx", width, height)
    found = ops.convert_to_numpy(network(images.transpose(0, 2, 3, 1)))
    difference = float(np.abs(found - expected).max())
    print(f"largest difference of a logit: {difference:.2e}")
    if not difference < 1e-3:
        raise SystemExit("the Keras network does not answer as the ONNX network does")


if __name__ == "__main__":
    main()
