#!/usr/bin/env python3
"""Measures how long decoding and preprocessing of a photograph of 12 megapixels take on one core.

The photograph is put together of drawn smears of 2048 pixels, with the noise of a sensor, and saved as JPEG and as PNG.
`leukoscope predict --json` tells the times of each image (`decodeMs`, `preprocessMs`); the program is held to one core.
The first images of a process are left out, while memory is had for the first time. Needs NumPy and opencv-python.
"""

import argparse
import json
import os

import cv2
import measure
import numpy

WIDTH, HEIGHT = 4000, 3000
TARGET = 60


def photograph(folder, seed: int = 1) -> numpy.ndarray:
    """Four drawn smears side by side, cut to 12 megapixels, with noise of seven grey levels."""
    measure.run([measure.executable("leukoscope-lab"), "draw", "--count", 4, "--side", 2048, "--into", folder])
    tiles = [cv2.imread(str(path)) for path in measure.images_in(folder)]
    whole = numpy.vstack([numpy.hstack(tiles[:2]), numpy.hstack(tiles[2:])])[:HEIGHT, :WIDTH]
    noise = numpy.random.default_rng(seed).normal(0, 7, whole.shape)
    return numpy.clip(whole + noise, 0, 255).astype(numpy.uint8)


def times(path, repetitions: int, skipped: int = 2) -> list[dict]:
    """The times of each image after the first ones, on one core."""
    command = ["taskset", "-c", min(os.sched_getaffinity(0)), measure.executable("leukoscope"), "predict", "--json"]
    lines = measure.run([*command, *[path] * (repetitions + skipped)]).output.splitlines()
    return [json.loads(line)["timings"] for line in lines[skipped:]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=15)
    options = parser.parse_args()
    kinds = {}
    with measure.temporary_folder() as folder:
        image = photograph(folder / "drawn")
        for name, arguments in {
            "jpeg": [cv2.IMWRITE_JPEG_QUALITY, 90],
            "jpeg-progressive": [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
            "png": [],
        }.items():
            path = folder / f"{name}.{name.split('-')[0]}"
            cv2.imwrite(str(path), image, arguments)
            if path.stat().st_size > 20_000_000:
                print(f"{name}: {path.stat().st_size} bytes are over the limit of an upload")
                cv2.imwrite(str(path), image // 8 * 8, arguments)
            found = times(path, options.repetitions)
            kinds[name] = {
                "bytes": path.stat().st_size, "decode": measure.spread([time["decodeMs"] for time in found]),
                "preprocess": measure.spread([time["preprocessMs"] for time in found]),
                "together": measure.spread([time["decodeMs"] + time["preprocessMs"] for time in found]),
            }
            print(f"{name}: {kinds[name]['together']['median']:.1f} ms", flush=True)
    measure.write("decoding", {
        "width": WIDTH, "height": HEIGHT, "repetitions": options.repetitions, "target": TARGET, "kinds": kinds})


if __name__ == "__main__":
    main()
