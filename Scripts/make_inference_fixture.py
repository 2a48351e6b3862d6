"""Writes Tests/Fixtures/inference: a small real network as a model package, and what it answers.

The network has two convolutions with fixed random weights and a classifier fitted by least squares to four colours,
so that its answers are known. The expected outputs come from OpenVINO's Python API and are checked here against plain
NumPy. Run: python Scripts/make_inference_fixture.py  (needs numpy, onnx, openvino, safetensors)
"""

import hashlib
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import onnx
import openvino
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "inference"
SIDE, CHANNELS, CELLS = 32, 16, 8
KEYS = ["benign", "early-pre-b", "pre-b", "pro-b"]
COLOURS = [(210, 60, 60), (60, 190, 70), (70, 80, 220), (200, 190, 60)]
MEAN = np.array([0.5, 0.5, 0.5], np.float32)
DEVIATION = np.array([0.25, 0.25, 0.25], np.float32)


def picture(colour: tuple[int, int, int], seed: int) -> np.ndarray:
    """[32, 32, 3]: one colour with noise and a darker disc."""
    generator = np.random.default_rng(seed)
    image = np.array(colour, np.float64) + generator.normal(0, 18, (SIDE, SIDE, 3))
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    image[(rows - 16) ** 2 + (columns - 13) ** 2 < 49] *= 0.6
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def tensor(image: np.ndarray) -> np.ndarray:
    """[1, 3, 32, 32], the package's normalisation."""
    return np.transpose((image.astype(np.float32) / 255 - MEAN) / DEVIATION, (2, 0, 1))[None]


def ramp(index: int) -> np.ndarray:
    """An input that the Swift tests rebuild without a file: ((i * 7919 + 104729 * index) mod 256) / 128 - 1."""
    i = np.arange(3 * SIDE * SIDE, dtype=np.int64)
    return (((i * 7919 + 104729 * index) % 256).astype(np.float32) / 128 - 1).reshape(1, 3, SIDE, SIDE)


def convolve(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """3x3, stride 2, one pixel of padding at the top and left (and none needed below), then ReLU."""
    height, width = x.shape[2] // 2, x.shape[3] // 2
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    result = np.zeros((x.shape[0], weight.shape[0], height, width))
    for row in range(3):
        for column in range(3):
            part = padded[:, :, row : row + 2 * height : 2, column : column + 2 * width : 2]
            result += np.einsum("nchw,oc->nohw", part, weight[:, :, row, column].astype(np.float64))
    return np.maximum(result + bias.astype(np.float64)[None, :, None, None], 0)


def reference(x: np.ndarray, weights: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits, embedding and features in NumPy, double precision."""
    features = convolve(convolve(x, weights["c1.weight"], weights["c1.bias"]), weights["c2.weight"], weights["c2.bias"])
    embedding = features.mean(axis=(2, 3))
    logits = embedding @ weights["classifier.weight"].T.astype(np.float64) + weights["classifier.bias"]
    return logits, embedding, features


def make_weights() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(20)
    weights = {
        "c1.weight": generator.normal(0, (2 / 27) ** 0.5, (8, 3, 3, 3)).astype(np.float32),
        "c1.bias": generator.normal(0, 0.1, 8).astype(np.float32),
        "c2.weight": generator.normal(0, (2 / 72) ** 0.5, (CHANNELS, 8, 3, 3)).astype(np.float32),
        "c2.bias": generator.normal(0, 0.1, CHANNELS).astype(np.float32),
        "classifier.weight": np.zeros((4, CHANNELS), np.float32),
        "classifier.bias": np.zeros(4, np.float32),
    }
    images = [picture(colour, 100 * k + n) for k, colour in enumerate(COLOURS) for n in range(20)]
    embeddings = reference(np.concatenate([tensor(image) for image in images]), weights)[1]
    targets = np.repeat(np.eye(4) * 12 - 4, 20, axis=0)
    design = np.hstack([embeddings, np.ones((len(images), 1))])
    ridge = design.T @ design + 1e-2 * np.eye(CHANNELS + 1)
    solution = np.linalg.solve(ridge, design.T @ targets)
    weights["classifier.weight"] = solution[:-1].T.astype(np.float32).copy()
    weights["classifier.bias"] = solution[-1].astype(np.float32).copy()
    centroids = embeddings.reshape(4, 20, CHANNELS).mean(axis=1)
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    weights["novelty.centroids"] = centroids.astype(np.float32)
    return weights


def make_onnx(weights: dict[str, np.ndarray], path: Path) -> None:
    names = [name for name in weights if not name.startswith("novelty")]
    convolution = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["image", "c1.weight", "c1.bias"], ["c1"], **convolution),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "c2.weight", "c2.bias"], ["c2"], **convolution),
        helper.make_node("Relu", ["c2"], ["features"]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "classifier.weight", "classifier.bias"], ["logits"], transB=1),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny",
        [value("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [
            value("logits", TensorProto.FLOAT, ["batch", 4]),
            value("embedding", TensorProto.FLOAT, ["batch", CHANNELS]),
            value("features", TensorProto.FLOAT, ["batch", CHANNELS, CELLS, CELLS]),
        ],
        [numpy_helper.from_array(weights[name], name) for name in names],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="leukoscope")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def write_png(image: np.ndarray, path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )


def description(package: Path) -> dict:
    files = ["model.onnx", "parameters.safetensors"]
    return {
        "formatVersion": 1,
        "name": "tiny",
        "version": "0.1.0",
        "createdAt": "2026-01-02T03:04:05Z",
        "architecture": "two-convolutions",
        "classes": [
            {"key": "benign", "displayName": "Benign (haematogones)", "malignant": False},
            {"key": "early-pre-b", "displayName": "Malignant early Pre-B", "malignant": True},
            {"key": "pre-b", "displayName": "Malignant Pre-B", "malignant": True},
            {"key": "pro-b", "displayName": "Malignant Pro-B", "malignant": True},
        ],
        "input": {"name": "image", "width": SIDE, "height": SIDE},
        "outputs": {
            "logits": "logits", "embedding": "embedding", "featureMap": "features",
            "embeddingSize": CHANNELS, "featureMapWidth": CELLS, "featureMapHeight": CELLS,
        },
        "preprocessing": [
            {"step": "resize", "width": SIDE, "height": SIDE},
            {"step": "normalize", "mean": MEAN.tolist(), "deviation": DEVIATION.tolist()},
        ],
        "calibration": {"temperature": 1.5},
        "conformal": {"coverage": 0.95, "thresholds": {key: 0.9 for key in KEYS}},
        "novelty": {"method": "centroid-cosine", "threshold": 0.02},
        "quality": {"minimumContrast": 0.01},
        "decision": {"minimumConfidence": 0.5},
        "precision": "f32",
        "demonstration": True,
        "notice": "A network of two convolutions for tests: it tells four colours apart and knows nothing of blood.",
        "provenance": {
            "dataManifestSHA256": "0" * 64, "configurationSHA256": "0" * 64, "seed": 20,
            "trainingImages": 80, "epochs": 1, "tool": "Scripts/make_inference_fixture.py",
        },
        "files": {name: hashlib.sha256((package / name).read_bytes()).hexdigest() for name in files},
    }


def main() -> None:
    package = ROOT / "tiny-package"
    package.mkdir(parents=True, exist_ok=True)
    weights = make_weights()
    make_onnx(weights, package / "model.onnx")
    parameters = ["classifier.weight", "classifier.bias", "novelty.centroids"]
    save_file({name: weights[name] for name in parameters}, package / "parameters.safetensors")
    (package / "model.json").write_text(json.dumps(description(package), indent=2) + "\n")
    (package / "MODEL_CARD.md").write_text("# tiny\n\nA test network that tells four colours apart. Not for smears.\n")
    (package / "metrics.json").write_text('{"images": 0}\n')

    core = openvino.Core()
    network = core.compile_model(str(package / "model.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    inputs = {f"ramp{n}": ramp(n) for n in range(3)}
    for k, colour in enumerate(COLOURS):
        image = picture(colour, 1000 + k)
        write_png(image, ROOT / f"{KEYS[k]}.png")
        inputs[KEYS[k]] = tensor(image)
    expected = {}
    for name, x in inputs.items():
        answer = network([x])
        for output, check in zip(["logits", "embedding", "features"], reference(x, weights)):
            got = answer[output]
            assert np.allclose(got, check, rtol=1e-4, atol=1e-4), (name, output)
            expected[f"{name}.{output}"] = np.ascontiguousarray(got[0])
        if name in KEYS:
            assert answer["logits"][0].argmax() == KEYS.index(name), name
    save_file(expected, ROOT / "expected.safetensors")
    for path in [ROOT / "expected.safetensors", package / "parameters.safetensors"]:
        path.chmod(0o644)


if __name__ == "__main__":
    main()
