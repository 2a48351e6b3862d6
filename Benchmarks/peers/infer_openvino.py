#!/usr/bin/env python3
"""Runs a model on OpenVINO alone and prints images per second, as JSON: what `leukoscope predict` is measured against.

The tensors are made beforehand; only inference is on the clock: one image a request, the THROUGHPUT hint, and as many
asynchronous requests in flight as OpenVINO calls optimal.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import openvino as ov


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a model package: model.onnx and model.json")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--warmup", type=int, default=50)
    options = parser.parse_args()
    description = json.loads((options.model / "model.json").read_text())
    side = description["input"]
    network = ov.Core().read_model(options.model / "model.onnx")
    network.reshape([1, 3, side["height"], side["width"]])
    compiled = ov.Core().compile_model(network, "CPU", {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": description.get("precision", "f32"),
    })
    random = np.random.default_rng(1)
    tensors = [random.standard_normal((1, 3, side["height"], side["width"]), dtype=np.float32) for _ in range(32)]
    queue = ov.AsyncInferQueue(compiled)
    answers = []
    # Reading the logits is part of an answer; everything else stays where OpenVINO put it.
    queue.set_callback(lambda request, _: answers.append(int(request.get_tensor("logits").data.argmax())))
    for count in (options.warmup, options.images):
        answers.clear()
        begin = time.perf_counter()
        for index in range(count):
            queue.start_async([tensors[index % len(tensors)]], share_inputs=True)
        queue.wait_all()
        seconds = time.perf_counter() - begin
    assert len(answers) == options.images
    print(json.dumps({"imagesPerSecond": options.images / seconds, "images": options.images, "requests": len(queue),
                      "precision": description.get("precision", "f32"), "openvino": ov.__version__.split("-")[0]}))


if __name__ == "__main__":
    main()
