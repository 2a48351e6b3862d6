#!/usr/bin/env python3
"""Measures `leukoscope predict` over many images against OpenVINO alone on the same model, turn by turn in one run.

Leukoscope's side is the whole program from its start to its end: loading and checking the model, reading, decoding,
preprocessing, inference, decision, JSON. The peer's side is inference of tensors made beforehand, and nothing else.
Also measured: peak memory, and the time from the start of the process to its first answer.
"""

import argparse
import json
import sys
from pathlib import Path

import measure

PEER = measure.ROOT / "Benchmarks" / "peers" / "infer_openvino.py"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a model package; else the release model, or the demonstration model")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--data", type=Path, help="a folder of images; else drawn smears")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def shipped_model() -> Path:
    """The release model, which is the largest; the demonstration model stands in where only that is there."""
    packages = [path.parent for path in (measure.ROOT / "Models").glob("*/model.json")]
    if not packages:
        sys.exit("no model package in Models/; name one with --model")
    return max(packages, key=lambda package: (package / "model.onnx").stat().st_size)


def answers(output: str) -> int:
    """How many lines hold an answer with four probabilities that sum to one."""
    found = 0
    for line in output.splitlines():
        probabilities = json.loads(line).get("probabilities", {})
        found += len(probabilities) == 4 and abs(sum(probabilities.values()) - 1) < 1e-3
    return found


def main() -> None:
    options = arguments()
    model = (options.model or shipped_model()).resolve()
    data = options.data or measure.drawn_smears(options.images, "jpeg")
    images = measure.images_in(data)[:options.images]
    if len(images) < options.images:
        sys.exit(f"{data} has {len(images)} images, {options.images} are needed")
    predict = [measure.executable("leukoscope"), "predict", "--model", model, "--json"]
    peer = [sys.executable, PEER, "--model", model, "--images", len(images)]
    speeds, peaks, starts, peer_facts = {"leukoscope": [], "openvino": []}, [], [], {}
    for number in range(options.rounds):
        for name in sorted(speeds, reverse=number % 2 == 1):
            if name == "leukoscope":
                whole = measure.run([*predict, *images])
                if answers(whole.output) != len(images):
                    sys.exit(f"{answers(whole.output)} of {len(images)} images were answered")
                speeds[name].append(len(images) / whole.seconds)
                peaks.append(whole.peakMegabytes)
            else:
                peer_facts = measure.last_json(measure.run(peer).output)
                speeds[name].append(peer_facts["imagesPerSecond"])
        starts.append(measure.run([*predict, images[number % len(images)]]).firstLineSeconds)
        print(f"round {number + 1}/{options.rounds}: leukoscope {speeds['leukoscope'][-1]:.0f}, openvino alone "
              f"{speeds['openvino'][-1]:.0f} images/s, {peaks[-1]:.0f} MB, first answer {starts[-1]:.2f} s", flush=True)
    measure.write("inference", {
        "model": model.name, "precision": peer_facts["precision"], "requests": peer_facts["requests"],
        "images": len(images), "rounds": options.rounds,
        "data": "drawn smears as JPEG" if options.data is None else options.data.name,
        "imagesPerSecond": {name: measure.spread(values) for name, values in speeds.items()},
        "turns": speeds,
        "ratio": measure.spread([mine / other for mine, other in zip(speeds["leukoscope"], speeds["openvino"])]),
        "peakMegabytes": measure.spread(peaks), "firstAnswerSeconds": measure.spread(starts),
    })


if __name__ == "__main__":
    main()
