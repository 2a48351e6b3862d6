#!/usr/bin/env python3
"""Counts how many photographs of screens are told to be such, and how many pictures through a microscope.

    Scripts/screen_trial.py DATA --seed 1

Pictures of DATA (a folder of images, searched below) are shown on a drawn screen and photographed: each dot of the screen has
three stripes of colour and a dark gap; the picture is enlarged 1 to 3 times, the screen turned by up to 6 degrees, a dot is 0.7 to
2.5 pixels of the photograph wide, the lens blurs by 0.4 to 0.8 pixels, and a sensor of red, green and blue points with some noise
samples it, saved as JPEG of quality 90. Where lens and distance even the dots out nothing is left to be seen, so not all can be
told. Prints how many of --count photographs have the reason `screen`, and which of the pictures themselves, of at least 400
pixels a side, have it. Needs NumPy and opencv-python.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
DOT = 6


def photograph(field: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    zoom = draw.uniform(1, 3)
    shown = cv2.resize(field, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)[:500, :500]
    height, width = shown.shape[:2]
    dot = np.zeros((DOT, DOT, 3), np.float32)
    for channel, column in ((2, 0), (1, 2), (0, 4)):
        dot[:DOT - 1, column:column + 2, channel] = 1
    light = np.repeat(np.repeat((shown / 255.0).astype(np.float32) ** 2.2, DOT, 0), DOT, 1) * np.tile(dot, (height, width, 1))
    pitch, turn = draw.uniform(0.7, 2.5), draw.uniform(-6, 6)
    side = int(min(height, width) * pitch * 0.85)
    way = cv2.getRotationMatrix2D((width * DOT / 2, height * DOT / 2), turn, pitch / DOT)
    way[:, 2] += (side / 2 - width * DOT / 2, side / 2 - height * DOT / 2)
    blurred = cv2.GaussianBlur(light, (0, 0), draw.uniform(0.4, 0.8) * DOT / pitch)
    seen = cv2.warpAffine(blurred, way, (side, side), flags=cv2.INTER_LINEAR)
    points = np.empty((side, side), np.float32)
    points[::2, ::2], points[1::2, 1::2] = seen[::2, ::2, 2], seen[1::2, 1::2, 0]
    points[::2, 1::2], points[1::2, ::2] = seen[::2, 1::2, 1], seen[1::2, ::2, 1]
    points = np.clip(points / np.percentile(points, 99.5), 0, 1) + draw.normal(0, 0.008, points.shape)
    return cv2.cvtColor((np.clip(points, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8), cv2.COLOR_BayerRG2BGR)


def screens(paths: list[str], options: argparse.Namespace) -> list[str]:
    """Which of the files are said to show a screen."""
    found = []
    for start in range(0, len(paths), 200):
        answer = subprocess.run([options.binary, "predict", "--model", options.model, "--json", *paths[start:start + 200]],
                                stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        for line in answer.stdout.splitlines():
            record = json.loads(line)
            if "screen" in record.get("reasonCodes", []):
                found.append(record["file"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="photographs")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/leukoscope"))
    parser.add_argument("--model", default=str(ROOT / "Models/release"))
    options = parser.parse_args()
    paths = sorted(str(path) for path in options.data.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not paths:
        sys.exit(f"{options.data} holds no images (JPEG, PNG)")
    random.seed(options.seed)
    draw = np.random.default_rng(options.seed)
    made = large = 0
    with tempfile.TemporaryDirectory(prefix="screens-") as folder:
        for path in random.sample(paths, min(len(paths), 4 * options.count)):
            image = photograph(cv2.imread(path, cv2.IMREAD_COLOR), draw)
            if made == options.count:
                break
            if min(image.shape[:2]) >= 400:
                cv2.imwrite(f"{folder}/{made:04}.jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])
                made += 1
        told = screens(sorted(str(path) for path in Path(folder).iterdir()), options)
    real = [path for path in paths if min(cv2.imread(path, cv2.IMREAD_COLOR).shape[:2]) >= 400]
    large = len(real)
    wrong = screens(real, options)
    for path in wrong:
        print(f"{path}: told to be a photograph of a screen")
    print(f"{len(told)} of {made} photographs of screens are told to be such; {len(wrong)} of {large} pictures of at least 400 pixels")


if __name__ == "__main__":
    main()
